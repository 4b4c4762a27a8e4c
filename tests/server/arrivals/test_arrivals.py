"""Who gets a connection, with time and addresses in the test's hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.arrivals.arrivals import (
    HANDSHAKE_BURST,
    HANDSHAKES_PER_S,
    LEAST,
    RESERVE,
    SPARE,
    STRANGER,
    TELL_EACH_S,
    TOTAL,
    Arrivals,
    Refusal,
    Tally,
    TooFewDescriptors,
    connections_within,
)
from server.arrivals.limits import Seat
from server.arrivals.neighbours import Neighbours

PEER = "192.168.1.9"


def arrivals(total: int = TOTAL, *, is_tls: bool = True) -> Arrivals:
    return Arrivals(total, is_tls, Neighbours())


@pytest.mark.parametrize("peer", ["8.8.8.8", "::ffff:8.8.8.8", "2a00::1", "100.64.0.1", "", "nonsense"])
def test_a_peer_from_elsewhere_takes_nothing(peer: str) -> None:
    door = arrivals()
    assert {door.arrive(peer, 0) for _ in range(1000)} == {Refusal.AWAY}
    assert door._seats._taken == {}
    assert door._rates._buckets == {}


def test_an_address_has_its_seats_and_gets_them_back() -> None:
    door = arrivals()
    seats = [door.arrive(PEER, 0) for _ in range(STRANGER + 5)]
    assert [seat is Refusal.CROWDED for seat in seats] == [False] * STRANGER + [True] * 5
    assert isinstance(seats[0], Seat)
    door.leave(seats[0])
    assert isinstance(door.arrive(PEER, 0), Seat)


def test_who_shakes_hands_too_often_waits_and_is_served_again() -> None:
    door = arrivals()
    for _ in range(int(HANDSHAKE_BURST)):
        seat = door.arrive(PEER, 0)
        assert isinstance(seat, Seat)
        door.leave(seat)
    assert door.arrive(PEER, 0) is Refusal.HASTY
    assert isinstance(door.arrive("192.168.1.10", 0), Seat)
    assert isinstance(door.arrive(PEER, 2 / HANDSHAKES_PER_S), Seat)


def test_without_tls_nobody_is_hasty() -> None:
    door = arrivals(is_tls=False)
    for _ in range(1000):
        seat = door.arrive("127.0.0.1", 0)
        assert isinstance(seat, Seat)
        door.leave(seat)


@settings(deadline=None)  # a busy machine is no fault
@given(st.integers(LEAST, TOTAL), st.lists(st.integers(0, 2**16 - 1), max_size=400))
def test_whoever_comes_the_reserve_is_for_where_a_reader_was_heard(total: int, hosts: list[int]) -> None:
    door = arrivals(total, is_tls=False)
    door.neighbours.heard(PEER)
    for host in hosts:
        door.arrive(f"10.9.{host >> 8}.{host & 255}", 0)
    assert isinstance(door.arrive(PEER, 0), Seat)
    assert door._seats._all <= total


def test_connections_leave_descriptors_for_everything_else() -> None:
    assert connections_within(100_000) == TOTAL
    assert connections_within(TOTAL + SPARE) == TOTAL
    assert connections_within(128) == 128 - SPARE
    assert TOTAL > RESERVE > STRANGER
    with pytest.raises(TooFewDescriptors, match="needs 80"):
        connections_within(79)


def test_a_flood_is_told_once_a_minute_and_counted_whole() -> None:
    told: list[str] = []
    tally = Tally(told.append)
    for second in range(600):
        for _ in range(20):
            tally.count("crowded", float(second))
        tally.count("away", float(second))
    assert len(told) == 600 / TELL_EACH_S
    assert told[0] == "crowded=1"
    assert told[1] == f"away={TELL_EACH_S:.0f} crowded={20 * TELL_EACH_S:.0f}"

"""Buckets and seats, with time in the test's hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.arrivals.limits import Rates, Seats, TokenBucket
from server.arrivals.neighbours import MOST_KNOWN, Neighbours
from server.errors import Refused


def test_a_bucket_gives_its_burst_then_its_rate() -> None:
    bucket = TokenBucket(2, 3)
    assert [bucket.take(0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert bucket.take(10) == 0


def test_a_bucket_refuses_without_taking() -> None:
    bucket = TokenBucket(1, 1)
    assert bucket.try_take(0)
    assert not bucket.try_take(0.5)
    assert bucket.try_take(1.0)


@given(st.lists(st.floats(0, 5), max_size=60))
def test_no_more_than_burst_and_rate_is_ever_given(pauses: list[float]) -> None:
    bucket, now_s, given_out = TokenBucket(2, 5), 0.0, 0
    for pause in pauses:
        now_s += pause
        given_out += bucket.try_take(now_s)
    assert given_out <= 5 + 2 * now_s + 1e-6


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = TokenBucket(1, 1)
    bucket.take(100)
    assert not bucket.try_take(0)


def test_peers_that_are_quiet_are_forgotten() -> None:
    rates = Rates(1, 1, Neighbours())
    for peer in range(1000):
        rates.of(str(peer), peer * 10.0).take(peer * 10.0)
    assert len(rates._buckets) <= 130


def seats(total: int = 9, reserve: int = 3) -> Seats:
    return Seats(total, each=4, stranger=2, party=3, reserve=reserve, neighbours=Neighbours())


def test_seats_are_counted_for_all_and_for_each() -> None:
    held = seats()
    taken = [held.take("10.0.0.1") for _ in range(3)]
    assert [seat is not None for seat in taken] == [True, True, False]
    assert held.take("10.0.0.2") is not None, "another address has its own"
    assert taken[0] is not None
    held.leave(taken[0])
    assert held.take("10.0.0.1") is not None


def test_a_guest_with_every_address_of_a_prefix_has_one_party_share() -> None:
    held = seats()
    got = [held.take(f"fd00::{number:x}") for number in range(1, 200)]
    assert sum(seat is not None for seat in got) == 3
    assert held.take("fd00:0:0:1::1") is not None, "another /64 is another party"


@pytest.mark.parametrize("prefix", ["fe80::{:x}%eth0", "fd12:3456::{:x}", "fe80::{:x}", "fc00:0:0:7:{:x}::1"])
def test_link_local_is_a_party_like_any_other(prefix: str) -> None:
    held = seats()
    assert sum(held.take(prefix.format(number)) is not None for number in range(1, 200)) == 3


def test_an_ipv4_mapped_address_is_the_ipv4_address() -> None:
    held = seats()
    got = [
        held.take(peer) for peer in ("192.168.1.9", "::ffff:192.168.1.9", "::ffff:c0a8:109", "192.168.1.9")
    ]
    assert sum(seat is not None for seat in got) == 2


def test_a_guest_with_many_ipv4_addresses_leaves_the_reserve_to_where_readers_were_heard() -> None:
    held = seats()
    held.neighbours.heard("10.0.0.77")
    strangers = [held.take(f"10.0.{number >> 8}.{number & 255}") for number in range(1, 70)]
    assert sum(seat is not None for seat in strangers) == 6
    assert [held.take("10.0.0.77") is not None for _ in range(4)] == [True, True, True, False]
    assert held.take("10.9.9.9") is None


def test_a_known_address_has_its_share_whatever_its_prefix_does() -> None:
    held = seats(total=20)
    held.neighbours.heard("fd00::77")
    for number in range(1, 70):
        held.take(f"fd00::1:{number:x}")
    assert [held.take("fd00::77") is not None for _ in range(5)] == [True, True, True, True, False]


@settings(deadline=None)  # a busy machine is no fault
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["take", "leave", "heard"]),
            st.integers(0, 12),
            st.sampled_from(["10.0.0.{}", "fd00::{}"]),
        ),
        max_size=150,
    )
)
def test_whatever_comes_and_goes_no_share_is_exceeded_and_every_seat_comes_back(
    steps: list[tuple[str, int, str]],
) -> None:
    held, taken = seats(), []
    for what, number, form in steps:
        peer = form.format(number)
        match what:
            case "take":
                seat = held.take(peer)
                taken += [seat] if seat is not None else []
            case "leave" if taken:
                held.leave(taken.pop(number % len(taken)))
            case "heard":
                held.neighbours.heard(peer)
        assert len(taken) <= held.total
        assert sum(seat.stranger for seat in taken) <= held.total - held.reserve
        for payer in {payer for seat in taken for payer in seat.payers}:
            assert sum(payer in seat.payers for seat in taken) <= held.each
    for seat in taken:
        held.leave(seat)
    assert (held._all, held._strangers, held._taken) == (0, 0, {})


def test_only_so_many_neighbours_are_remembered_and_the_newest_are() -> None:
    neighbours = Neighbours()
    for number in range(3 * MOST_KNOWN):
        neighbours.heard(f"10.0.{number >> 8}.{number & 255}")
        neighbours.heard("10.9.9.9")
    assert len(neighbours._known) == MOST_KNOWN
    assert neighbours.knows("10.9.9.9")
    assert neighbours.knows("::ffff:10.9.9.9")
    assert not neighbours.knows("10.0.0.0")


def test_a_guest_who_changes_addresses_within_a_prefix_gets_no_new_bucket() -> None:
    rates = Rates(1, 4, Neighbours())
    assert sum(rates.of(f"fd00::{number:x}", 0).try_take(0) for number in range(1, 100)) == 4
    rates.neighbours.heard("fd00::77")
    assert rates.of("fd00::77", 0).try_take(0), "a reader pays for itself"


def test_a_seat_is_given_back_whatever_happens() -> None:
    held, full = seats(total=1, reserve=0), Refused(429, "full", "Full.")
    with pytest.raises(RuntimeError), held.seat("10.0.0.1", lambda: full):
        raise RuntimeError("oh")
    with (
        held.seat("10.0.0.1", lambda: full),
        pytest.raises(Refused),
        held.seat("10.0.0.2", lambda: full),
    ):
        pass

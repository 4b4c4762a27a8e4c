"""Buckets and seats, with time in the test's hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import Refused
from server.limits import Rates, Seats, TokenBucket


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
    rates = Rates(1, 1)
    for peer in range(1000):
        rates.of(str(peer), peer * 10.0).take(peer * 10.0)
    assert len(rates._buckets) <= 130


def test_seats_are_counted_for_all_and_for_each() -> None:
    seats = Seats(3, 2)
    assert [seats.take("a"), seats.take("a"), seats.take("a"), seats.take("b"), seats.take("c")] == [
        True,
        True,
        False,
        True,
        False,
    ]
    seats.leave("a")
    assert seats.take("c")


def test_a_seat_is_given_back_whatever_happens() -> None:
    seats, full = Seats(1, 1), Refused(429, "full", "Full.")
    with pytest.raises(RuntimeError), seats.seat("a", lambda: full):
        raise RuntimeError("oh")
    with seats.seat("a", lambda: full), pytest.raises(Refused), seats.seat("b", lambda: full):
        pass

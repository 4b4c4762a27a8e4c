"""Shares: what is spent comes back in a day, and nobody spends another's."""

from hypothesis import given
from hypothesis import strategies as st

from device.allowance.allowance import (
    CARD,
    CARD_BYTES,
    DAY_US,
    NEW_CARD,
    READER_BYTES,
    TOGETHER,
    TOGETHER_BYTES,
    Allowance,
)

A, B = b"a" * 32, b"b" * 32


def spend_all(allowance: Allowance, account: bytes, now_us: int) -> int:
    taken = 0
    while allowance.take(account, 1024, now_us) is None:
        taken += 1024
    return taken


def test_a_reader_has_a_share_and_no_more_and_another_reader_has_theirs() -> None:
    allowance = Allowance(0)
    assert spend_all(allowance, A, 0) == READER_BYTES
    assert allowance.take(A, 1024, 0) == A
    assert allowance.take(B, 1024, 0) is None


def test_what_was_spent_comes_back_in_a_day_and_half_of_it_in_half_a_day() -> None:
    allowance = Allowance(0)
    spend_all(allowance, A, 0)
    assert spend_all(allowance, A, DAY_US // 2) == READER_BYTES // 2
    assert spend_all(allowance, A, 40 * DAY_US) == READER_BYTES


def test_all_together_have_a_share_too_and_the_card_does_not_wait_for_them() -> None:
    allowance = Allowance(0)
    readers = [bytes([number]) * 32 for number in range(16)]
    assert sum(spend_all(allowance, reader, 0) for reader in readers) == TOGETHER_BYTES
    assert allowance.take(readers[-1], 1024, 0) == TOGETHER
    assert spend_all(allowance, CARD, 0) == CARD_BYTES
    assert allowance.take(NEW_CARD, 60_000, 0) is None, "nor a new card for the card"


def test_what_was_given_back_can_be_spent_again_and_no_more_than_that() -> None:
    allowance = Allowance(0)
    for _ in range(10):
        assert allowance.take(A, READER_BYTES, 0) is None
        allowance.give_back(A, READER_BYTES, 0)
    allowance.give_back(A, READER_BYTES, 0)
    assert spend_all(allowance, A, 0) == READER_BYTES


def test_that_a_share_is_spent_is_news_once_until_half_of_it_has_come_back() -> None:
    allowance = Allowance(0)
    spend_all(allowance, A, 0)
    assert [allowance.is_news(A) for _ in range(3)] == [True, False, False]
    spend_all(allowance, A, DAY_US // 3)
    assert not allowance.is_news(A)
    spend_all(allowance, A, DAY_US)
    assert allowance.is_news(A)


@given(
    st.lists(
        st.tuples(st.sampled_from([A, B, CARD]), st.integers(1, 300_000), st.integers(0, DAY_US)), max_size=60
    )
)
def test_nobody_ever_takes_more_than_a_share_and_what_came_back(
    takes: list[tuple[bytes, int, int]],
) -> None:
    allowance, now_us, taken = Allowance(0), 0, {A: 0, B: 0, CARD: 0}
    for account, cost_bytes, past_us in takes:
        now_us += past_us
        if allowance.take(account, cost_bytes, now_us) is None:
            taken[account] += cost_bytes
    days = 1 + now_us / DAY_US
    assert taken[A] <= READER_BYTES * days + 1
    assert taken[B] <= READER_BYTES * days + 1
    assert taken[CARD] <= CARD_BYTES * days + 1
    assert taken[A] + taken[B] <= TOGETHER_BYTES * days + 1

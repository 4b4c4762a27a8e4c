"""The pace of the link: no flood takes the processor from whoever records."""

from hypothesis import given
from hypothesis import strategies as st

from device.desk.pace import SECOND_US, WORK_US, Pace


def test_whoever_works_little_never_rests() -> None:
    pace = Pace()
    assert not any(pace.rest_us(now_us, now_us // 4) for now_us in range(0, 60 * SECOND_US, 10_000))


def test_whoever_has_worked_for_its_share_rests_until_the_second_is_over() -> None:
    pace = Pace()
    assert pace.rest_us(5_000_000, 100) == 0
    assert pace.rest_us(5_399_999, 100 + WORK_US - 1) == 0
    assert pace.rest_us(5_450_000, 100 + WORK_US) == 550_000
    assert pace.rest_us(6_000_000, 100 + WORK_US) == 0
    assert pace.rest_us(6_400_000, 100 + 2 * WORK_US) == 600_000


def test_a_clock_that_stands_or_jumps_makes_no_long_rest() -> None:
    pace = Pace()
    for now_us in (10**15, 0, 10**15, 5, 5):
        assert 0 <= pace.rest_us(now_us, now_us) <= SECOND_US


@given(st.lists(st.integers(100, 300_000), max_size=200))
def test_it_never_works_for_much_more_than_its_share(works_us: list[int]) -> None:
    pace, now_us, worked_us = Pace(), 0, 0
    for work_us in works_us:
        now_us, worked_us = now_us + work_us, worked_us + work_us
        rest_us = pace.rest_us(now_us, worked_us)
        assert rest_us <= SECOND_US
        now_us += rest_us
    assert worked_us <= (now_us // SECOND_US + 1) * (WORK_US + 300_000)

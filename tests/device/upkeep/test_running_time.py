"""Running time: what a door ran decides how old its clips are, and every loss makes them younger."""

from hypothesis import given
from hypothesis import strategies as st

from device.upkeep.running_time import QUARTER_S, STEPS, RunningTime

MONTH_S = 30 * 86_400.0


def fresh(span_s: float = MONTH_S) -> RunningTime:
    return RunningTime(0, (), span_s)


def test_a_clip_ages_by_what_the_door_runs_after_it() -> None:
    time = fresh()
    assert time.age_s(1) == 0.0
    assert time.count(QUARTER_S, ended_below=2, oldest=1)
    assert time.quarters == 1
    assert time.age_s(1) == 0.0, "the mark's time is rounded up"
    assert not time.count(2 * QUARTER_S - 1, 2, 1)
    time.count(74 * 3600, 2, 1)
    assert time.age_s(1) == 74 * 3600 - 2 * QUARTER_S
    assert time.age_s(2) == 0.0, "it has not ended by any mark"


def test_what_is_not_a_whole_quarter_is_lost_with_a_restart() -> None:
    time = fresh()
    time.count(3.9 * QUARTER_S, 5, 1)
    again = RunningTime(time.quarters, time.marks, MONTH_S)
    assert again.quarters == 3
    assert again.age_s(4) == 0.0
    again.count(10 * QUARTER_S, 5, 1)
    assert again.age_s(4) == (13 - 4) * QUARTER_S


def test_a_time_that_goes_back_within_a_run_makes_nothing_younger() -> None:
    time = fresh()
    time.count(100 * QUARTER_S, 3, 1)
    time.count(200 * QUARTER_S, 3, 1)
    age_s = time.age_s(2)
    assert not time.count(150 * QUARTER_S, 3, 1)
    assert time.age_s(2) == age_s


def test_marks_that_do_not_rise_count_for_nothing() -> None:
    time = RunningTime(500, [(10, 5), (9, 9), (12, 5), (400, 8)], MONTH_S)
    assert time.marks == [(10, 5), (400, 8)]
    time.count(0.0, 9, 1)
    assert time.age_s(4) == 490 * QUARTER_S
    assert time.age_s(6) == 100 * QUARTER_S


def test_marks_of_clips_that_are_gone_are_dropped() -> None:
    time = fresh(86_400.0)
    for quarter in range(1, 20):
        time.count(quarter * QUARTER_S, quarter + 1, oldest=15)
    assert [clip for _, clip in time.marks] == [16, 17, 18, 19, 20]


def test_ten_years_of_clips_take_so_many_marks_and_ages_stay_near_the_truth() -> None:
    time, span_s = fresh(3650 * 86_400.0), 3650 * 86_400.0
    for quarter in range(1, 3650 * 96, 61):
        time.count(quarter * QUARTER_S, quarter + 1, oldest=1)
    assert len(time.marks) <= 2 * STEPS + 2
    for quarter in range(1, 3650 * 96, 4999):
        true_s = time.quarters * QUARTER_S - quarter * QUARTER_S
        assert true_s - span_s / STEPS - 70 * QUARTER_S <= time.age_s(quarter) <= true_s


@given(
    steps=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 3)), max_size=40),
    span_s=st.sampled_from([86_400.0, MONTH_S, 3650 * 86_400.0]),
)
def test_a_clip_is_never_taken_for_older_than_it_is_nor_than_one_before_it(
    steps: list[tuple[int, int]], span_s: float
) -> None:
    time, now_s, ended_s = fresh(span_s), 0, {}
    for passed_s, clips in steps:
        for _ in range(clips):
            ended_s[len(ended_s) + 1] = now_s
        now_s += passed_s
        time.count(now_s, len(ended_s) + 1, 1)
        ages_s = [time.age_s(clip) for clip in sorted(ended_s)]
        assert ages_s == sorted(ages_s, reverse=True)
        assert all(age_s <= now_s - ended_s[clip] for clip, age_s in enumerate(ages_s, 1))

from hypothesis import given
from hypothesis import strategies as st

from device.camera.ladder import (
    CALM_US,
    HASTE,
    OFTEN,
    SOON_US,
    THINNEST,
    Ladder,
    Thinning,
    lower_fps,
)

FRAME_US = 66_666


def test_a_camera_that_fails_now_and_then_is_only_opened_again():
    ladder = Ladder()
    for number in range(20):
        ladder.failed(number * SOON_US, encoder=False)
        assert not ladder.software


def test_a_camera_that_fails_often_goes_on_with_x264_and_stays_with_it():
    ladder = Ladder()
    steps = []
    for number in range(OFTEN + 2):
        ladder.failed(number * 1_000_000, encoder=False)
        steps.append(ladder.software)
    ladder.failed(9 * SOON_US, encoder=False)
    assert steps == [False] * (OFTEN - 1) + [True] * 3
    assert ladder.software, "a camera that went well for a while is no reason to go back"


def test_an_encoder_that_falls_silent_is_left_alone_at_once():
    ladder = Ladder()
    ladder.failed(1, encoder=True)
    assert ladder.software


def test_x264_stands_in_at_a_lower_rate_that_still_shows_who_comes():
    assert [lower_fps(fps) for fps in (30, 15, 7, 5)] == [20, 10, 5, 5]


def hurried(thinning, count, from_us=0):
    return [thinning.late(from_us + number * FRAME_US) for number in range(count)]


def test_one_late_picture_changes_nothing_and_several_halve_the_rate_and_are_said_once():
    thinning = Thinning()
    assert hurried(thinning, HASTE) == [False] * (HASTE - 1) + [True]
    wanted = [thinning.wants(1_000_000 + number * FRAME_US) for number in range(10)]
    assert sum(wanted) == 5


def test_late_pictures_far_apart_are_no_haste():
    thinning = Thinning()
    assert not any(thinning.late(number * 10_000_000) for number in range(20))
    assert thinning.share == 1


def test_after_a_calm_while_more_is_tried_again_a_step_at_a_time():
    thinning = Thinning()
    hurried(thinning, HASTE * (THINNEST - 1))
    assert thinning.share == THINNEST
    thinning.wants(2 * CALM_US)
    assert thinning.share == THINNEST - 1
    thinning.wants(2 * CALM_US + FRAME_US)
    assert thinning.share == THINNEST - 1
    thinning.wants(3 * CALM_US + FRAME_US)
    assert thinning.share == 1


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2 * CALM_US)), max_size=200))
def test_whatever_comes_at_least_one_picture_of_three_is_encoded(events):
    thinning, at_us, without = Thinning(), 0, 0
    for late, after_us in events:
        at_us += after_us
        if thinning.wants(at_us):
            without = 0
            if late:
                thinning.late(at_us)
        else:
            without += 1
        assert without < 2 * THINNEST
        assert 1 <= thinning.share <= THINNEST

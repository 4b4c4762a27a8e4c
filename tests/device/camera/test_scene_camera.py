from itertools import islice, pairwise

import numpy as np
import pytest

from device.camera.doorstep.letters import dots
from device.camera.doorstep.script import DUSK_US, HALF_DAY_US, daylight, visits
from device.camera.painter import Painter
from device.camera.protocol import AccessUnit, Luma, Pressed, VideoFormat
from device.camera.scene import Scene
from device.camera.software import SoftwareCamera
from device.contract.settings import Settings

SMALL = VideoFormat(320, 192, 10)


def scene(**options) -> Scene:
    return Scene(SMALL, realtime=False, **options)


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """Return the share of Y above the plate with the clock that differs by more than the noise can."""
    rows = slice(0, 170)
    return float(np.mean(np.abs(a[rows].astype(int) - b[rows].astype(int)) > 12))


def test_the_first_visitor_comes_soon_rings_and_leaves():
    first = next(visits(seed=7))
    assert (first.kind, first.from_us, first.pressed_us, first.to_us) == (
        "ring",
        3_000_000,
        5_500_000,
        12_000_000,
    )


def test_later_visits_leave_pauses_and_some_do_not_ring():
    many = list(islice(visits(seed=7), 60))
    assert {visit.kind for visit in many} == {"ring", "parcel", "cat"}
    for one, following in pairwise(many):
        assert 45_000_000 <= following.from_us - one.from_us < 60_000_000
        assert following.from_us - one.to_us > 20_000_000
    assert all((visit.pressed_us is None) == (visit.kind != "ring") for visit in many)


def test_the_same_seed_is_the_same_day_and_another_seed_another():
    assert list(islice(visits(3), 20)) == list(islice(visits(3), 20)) != list(islice(visits(4), 20))


def test_day_and_night_turn_into_each_other_without_a_step():
    assert daylight(0) == 1.0
    assert daylight(HALF_DAY_US) == 0.0
    steps = [daylight(at_us) for at_us in range(0, 4 * HALF_DAY_US, 100_000)]
    assert max(abs(b - a) for a, b in pairwise(steps)) <= 100_000 / DUSK_US + 1e-9


def test_somebody_is_in_the_picture_during_a_visit_and_nobody_before_and_after():
    drawn = scene()
    empty = drawn.picture(1_000_000)
    assert difference(drawn.picture(2_900_000), empty) == 0
    assert difference(drawn.picture(5_500_000), empty) > 0.03
    assert difference(drawn.picture(12_000_000), empty) == 0


@pytest.mark.parametrize("kind", ["ring", "parcel", "cat"])
def test_every_kind_of_visit_shows_by_day_and_by_night(kind):
    drawn = scene()
    for night in (False, True):
        visit = next(
            v for v in visits(7) if v.kind == kind and daylight(v.from_us) == daylight(v.to_us) == 1 - night
        )
        middle = drawn.picture((visit.from_us + visit.to_us) // 2)
        assert difference(middle, drawn.picture(visit.from_us - 1_000_000)) > 0.003


def test_nights_are_dark_and_noisy():
    drawn = scene()
    day, night = drawn.picture(1_000_000)[:150], drawn.picture(HALF_DAY_US + 1_000_000)[:150]
    assert night.mean() < 0.6 * day.mean()
    later = drawn.picture(HALF_DAY_US + 1_500_000)[:150].astype(int)
    assert 3 < (later - night).std() / 2**0.5 < 6


def test_a_picture_can_be_drawn_again_to_the_last_pixel():
    frames = [(frame.at_us, frame.i420.copy()) for frame in islice(scene(seed=5).frames(), 60)]
    again = scene(seed=5)
    for at_us, i420 in frames[::7]:
        assert np.array_equal(again.picture(at_us), i420)


def test_the_canary_can_be_read_in_every_picture():
    big = Scene(VideoFormat(1280, 720, 10), realtime=False, canary="wren 42")
    for at_us in (0, 5_500_000, HALF_DAY_US):
        plate = big.picture(at_us)[670:691, 38 : 38 + 18 * len("wren 42")]
        assert np.array_equal(plate > 150, dots("wren 42").repeat(3, 0).repeat(3, 1) > 0)


def test_a_letter_that_has_no_dots_is_a_block():
    assert dots("é")[:, :5].all()


def test_the_bell_is_pressed_once_for_each_ring_before_its_frame():
    camera = SoftwareCamera(scene(), Painter(scene().video, Settings()))
    items = list(islice(camera.captured(), 2 * 100 + 1))
    pressed = [item for item in items if isinstance(item, Pressed)]
    assert [item.at_us for item in pressed] == [5_500_000]
    at = items.index(pressed[0])
    assert isinstance(items[at + 1], Luma)
    assert isinstance(items[at + 2], AccessUnit)
    assert items[at + 1].at_us == items[at + 2].at_us == 5_500_000


def test_as_fast_as_possible_times_count_frames_from_zero():
    assert [frame.at_us for frame in islice(scene().frames(), 4)] == [0, 100_000, 200_000, 300_000]


def test_in_real_time_a_late_frame_is_left_out(monkeypatch):
    now_us = 1_000_000_000
    monkeypatch.setattr("device.camera.frames._now_us", lambda: now_us)
    frames = Scene(SMALL, realtime=True).frames()
    assert next(frames).at_us == now_us
    now_us += 100_000
    assert next(frames).at_us == now_us
    now_us += 450_000
    assert next(frames).at_us == 1_000_500_000
    now_us += 60_000
    assert next(frames).at_us == 1_000_600_000


def test_stopping_ends_the_frames():
    drawn = scene()
    frames = drawn.frames()
    next(frames)
    drawn.stop()
    assert list(frames) == []

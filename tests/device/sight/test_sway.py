"""A camera that swings: what it shows is put back, and whoever is there is seen all the same."""

import cv2
import numpy as np
import pytest

from bench.motion.scenes import Maker
from device.sight.motion import MotionDetector
from device.sight.structure import structure
from device.sight.sway import put_back

SLAM_S, SETTLED_S = 6.0, 20.0


def place(seed: int = 3) -> np.ndarray:
    scene = Maker("yard", seed, 10).visits("quiet", 1)
    return cv2.resize(next(scene.frames()), (160, 90), interpolation=cv2.INTER_AREA)


def moved(picture: np.ndarray, aside: float, down: float) -> np.ndarray:
    move = np.array([[1, 0, aside], [0, 1, down]], np.float32)
    return cv2.warpAffine(picture, move, picture.shape[::-1], borderMode=cv2.BORDER_REPLICATE)


@pytest.mark.parametrize(("aside", "down"), [(1.0, 0.0), (-2.5, 1.5), (0.5, -3.0), (4.0, 4.0)])
def test_a_picture_that_lies_elsewhere_is_put_back(aside, down):
    still, swung = structure(place()), structure(moved(place(), aside, down))
    inside = slice(8, -8), slice(8, -8)
    before = np.abs(swung[inside].astype(int) - still[inside]).mean()
    back = put_back(swung, still.astype(np.float32))
    assert np.abs(back[inside].astype(int) - still[inside]).mean() < 0.5 * before


def test_a_picture_that_lies_where_it_did_is_left_alone_whoever_came():
    still = structure(place())
    person = place()
    person[20:80, 60:85] = 30 + 40 * (np.arange(60)[:, None] // 7 % 2)
    for picture in (place(), person):
        assert put_back(structure(picture), still.astype(np.float32)) is None


def watched(fps: int, length_s: float, shown) -> list[float]:
    """Return the times with motion in what is shown at each time, with a sensor's noise."""
    detector, dice = MotionDetector(), np.random.default_rng(1)
    moving = []
    for number in range(round(length_s * fps)):
        noisy = np.clip(shown(number / fps) + dice.normal(0, 1, (90, 160)), 0, 255).astype(np.uint8)
        if detector.observe(noisy, round(number * 1e6 / fps)).moving:
            moving.append(number / fps)
    return moving


@pytest.mark.parametrize("fps", [5, 10, 15])
def test_a_door_that_slams_is_no_visitor_and_hides_none(fps):
    picture = place()

    def shown(at_s: float) -> np.ndarray:
        since_s = at_s % SLAM_S if at_s > SETTLED_S else 9.0
        seen = picture.copy()
        if at_s >= 50:
            left = round(30 * (at_s - 50))
            seen[25:80, left : left + 14] = 30 + 30 * (np.arange(55)[:, None] // 7 % 2)
        swing = 3 * np.exp(-4 * since_s)
        return moved(seen, swing * np.sin(31 * since_s), swing * np.cos(27 * since_s))

    moving = watched(fps, 53, shown)
    assert {int(at_s // SLAM_S) for at_s in moving if at_s < 50} <= {int(SETTLED_S // SLAM_S)}
    assert min(at_s for at_s in moving if at_s >= 50) <= 51


@pytest.mark.parametrize("fps", [5, 10, 15])
def test_a_camera_that_stays_where_it_swung_looks_elsewhere_and_is_calm_again_within_seconds(fps):
    picture = place()
    moving = watched(fps, 40, lambda at_s: picture if at_s < 10 else moved(picture, 3, 2))
    assert [at_s for at_s in moving if not 10 <= at_s <= 16] == []

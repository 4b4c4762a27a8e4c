import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from device.camera.protocol import VideoFormat
from device.camera.replay import Replay
from device.camera.scene import Scene
from device.sight.life import CREDIT_S
from device.sight.luma import shrink
from device.sight.motion import LOOK_AGAIN_US, MotionDetector
from device.sight.observation import Motion

FRAME_US = 100_000
FOOTAGE = Path(__file__).parents[3] / "../shared/footage"


class Hall:
    """A textured, noisy picture at ten frames a second, with a person-sized block that sways."""

    def __init__(self, noise: float = 1.0) -> None:
        self._dice = np.random.default_rng(1)
        self._noise = noise
        rows, columns = np.mgrid[:180, :320]
        self.wall = 90 + 30 * np.sin(rows / 17) + 30 * np.sin(columns / 23)
        self._detector = MotionDetector()
        self._frame = 0

    def see(self, picture: np.ndarray) -> Motion:
        noisy = picture + self._noise * self._dice.standard_normal(picture.shape)
        self._frame += 1
        return self._detector.observe(np.clip(noisy, 0, 255).astype(np.uint8), self._frame * FRAME_US)

    def watch(
        self, seconds: float, person_at: int | None = None, *, light: float = 1.0, sways: bool = True
    ) -> list[bool]:
        """Return whether something moved, frame by frame."""
        seen = []
        for number in range(round(seconds * 10)):
            picture = self.wall * light
            if person_at is not None:
                left = person_at + (round(2 * np.sin(number * 0.7)) if sways else 0)
                picture[60:160, left : left + 36] = 190
            seen.append(self.see(picture).moving)
        return seen

    def come(self, person_at: int) -> None:
        """Let somebody walk in from the left within a second and a half."""
        for number in range(1, 16):
            picture = self.wall.copy()
            right = 36 + person_at * number // 15
            picture[60:160, right - 36 : right] = 190
            self.see(picture)


def test_an_empty_hall_is_quiet():
    assert not any(Hall().watch(30))


def test_an_empty_hall_is_quiet_in_the_dark_with_noise():
    assert not any(Hall(noise=6).watch(30, light=0.3))


def test_a_person_is_seen_within_half_a_second():
    hall = Hall()
    hall.watch(10)
    assert any(hall.watch(0.5, person_at=100))


def test_a_dim_person_in_the_noise_is_seen():
    hall = Hall(noise=4)
    hall.watch(10)
    for number in range(10):
        picture = hall.wall.copy()
        picture[60:160, 60 + 6 * number : 96 + 6 * number] -= 20
        motion = hall.see(picture)
    assert motion.moving
    assert motion.score > 0.02


def test_a_person_who_stands_there_for_a_minute_is_seen_all_the_time_and_leaves_no_ghost():
    hall = Hall()
    hall.watch(10)
    hall.come(100)
    assert all(hall.watch(60, person_at=100))
    assert not any(hall.watch(10)[3:])


def test_a_person_who_fills_the_picture_is_never_taken_for_a_change_of_light():
    hall = Hall()
    hall.watch(10)
    coat = np.full((180, 320), 60.0)
    coat[:, 140:180] += 20  # a row of buttons
    seen = [hall.see(np.roll(coat, number * 3, 1)).moving for number in range(30)]
    assert all(seen[5:])


@pytest.mark.parametrize("light", [0.6, 0.8, 1.25, 1.6])
def test_a_step_of_the_exposure_is_no_motion(light):
    hall = Hall()
    hall.watch(10)
    assert not any(hall.watch(10, light=light))
    assert not any(hall.watch(10))


def test_a_person_is_seen_through_a_step_of_the_exposure():
    hall = Hall()
    hall.watch(10)
    hall.come(100)
    hall.watch(2, person_at=100)
    assert all(hall.watch(10, person_at=100, light=0.8)[2:])


def test_slow_daylight_is_no_motion():
    hall = Hall()
    hall.watch(5)
    assert not any(any(hall.watch(0.1, light=1 - part / 600)) for part in range(300))


def test_a_lamp_that_goes_on_is_soon_forgotten():
    hall = Hall()
    hall.watch(10)
    lit = hall.wall.copy()
    lit[40:140, 200:300] += 50
    seen = [hall.see(lit).moving for _ in range(60)]
    assert not any(seen[30:])


def test_something_left_behind_is_forgotten_once_nothing_stirs():
    hall = Hall()
    hall.watch(10)
    hall.watch(5, person_at=100)
    seen = hall.watch(CREDIT_S + 12, person_at=100, sways=False)
    assert not any(seen[-40:])


def test_something_left_behind_lingers_for_half_a_minute_and_is_then_furniture():
    hall = Hall()
    hall.watch(10)
    hall.come(100)
    hall.watch(5, person_at=100)
    hall.watch(CREDIT_S + 8, person_at=100, sways=False)
    picture = hall.wall.copy()
    picture[60:160, 100:136] = 190
    lingers = [hall.see(picture).lingering for _ in range(400)]
    assert all(lingers[:200])
    assert not any(lingers[310:])


def test_what_sways_but_never_came_is_furniture_within_half_a_minute_and_nothing_new_afterwards():
    hall = Hall()
    hall.watch(10)
    swaying = hall.watch(40, person_at=100)
    assert any(swaying[:10])
    assert not any(swaying[300:])
    hall.watch(60)
    assert not any(hall.watch(20, person_at=100))


def test_somebody_who_comes_to_life_again_is_seen_at_once():
    hall = Hall()
    hall.watch(10)
    hall.come(100)
    hall.watch(5, person_at=100)
    hall.watch(CREDIT_S + 12, person_at=100, sways=False)
    assert any(hall.watch(1.5, person_at=104))


def test_rain_is_no_motion():
    hall = Hall()
    dice = np.random.default_rng(2)
    seen = []
    for _ in range(200):
        picture = hall.wall.copy()
        for x, y in dice.integers((0, 0), (316, 168), (25, 2)):
            picture[y : y + 12, x : x + 1] += 60
        seen.append(hall.see(picture).moving)
    assert not any(seen[50:])


def test_a_branch_that_waves_is_soon_known():
    hall = Hall()
    seen = []
    for number in range(900):
        picture = hall.wall.copy()
        left = 220 + round(8 * np.sin(number * 0.9))
        picture[20:60, left : left + 14] -= 40
        seen.append(hall.see(picture).moving)
    assert sum(seen[600:]) < 0.1 * 300


def test_looks_are_a_sixteenth_of_a_second_apart_whatever_the_camera_s_rate():
    detector = MotionDetector()
    plane = np.full((180, 320), 90, np.uint8)
    detector.observe(plane, 0)
    other = np.full((180, 320), 90, np.uint8)
    other[50:100, 50:100] = 200
    assert detector.observe(other, 33_000).score == 0.0
    assert detector.observe(other, 59_999).score == 0.0
    assert detector.observe(other, 60_000).score > 0.04


def test_while_somebody_moves_looks_are_further_apart_and_the_answer_stands():
    hall = Hall()
    hall.watch(10)
    hall.watch(3, person_at=100)
    detector, at_us = hall._detector, hall._frame * FRAME_US
    empty = np.clip(hall.wall, 0, 255).astype(np.uint8)
    first = detector.observe(empty, at_us + LOOK_AGAIN_US)
    assert detector.observe(empty, at_us + LOOK_AGAIN_US + 1_000) is first
    assert not detector.observe(empty, at_us + 3 * LOOK_AGAIN_US).moving


def test_the_same_planes_give_the_same_observations():
    assert Hall().watch(5, person_at=80) == Hall().watch(5, person_at=80)


def test_a_plane_of_another_shape_than_the_first_is_a_bug():
    detector = MotionDetector()
    detector.observe(np.zeros((90, 160), np.uint8), 0)
    with pytest.raises(ValueError, match="not"):
        detector.observe(np.zeros((180, 320), np.uint8), 100_000)


@pytest.mark.parametrize(
    "plane", [np.zeros((90, 160), np.float32), np.zeros((90, 160, 3), np.uint8), np.zeros((9, 160), np.uint8)]
)
def test_what_is_no_luma_plane_is_a_bug(plane):
    with pytest.raises(ValueError, match="uint8"):
        MotionDetector().observe(plane, 0)


@given(st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 10_000_000)), max_size=12))
@hypothesis_settings(max_examples=50)
def test_any_pictures_at_any_pace_give_a_share(pictures):
    detector = MotionDetector()
    at_us = 0
    for left, right, later_us in pictures:
        plane = np.full((180, 320), left, np.uint8)
        plane[:, 160:] = right
        at_us += later_us
        assert 0.0 <= detector.observe(plane, at_us).score <= 1.0


def test_every_visit_to_the_drawn_doorstep_is_seen_and_nothing_else_for_long():
    video = VideoFormat(640, 368, 10)
    scene = Scene(video, realtime=False)
    detector = MotionDetector()
    moving = []
    for frame in scene.frames():
        if frame.at_us >= 125_000_000:
            break
        if detector.observe(shrink(frame.i420)[:180], frame.at_us).moving:
            moving.append(frame.at_us)
    for visit in scene.truth(125_000_000):
        # The last look's answer stands for LOOK_AGAIN_US.
        inside = [at_us for at_us in moving if visit.from_us <= at_us <= visit.to_us + LOOK_AGAIN_US]
        assert inside[0] - visit.from_us < 1_500_000
        moving = [at_us for at_us in moving if at_us not in inside]
    assert moving == []


@pytest.mark.slow
@pytest.mark.skipif(not FOOTAGE.exists(), reason="the labelled footage is not beside the repository")
def test_real_visitors_are_seen_all_the_time_and_the_empty_hall_is_quiet():
    replay = Replay(FOOTAGE / "one_by_one.mp4", VideoFormat(1280, 720, 10), realtime=False)
    detector = MotionDetector()
    moving = [
        frame.at_us / 1e6
        for frame in replay.frames()
        if detector.observe(shrink(frame.i420)[:180], frame.at_us).moving
    ]
    replay.close()
    with (FOOTAGE / "labels/raw/one_by_one.csv").open() as labels:
        rows = list(csv.DictReader(labels))
    visits = [(float(row["start_s"]), float(row["end_s"])) for row in rows]
    for start_s, end_s in visits[:6]:
        inside = [at_s for at_s in moving if start_s <= at_s <= end_s]
        assert inside[0] - start_s < 0.5
        assert len(inside) > 0.85 * (end_s - start_s) * 10
    # The labels are of whole people: a foot and a shadow come before them, and go after.
    assert [at_s for at_s in moving if not any(a - 1 <= at_s <= b + 2.5 for a, b in visits)] == []

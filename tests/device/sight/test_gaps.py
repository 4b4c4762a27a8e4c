import numpy as np
import pytest

from device.camera.doorstep.rehearsal import Act, Rehearsal
from device.sight.motion import MotionDetector
from device.sight.view import STUCK_S


def doorstep(seconds: float, guest: str | None = None) -> list[np.ndarray]:
    return [
        luma
        for luma, _ in Rehearsal([Act("quiet", seconds, guest)], width_px=320, height_px=180, seed=2).frames()
    ]


def test_a_frozen_camera_is_a_gap_and_not_the_absence_of_motion():
    detector = MotionDetector()
    pictures = doorstep(5)
    for number, picture in enumerate(pictures):
        detector.observe(picture, number * 100_000)
    gaps = [detector.observe(pictures[-1], 5_000_000 + number * 100_000).gap for number in range(60)]
    assert gaps.index("stuck") == pytest.approx(STUCK_S * 10, abs=2)
    assert set(gaps[32:]) == {"stuck"}
    assert detector.observe(pictures[0], 11_100_000).gap is None


def test_a_camera_that_freezes_with_somebody_in_the_picture_does_not_keep_them_moving():
    detector = MotionDetector()
    for number, picture in enumerate(doorstep(8) + doorstep(5, "visitor")):
        motion = detector.observe(picture, number * 100_000)
    for number in range(60):
        motion = detector.observe(picture, 13_000_000 + number * 100_000)
    assert (motion.moving, motion.gap) == (False, "stuck")


def test_a_black_picture_is_a_gap_from_the_first_second():
    detector = MotionDetector()
    dice = np.random.default_rng(1)
    for number in range(30):
        motion = detector.observe(
            np.clip(dice.normal(16, 1, (180, 320)), 0, 255).astype(np.uint8), number * 100_000
        )
    assert (motion.moving, motion.gap) == (False, "blind")


def test_a_repeated_time_gets_the_same_answer():
    detector = MotionDetector()
    pictures = doorstep(4)
    for number, picture in enumerate(pictures):
        motion = detector.observe(picture, number * 100_000)
    assert detector.observe(np.full((180, 320), 200, np.uint8), 3_900_000) is motion


@pytest.mark.parametrize("jump_us", [-3_000_000, -50_000_000_000, 6_000_000, 90_000_000_000])
def test_a_time_that_jumps_is_reported_once_and_seeing_goes_on(jump_us):
    detector = MotionDetector()
    pictures = doorstep(8) + doorstep(14, "visitor")
    for number, picture in enumerate(pictures[:80]):
        detector.observe(picture, number * 100_000)
    gaps, moving = [], []
    for number, picture in enumerate(pictures[80:], 80):
        motion = detector.observe(picture, number * 100_000 + jump_us)
        gaps.append(motion.gap)
        moving.append(motion.moving)
    assert gaps[0] == "clock"
    assert set(gaps[1:]) == {None}
    assert not any(moving[:20])
    assert any(moving[20:27])


def test_after_a_gap_nobody_is_taken_to_have_been_there_all_the_time():
    detector = MotionDetector()
    pictures = doorstep(8) + doorstep(14, "visitor")
    before = [detector.observe(picture, number * 100_000) for number, picture in enumerate(pictures[:160])]
    after = [
        detector.observe(picture, 60_000_000 + number * 100_000)
        for number, picture in enumerate(pictures[160:170])
    ]
    assert before[-1].moving
    assert (after[0].moving, after[0].gap) == (False, "clock")
    assert after[5].moving


@pytest.mark.parametrize("every", [1, 2])
@pytest.mark.parametrize("interval_us", [33_333, 66_667, 100_000, 200_000])
def test_a_visitor_is_seen_at_every_frame_rate(interval_us, every):
    detector = MotionDetector()
    pictures = doorstep(8) + doorstep(14, "visitor")
    moving = [
        detector.observe(picture, number * interval_us).moving
        for number, picture in enumerate(pictures[::every])
    ]
    assert not any(moving[: 80 // every])
    assert sum(moving) > 0.4 * 90 / every


@pytest.mark.parametrize(
    ("height", "width"), [(90, 160), (360, 640), (240, 320), (480, 640), (180, 180), (320, 180), (143, 251)]
)
def test_a_visitor_is_seen_in_every_shape_of_picture(height, width):
    detector = MotionDetector()
    rows = np.linspace(0, 179, height).astype(int)[:, None]
    columns = np.linspace(0, 319, width).astype(int)[None, :]
    moving = [
        detector.observe(np.ascontiguousarray(picture[rows, columns]), number * 100_000).moving
        for number, picture in enumerate(doorstep(8) + doorstep(14, "visitor"))
    ]
    assert not any(moving[:100])
    assert any(moving[100:112])


def test_the_plane_is_only_read_and_not_kept():
    detector = MotionDetector()
    picture = doorstep(1)[0][:90, :160].copy()
    before = picture.copy()
    picture.flags.writeable = False
    detector.observe(picture, 0)
    assert (picture == before).all()
    picture.flags.writeable = True
    for number in range(1, 50):
        picture[:] = np.random.default_rng(number).integers(90, 94, picture.shape)
        assert detector.observe(picture, number * 100_000).gap != "stuck"

from itertools import islice

import pytest

from device.camera.errors import CameraError
from device.camera.protocol import AccessUnit, Luma, VideoFormat
from device.camera.sources import open_camera

SMALL = VideoFormat(320, 192, 10)


def test_a_scene_is_a_camera():
    camera = open_camera("scene", SMALL, realtime=False)
    luma, unit = islice(camera.captured(), 2)
    assert isinstance(luma, Luma)
    assert luma.plane.shape == (180, 320)
    assert isinstance(unit, AccessUnit)
    assert unit.keyframe
    assert camera.video == SMALL
    camera.stop()
    camera.close()


def test_a_camera_that_is_stopped_before_it_begins_captures_nothing():
    camera = open_camera("scene", SMALL)
    camera.stop()
    assert list(camera.captured()) == []


@pytest.mark.parametrize(
    "text", ["", "pi:x", "pi:10", "scene:2", "replay", "replay:", "usb:", "usb:x", "usb:0/../1", "usb:١"]
)
def test_an_unknown_camera_is_refused_with_those_there_are(text):
    with pytest.raises(CameraError, match="there is no camera named") as refused:
        open_camera(text, SMALL)
    assert "replay:FILE" in refused.value.hint


def test_a_numbered_webcam_that_is_missing_is_said_with_its_path():
    with pytest.raises(CameraError, match="/dev/video99 is not there"):
        open_camera("usb:99", SMALL)


def test_a_missing_file_is_said():
    with pytest.raises(CameraError, match="No such file"):
        open_camera("replay:/nowhere/film.mp4", SMALL)

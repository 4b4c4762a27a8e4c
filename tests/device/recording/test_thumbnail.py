import cv2
import numpy as np
import pytest

from device.camera.protocol import Luma
from device.recording.thumbnail import MAX_BYTES, jpeg


def filled(y: int, u: int, v: int) -> Luma:
    i420 = np.empty((270, 320), np.uint8)
    i420[:180], i420[180:225], i420[225:] = y, u, v
    return Luma(i420, 0)


@pytest.mark.parametrize(
    ("yuv", "bgr"),
    [
        ((16, 128, 128), (0, 0, 0)),
        ((235, 128, 128), (255, 255, 255)),
        ((63, 102, 240), (0, 0, 255)),
        ((173, 42, 26), (0, 255, 0)),
        ((32, 240, 118), (255, 0, 0)),
    ],
)
def test_a_thumbnail_has_the_colours_of_the_video(yuv, bgr):
    picture = cv2.imdecode(np.frombuffer(jpeg(filled(*yuv)), np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (180, 320, 3)
    assert picture.reshape(-1, 3).mean(0) == pytest.approx(bgr, abs=3)


@pytest.mark.parametrize("span", [(100, 130), (60, 120), (16, 236), (0, 256)])
def test_a_thumbnail_fits_into_its_event_whatever_the_camera_shows(span):
    noise = np.random.default_rng(1).integers(*span, (270, 320), np.uint8)
    thumbnail = jpeg(Luma(noise, 0))
    assert 0 < len(thumbnail) <= MAX_BYTES
    assert cv2.imdecode(np.frombuffer(thumbnail, np.uint8), cv2.IMREAD_COLOR).shape == (180, 320, 3)

import numpy as np
import pytest

from device.sight.luma import planes, shrink


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080), (640, 480), (320, 180), (338, 190)])
def test_a_picture_of_any_size_keeps_its_colours(width, height):
    i420 = np.empty((height * 3 // 2, width), np.uint8)
    for plane, value in zip(planes(i420, height, width), (90, 60, 200), strict=True):
        plane[:] = value
    lores = shrink(i420)
    assert lores.shape == (270, 320)
    assert [set(plane.ravel().tolist()) for plane in planes(lores, 180, 320)] == [{90}, {60}, {200}]


def test_noise_is_averaged_away():
    noise = np.random.default_rng(1).normal(100, 10, (1080, 1280)).astype(np.uint8)
    assert shrink(noise)[:180].std() == pytest.approx(10 / 4, rel=0.1)


def test_each_picture_is_its_own():
    i420 = np.full((1080, 1280), 50, np.uint8)
    first = shrink(i420)
    i420[:] = 99
    assert first.max() == 50
    assert shrink(i420) is not first


def test_planes_are_views():
    i420 = np.zeros((270, 320), np.uint8)
    y, u, v = planes(i420, 180, 320)
    y[0, 0], u[0, 0], v[-1, -1] = 1, 2, 3
    assert (i420[0, 0], i420[180, 0], i420[-1, -1]) == (1, 2, 3)

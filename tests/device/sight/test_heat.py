import numpy as np
import pytest

from device.sight.heat import HEIGHT, WIDTH, Heat


def picture(*pictures: np.ndarray | None) -> np.ndarray:
    heat = Heat()
    for moving in pictures:
        heat.add(moving)
    return np.frombuffer(heat.picture(), np.uint8).reshape(HEIGHT, WIDTH)


def test_where_nothing_moves_there_is_no_heat():
    assert not picture().any()
    assert not picture(None, np.zeros((90, 160), np.uint8)).any()


def test_a_cell_is_as_hot_as_its_share_that_moves():
    moving = np.zeros((90, 160), np.uint8)
    moving[0:5, 0:5] = 255
    moving[85:90, 155:158] = 255
    hot = picture(moving)
    assert hot[0, 0] == 255
    assert hot[-1, -1] == pytest.approx(0.6 * 255, abs=1)
    assert np.count_nonzero(hot) == 2


def test_the_hottest_cell_of_an_event_is_white():
    parts = []
    for size in (5, 10, 10):
        moving = np.zeros((90, 160), np.uint8)
        moving[:5, :size] = 255
        parts.append(moving)
    assert picture(*parts, None)[0, :3].tolist() == [255, 170, 0]


def test_pictures_of_another_shape_than_16_9_have_the_same_cells():
    moving = np.zeros((96, 128), np.uint8)
    moving[48:] = 255
    hot = picture(moving)
    assert not hot[:9].any()
    assert (hot[9:] == 255).all()

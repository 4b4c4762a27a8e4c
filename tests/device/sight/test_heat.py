import numpy as np
import pytest

from device.sight.heat import HEIGHT, WIDTH, Heat, cells


def test_where_nothing_moves_there_is_no_heat():
    assert cells(np.zeros((90, 160), np.uint8)) == b""
    assert Heat().picture() == bytes(WIDTH * HEIGHT)


def test_a_cell_is_as_hot_as_its_share_that_moves():
    moving = np.zeros((90, 160), np.uint8)
    moving[0:5, 0:5] = 255
    moving[85:90, 155:158] = 255
    hot = np.frombuffer(cells(moving), np.uint8).reshape(HEIGHT, WIDTH)
    assert hot[0, 0] == 255
    assert hot[-1, -1] == pytest.approx(0.6 * 255, abs=1)
    assert np.count_nonzero(hot) == 2


def test_the_hottest_cell_of_an_event_is_white():
    heat = Heat()
    for size in (5, 10, 10):
        moving = np.zeros((90, 160), np.uint8)
        moving[:5, :size] = 255
        heat.add(cells(moving))
    heat.add(b"")
    assert np.frombuffer(heat.picture(), np.uint8)[:3].tolist() == [255, 170, 0]


def test_heat_of_another_size_is_a_bug():
    with pytest.raises(ValueError, match="7 bytes"):
        Heat().add(b"1234567")

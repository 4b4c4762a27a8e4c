import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.contract.masks import canonical
from device.sight.luma import planes
from device.sight.masks import MOST_MASKS, MaskError, Masks
from device.sight.polygons import PolygonError, area

WINDOW = ((0.1, 0.2), (0.4, 0.2), (0.4, 0.7), (0.1, 0.7))
ROOF = ((0.5, 0.1), (0.9, 0.5), (0.5, 0.5))


def frame(height: int, width: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height * 3 // 2, width), np.uint8)


@pytest.mark.parametrize(("height", "width"), [(720, 1280), (1080, 1920), (480, 640), (180, 320), (30, 34)])
def test_masked_pixels_are_black_in_every_plane_and_the_others_are_untouched(height, width):
    before = frame(height, width)
    after = before.copy()
    Masks([WINDOW], height, width).paint(after)
    rows, columns = (
        slice(int(0.2 * height) + 2, int(0.7 * height) - 2),
        slice(int(0.1 * width) + 2, int(0.4 * width) - 2),
    )
    y, u, v = planes(after, height, width)
    assert set(y[rows, columns].ravel().tolist()) == {16}
    half = (
        slice(rows.start // 2 + 1, rows.stop // 2 - 1),
        slice(columns.start // 2 + 1, columns.stop // 2 - 1),
    )
    assert set(u[half].ravel().tolist()) == set(v[half].ravel().tolist()) == {128}
    outside = np.ones((height, width), bool)
    outside[int(0.2 * height) - 2 : int(0.7 * height) + 3, int(0.1 * width) - 2 : int(0.4 * width) + 3] = (
        False
    )
    assert (y[outside] == planes(before, height, width)[0][outside]).all()


def test_no_colour_is_left_beside_a_masked_pixel():
    height, width = 180, 320
    painted = frame(height, width)
    Masks([ROOF], height, width).paint(painted)
    y, u, _ = planes(painted, height, width)
    alone = frame(height, width)
    Masks([ROOF], height, width).paint(alone)
    for row, column in np.argwhere((y == 16) & (planes(frame(height, width), height, width)[0] != 16)):
        assert u[row // 2, column // 2] == 128


def test_without_masks_nothing_is_painted():
    before = frame(180, 320)
    after = before.copy()
    masks = Masks([], 180, 320)
    masks.paint(after)
    assert (after == before).all()
    assert masks.intact(after)


def test_a_painted_frame_is_intact_and_one_stray_pixel_is_found():
    masks = Masks([WINDOW, ROOF], 180, 320)
    painted = frame(180, 320)
    assert not masks.intact(painted)
    masks.paint(painted)
    assert masks.intact(painted)
    painted[90, 80] = 17
    assert not masks.intact(painted)


def test_a_frame_of_another_size_is_a_bug():
    with pytest.raises(ValueError, match="the frame is"):
        Masks([WINDOW], 180, 320).paint(frame(360, 640))


def test_a_mask_over_everything_is_refused_with_a_way_out():
    with pytest.raises(MaskError, match="whole picture") as refused:
        Masks([((0, 0), (1, 0), (1, 1), (0, 1))], 720, 1280)
    assert "free" in refused.value.hint


@pytest.mark.parametrize(("right", "taken"), [(0.94, True), (0.96, False), (0.9995, False)])
def test_masks_that_leave_next_to_nothing_are_refused_with_a_way_out(right, taken):
    polygons = [((0, 0), (0.5, 0), (0.5, 1), (0, 1)), ((0.5, 0), (right, 0), (right, 1), (0.5, 1))]
    if taken:
        Masks(polygons, 720, 1280)
        return
    with pytest.raises(MaskError, match=r"(leave \d\.\d%|cover the whole) ") as refused:
        Masks(polygons, 720, 1280)
    assert "at least 5%" in refused.value.hint


def test_masks_hide_an_area_if_they_leave_no_pixel_of_it():
    masks = Masks([WINDOW], 180, 320)
    area = np.zeros((180, 320), np.uint8)
    area[40:100, 40:100] = 255
    assert masks.hide(area)
    area[170, 300] = 255
    assert not masks.hide(area)


@pytest.mark.parametrize("plane", [0, 1, 2])
def test_a_hole_in_what_is_painted_by_does_not_excuse_itself(plane):
    masks = Masks([WINDOW], 180, 320)
    masks._hidden[plane][1][20, 20] = False
    painted = frame(180, 320)
    masks.paint(painted)
    assert not masks.intact(painted)


def test_too_many_masks_are_refused():
    with pytest.raises(MaskError, match="33 masks"):
        Masks([WINDOW] * (MOST_MASKS + 1), 180, 320)


def test_a_wrong_polygon_is_named_by_its_number():
    with pytest.raises(PolygonError, match="corner 1 of mask 2 is outside"):
        Masks([WINDOW, ((1.2, 0.1), (0.5, 0.5), (0.1, 0.6))], 180, 320)


def test_the_digest_is_of_the_documented_bytes():
    expected = bytes.fromhex("0001 0003 7fff1999 e6657fff 7fff7fff".replace(" ", ""))
    points = ((32767 / 65535, 6553 / 65535), (58981 / 65535, 32767 / 65535), (32767 / 65535, 32767 / 65535))
    assert canonical([points]) == expected
    assert Masks([points], 180, 320).digest == hashlib.sha256(expected).digest()


def test_other_masks_have_another_digest():
    digests = {
        Masks(masks, 180, 320).digest for masks in ([], [WINDOW], [ROOF], [WINDOW, ROOF], [WINDOW, WINDOW])
    }
    assert len(digests) == 5


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=8),
    st.integers(16, 60).map(lambda half: 2 * half),
    st.integers(16, 60).map(lambda half: 2 * half),
)
@settings(max_examples=200, deadline=None)
def test_whatever_is_drawn_is_refused_or_painted_at_about_its_area(points, height, width):
    try:
        masks = Masks([tuple(points)], height, width)
    except (PolygonError, MaskError):
        return
    painted = np.full((height * 3 // 2, width), 200, np.uint8)
    masks.paint(painted)
    assert masks.intact(painted)
    share = float((painted[:height] == 16).mean())
    border = 4 * len(points) / min(height, width)
    assert abs(area(points)) - border <= share <= abs(area(points)) + border

"""What is inside a polygon by its corners alone: nothing that is drawn says otherwise."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from device.sight.masks import MaskError, Masks
from device.sight.polygons import PolygonError, area
from device.sight.spans import constant, spans
from tests.support.effort import cases

SHAPES = [(90, 160), (30, 34), (64, 48), (368, 640)]
shares = st.floats(0, 1) | st.sampled_from([0.0, 0.25, 0.5, 1.0])


def filled(points: tuple[tuple[float, float], ...], height: int, width: int) -> np.ndarray:
    picture = np.zeros((height, width), bool)
    for row, start, end in zip(*spans(points, height, width), strict=True):
        picture[row, start:end] = True
    return picture


def test_a_rectangle_is_its_pixels() -> None:
    picture = filled(((0.1, 0.2), (0.6, 0.2), (0.6, 0.7), (0.1, 0.7)), 100, 200)
    assert picture[20:70, 20:120].all()
    assert picture.sum() == 50 * 100


def test_a_notch_is_outside() -> None:
    points = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.6, 1.0), (0.6, 0.5), (0.4, 0.5), (0.4, 1.0), (0.0, 1.0))
    picture = filled(points, 100, 100)
    assert not picture[55:, 42:58].any()
    assert picture[:49].all()
    assert picture[55:, :39].all()
    assert picture[55:, 61:].all()


def test_the_area_is_the_polygons() -> None:
    star = ((0.5, 0.0), (0.6, 0.4), (1.0, 0.5), (0.6, 0.6), (0.5, 1.0), (0.4, 0.6), (0.0, 0.5), (0.4, 0.4))
    assert filled(star, 400, 400).mean() == pytest.approx(area(star), abs=0.005)


@example(
    (
        (5 / 34, 0.9),
        (24.5 / 34, 1.0),
        (3 / 34, 29 / 30),
        (0.5 / 34, 8.5 / 30),
        (29.5 / 34, 16 / 30),
        (3.5 / 34, 13 / 30),
        (6.5 / 34, 13.5 / 30),
    ),
    (30, 34),
)  # OpenCV leaves out a pixel of this one even with a border of one
@given(st.lists(st.tuples(shares, shares), min_size=3, max_size=8).map(tuple), st.sampled_from(SHAPES))
@settings(max_examples=cases(400, 20_000), deadline=None)
def test_whatever_is_inside_a_mask_is_painted_in_all_planes(points, shape) -> None:
    """Or a camera would be refused for ever, for a mask that the household may draw."""
    height, width = shape
    try:
        masks = Masks([points], height, width)
    except (PolygonError, MaskError):
        return
    picture = np.full((height * 3 // 2, width), 200, np.uint8)
    masks.paint(picture)
    assert masks.intact(picture)


def test_a_pixel_that_differs_is_found_at_both_ends_of_a_span_and_not_beside_it() -> None:
    rows, starts, ends = (np.array([value]) for value in (3, 5, 9))
    plane = np.full((10, 20), 7, np.uint8)
    for column in range(20):
        plane[3, column] = 8
        assert constant(plane, 7, rows, starts, ends) is not (5 <= column < 9)
        plane[3, column] = 7
    plane[2] = plane[4] = 8
    assert constant(plane, 7, rows, starts, ends)
    assert constant(plane, 0, rows[:0], starts[:0], ends[:0])

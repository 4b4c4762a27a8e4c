import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.sight.polygons import PolygonError, check, first_crossing
from device.sight.zones import MOST_ZONES, Zone, ZoneError, lay

LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
RIGHT = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
ALL = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def test_without_zones_everything_counts():
    ground = lay([], 90, 160)
    assert [(name, px) for name, _, px in ground.areas] == [("everywhere", 90 * 160)]
    assert (ground.sensitivity == 1.0).all()


def test_with_zones_only_they_count():
    ground = lay([Zone("path", LEFT, 2.0)], 90, 160)
    assert (ground.sensitivity[:, :79] == 2.0).all()
    assert (ground.sensitivity[:, 82:] == 0.0).all()


def test_an_ignored_zone_is_taken_from_the_whole_picture():
    ground = lay([Zone("street", LEFT, ignored=True)], 90, 160)
    assert (ground.sensitivity[:, :79] == 0.0).all()
    assert (ground.sensitivity[:, 82:] == 1.0).all()


def test_where_zones_overlap_the_more_sensitive_one_decides():
    ground = lay([Zone("garden", ALL, 0.5), Zone("path", RIGHT, 2.0)], 90, 160)
    assert ground.sensitivity[45, 20] == 0.5
    assert ground.sensitivity[45, 140] == 2.0
    assert [name for name, _, _ in ground.areas] == ["garden", "path"]


def test_a_zone_that_is_wholly_ignored_is_refused():
    with pytest.raises(ZoneError, match='nothing of the zone "path" is left'):
        lay([Zone("path", LEFT), Zone("street", ALL, ignored=True)], 90, 160)


def test_ignoring_everything_is_refused():
    with pytest.raises(ZoneError, match="everywhere"):
        lay([Zone("street", ALL, ignored=True)], 90, 160)


def test_two_zones_of_one_name_are_refused():
    with pytest.raises(ZoneError, match='two zones are called "path"'):
        lay([Zone("path", LEFT), Zone("path", RIGHT)], 90, 160)


def test_too_many_zones_are_refused():
    with pytest.raises(ZoneError, match="17 zones"):
        lay([Zone(str(number), LEFT) for number in range(MOST_ZONES + 1)], 90, 160)


@pytest.mark.parametrize("name", ["", "   ", "a" * 41, "line\nbreak", "\x1b[31m"])
def test_a_name_that_nobody_can_read_is_refused(name):
    with pytest.raises(ZoneError, match="cannot be called"):
        Zone(name, LEFT)


@pytest.mark.parametrize("sensitivity", [0.0, -1.0, 0.2, 4.1, math.nan, math.inf])
def test_a_sensitivity_out_of_range_is_refused(sensitivity):
    with pytest.raises(ZoneError, match="sensitivity") as refused:
        Zone("path", LEFT, sensitivity)
    assert "0.25" in refused.value.hint


@pytest.mark.parametrize("corner", [(-0.1, 0.5), (1.01, 0.5), (0.5, 2.0), (math.nan, 0.5), (0.5, math.inf)])
def test_a_corner_outside_the_picture_is_named(corner):
    with pytest.raises(PolygonError, match='corner 2 of the zone "path" is outside the picture') as refused:
        Zone("path", ((0.1, 0.1), corner, (0.5, 0.5)))
    assert "from 0" in refused.value.hint


@pytest.mark.parametrize(
    ("points", "sides"),
    [
        (((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)), (1, 3)),  # a bow tie
        (((0, 0), (1, 0), (1, 1), (0.5, 0), (0, 1)), (1, 3)),  # a corner on another side
        (((0.1, 0.1), (0.9, 0.1), (0.4, 0.1), (0.4, 0.9)), (1, 2)),  # folded back on itself
        (((0.1, 0.1), (0.1, 0.1), (0.4, 0.1), (0.4, 0.9)), (1, 2)),  # the same corner twice
    ],
)
def test_a_polygon_that_crosses_itself_is_refused_with_the_sides_that_meet(points, sides):
    assert first_crossing(points) == sides
    with pytest.raises(PolygonError, match=f"corner {sides[0]} and from corner {sides[1]}"):
        Zone("path", points)


@pytest.mark.parametrize("points", [(), ((0.1, 0.1),), ((0.1, 0.1), (0.9, 0.9)), ((0.5, 0.5),) * 65])
def test_too_few_and_too_many_corners_are_refused(points):
    with pytest.raises(PolygonError, match="corners"):
        Zone("path", points)


def test_a_polygon_without_area_is_refused():
    with pytest.raises(PolygonError, match="no area"):
        Zone("path", ((0.1, 0.1), (0.9, 0.1), (0.5, 0.1001)))


@given(st.integers(3, 20), st.floats(0.05, 0.5), st.floats(0, 6.3))
def test_every_regular_polygon_is_simple(corners, radius, turn):
    points = [
        (
            min(1.0, max(0.0, 0.5 + radius * math.cos(turn + 2 * math.pi * i / corners))),
            min(1.0, max(0.0, 0.5 + radius * math.sin(turn + 2 * math.pi * i / corners))),
        )
        for i in range(corners)
    ]
    check(points, "it")
    swapped = [points[1], points[0], *points[2:]]
    assert (first_crossing(swapped) is None) == (corners == 3)


@given(st.lists(st.tuples(st.floats(), st.floats()), max_size=10))
def test_anything_drawn_is_taken_or_refused_in_a_sentence(points):
    try:
        zone = Zone("path", tuple(points))
    except PolygonError as refused:
        assert str(refused)
        assert refused.hint
        return
    assert np.isfinite(lay([Zone("all", ALL), zone], 90, 160).sensitivity).all()

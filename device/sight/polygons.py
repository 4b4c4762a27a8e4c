"""Polygons that people draw over the picture, checked and filled.

Corners are shares of the picture: (0, 0) is its left top, (1, 1) its right bottom, whatever its size. The last corner
joins the first.

Pure.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from device.errors import DeviceError
from device.sight.opencv import untyped as cv2
from device.sight.structure import Bytes2D

Point = tuple[float, float]

MOST_CORNERS: Final = 64
LEAST_AREA: Final = 1e-4
"""Share of the picture: a pixel and a half of 160x90."""
_SHIFT: Final = 8


class PolygonError(DeviceError, ValueError):
    """A polygon cannot be what somebody meant."""


def check(points: Sequence[Point], called: str) -> None:
    """Raise unless the polygon is simple, inside the picture and has an area.

    Args:
        points: its corners in order, either way round.
        called: what to call it in the error, such as ``the zone "path"``.

    Raises:
        PolygonError: it says which corner or sides are wrong.
    """
    if not 3 <= len(points) <= MOST_CORNERS:
        raise PolygonError(
            f"{called} has {len(points)} corners", hint=f"draw between 3 and {MOST_CORNERS} corners"
        )
    for number, (x, y) in enumerate(points, 1):
        if not (math.isfinite(x) and math.isfinite(y) and 0 <= x <= 1 and 0 <= y <= 1):
            raise PolygonError(
                f"corner {number} of {called} is outside the picture: ({x:g}, {y:g})",
                hint="corners are shares of the picture, from 0 (left, top) to 1 (right, bottom)",
            )
    crossing = first_crossing(points)
    if crossing is not None:
        raise PolygonError(
            f"{called} crosses itself: its sides from corner {crossing[0]} and from corner {crossing[1]} meet",
            hint="draw the corners in order around the area",
        )
    if abs(area(points)) < LEAST_AREA:
        raise PolygonError(f"{called} has next to no area", hint="draw it larger, or leave it out")


def area(points: Sequence[Point]) -> float:
    """Return the area as a share of the picture; less than 0 if its corners go the other way round."""
    following = [*points[1:], points[0]]
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(points, following, strict=True)) / 2


def first_crossing(points: Sequence[Point]) -> tuple[int, int] | None:
    """Return the numbers, from 1, of two sides that meet where they should not; None if there are none."""
    count = len(points)
    sides = [(points[i], points[(i + 1) % count]) for i in range(count)]
    for i in range(count):
        if sides[i][0] == sides[i][1]:
            return i + 1, (i + 1) % count + 1
        for j in range(i + 1, count):
            neighbours = j == i + 1 or (i == 0 and j == count - 1)
            if _folded(sides[i], sides[j]) if neighbours else _meet(sides[i], sides[j]):
                return i + 1, j + 1
    return None


def fill(picture: Bytes2D, points: Sequence[Point], value: int) -> None:
    """Set every pixel of a plane that a polygon touches.

    Args:
        picture: uint8 (height, width); is drawn on.
        points: a checked polygon.
        value: from 0 to 255.
    """
    height, width = picture.shape
    # Pixel centres are at halves: the corner (0, 0) is half a pixel left of and above the first centre.
    places = np.array(points) * (width, height) - 0.5
    cv2.fillPoly(picture, [np.round(places * (1 << _SHIFT)).astype(np.int32)], value, shift=_SHIFT)


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _within(a: Point, b: Point, c: Point) -> bool:
    """Return whether c, which is in line with a and b, is between them."""
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])


def _meet(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    (a, b), (c, d) = one, other
    turns = (_turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b))
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    return any(
        turn == 0 and _within(*side, point)
        for turn, side, point in zip(turns, (one, one, other, other), (c, d, a, b), strict=True)
    )


def _folded(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    """Return whether two sides that share a corner lie on each other."""
    (a, b), (c, d) = one, other
    shared, before, after = (b, a, d) if b == c else (a, b, c)
    if _turn(before, shared, after) != 0:
        return False
    ahead = (before[0] - shared[0]) * (after[0] - shared[0]) + (before[1] - shared[1]) * (
        after[1] - shared[1]
    )
    return ahead > 0

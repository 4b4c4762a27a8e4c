"""Zones: which parts of the picture count for motion, and how much.

Without zones, the whole picture counts. With zones that count, only they do; from them, or from the whole picture,
zones to ignore are taken away. A person who walks from the street into the garden is seen from the moment when enough
of them is over a zone that counts.

Sensitivity 1.0 is the default; at 2.0, half the size, half the contrast and half the time suffice; at 0.5, it takes
twice as much.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from device.errors import DeviceError
from device.sight.opencv import untyped as cv2
from device.sight.polygons import Point, check, fill
from device.sight.structure import Bytes2D

WHOLE: Final = ("everywhere", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)), 1.0)
"""Name, corners and sensitivity of the only zone if there are none."""
MOST_ZONES: Final = 16
MOST_LETTERS: Final = 40
LEAST_SENSITIVITY, MOST_SENSITIVITY = 0.25, 4.0


class ZoneError(DeviceError, ValueError):
    """A zone cannot be what somebody meant."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A named part of the picture.

    Attributes:
        name: what the household calls it.
        points: corners of a polygon, as shares of the picture.
        sensitivity: from 0.25 to 4.0.
        ignored: nothing counts here, whatever other zones say.

    Raises:
        ZoneError: the name or the sensitivity will not do.
        PolygonError: the polygon will not.
    """

    name: str
    points: tuple[Point, ...]
    sensitivity: float = 1.0
    ignored: bool = False

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > MOST_LETTERS or not self.name.isprintable():
            raise ZoneError(
                f"a zone cannot be called {self.name!r}", hint=f"use 1 to {MOST_LETTERS} printable letters"
            )
        if not (
            math.isfinite(self.sensitivity) and LEAST_SENSITIVITY <= self.sensitivity <= MOST_SENSITIVITY
        ):
            raise ZoneError(
                f'the sensitivity of the zone "{self.name}" is {self.sensitivity:g}',
                hint=f"use {LEAST_SENSITIVITY:g} (coarse) to {MOST_SENSITIVITY:g} (fine); 1 is the default",
            )
        check(self.points, f'the zone "{self.name}"')


@dataclass(frozen=True, slots=True)
class Ground:
    """Zones laid over pictures of one size.

    Attributes:
        sensitivity: float32, of each pixel; 0.0 where nothing counts.
        areas: each zone that counts: its name, 255 where it is, and how many pixels that is.
    """

    sensitivity: npt.NDArray[np.float32]
    areas: tuple[tuple[str, Bytes2D, int], ...]


def lay(zones: Sequence[Zone], height: int, width: int) -> Ground:
    """Return the zones laid over pictures of this size.

    Where zones overlap, the most sensitive one decides how sensitive the place is.

    Raises:
        ZoneError: two have the same name, there are too many, or nothing is left that counts.
    """
    if len(zones) > MOST_ZONES:
        raise ZoneError(f"there are {len(zones)} zones", hint=f"use at most {MOST_ZONES}")
    names = [zone.name for zone in zones]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ZoneError(f'two zones are called "{twice}"', hint="give each zone a name of its own")
    ignored = np.zeros((height, width), np.uint8)
    for zone in zones:
        if zone.ignored:
            fill(ignored, zone.points, 255)
    sensitivity = np.zeros((height, width), np.float32)
    areas = []
    counting = [zone for zone in zones if not zone.ignored]
    for name, points, factor in [(zone.name, zone.points, zone.sensitivity) for zone in counting] or [WHOLE]:
        area = np.zeros((height, width), np.uint8)
        fill(area, points, 255)
        area[ignored != 0] = 0
        count_px = cv2.countNonZero(area)
        if count_px == 0:
            raise ZoneError(
                f'nothing of the zone "{name}" is left to count: all of it is ignored',
                hint="make the ignored zones smaller",
            )
        np.maximum(sensitivity, np.float32(factor), out=sensitivity, where=area != 0)
        areas.append((name, area, count_px))
    return Ground(sensitivity, tuple(areas))

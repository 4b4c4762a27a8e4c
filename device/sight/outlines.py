"""Outlines: connected pixels of a mask, each with its place, and what of them another mask has."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from device.sight.opencv import untyped as cv2
from device.sight.structure import Bytes2D

Box = tuple[slice, slice]
"""Rows and columns."""

OWN_PX: Final = 5
"""Around a blob, how far its own stirring reaches."""
FAR_PX: Final = 14
"""Around a blob, what its surroundings are."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Connected pixels.

    Attributes:
        box: where they are.
        own: 255 where they are, uint8 of the box's size.
        left, top, width, height: the box in pixels.
    """

    box: Box
    own: Bytes2D
    left: int
    top: int
    width: int
    height: int

    def share(self, other: Bytes2D) -> float:
        """Return the share of these pixels that ``other``, of the whole picture, has too."""
        return part(self.own, other[self.box])


def shapes(mask: Bytes2D, least_px: int) -> list[Shape]:
    """Return what is connected in a mask, without holes, if its box has so many pixels."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for outline in outlines:
        left, top, width, height = cv2.boundingRect(outline)
        if width * height < least_px:
            continue
        own = np.zeros((height, width), np.uint8)
        cv2.drawContours(own, [outline], 0, 255, cv2.FILLED, offset=(-left, -top))
        box = slice(top, top + height), slice(left, left + width)
        found.append(Shape(box, own, left, top, width, height))
    return found


def extent(mask: Bytes2D) -> Box:
    """Return the box around all that is not 0 in a mask."""
    left, top, width, height = cv2.boundingRect(mask)
    return slice(top, top + height), slice(left, left + width)


def around(box: Box, by_px: int) -> Box:
    """Return a box with so many pixels more on each side."""
    rows, columns = box
    return (
        slice(max(0, rows.start - by_px), rows.stop + by_px),
        slice(max(0, columns.start - by_px), columns.stop + by_px),
    )


def part(own: Bytes2D, other: Bytes2D) -> float:
    """Return the share of a mask's pixels that another of the same size has too."""
    return int(cv2.countNonZero(cv2.bitwise_and(own, other))) / int(cv2.countNonZero(own))


def unrest(box: Box, credit: Bytes2D) -> float:
    """Return the share of a blob's surroundings in which something stirs."""
    wide, narrow = credit[around(box, FAR_PX)], credit[around(box, OWN_PX)]
    return int(cv2.countNonZero(wide) - cv2.countNonZero(narrow)) / max(1, wide.size - narrow.size)

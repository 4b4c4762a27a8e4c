"""Privacy masks: parts of the picture that never exist, painted over before anything else sees the frame.

A pixel that a mask only touches is masked, and so is the colour that it shares with its neighbours: I420 has one sample
of colour for four pixels. What is painted is black of limited range, the same in every frame, so that a clip can be
checked for it.

The digest of the list of masks goes into each clip's signed statement (``device.contract.masks``).

Pure.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from device.contract.masks import canonical
from device.errors import DeviceError
from device.sight.luma import planes
from device.sight.opencv import untyped as cv2
from device.sight.polygons import Point, check, fill
from device.sight.spans import constant, spans
from device.sight.structure import Bytes2D

Polygon = tuple[Point, ...]

BLACK: Final = (16, 128, 128)
"""Y, U and V."""
MOST_MASKS: Final = 32
LEAST_FREE: Final = 0.05
"""Share of the picture: who leaves less means privacy, or has drawn the mask the wrong way round."""
_AROUND: Final = np.ones((3, 3), np.uint8)


class MaskError(DeviceError, ValueError):
    """The masks cannot be what somebody meant."""


class Masks:
    """Masks laid over pictures of one size.

    Args:
        polygons: corners as shares of the picture; none is allowed.
        height_px: of the main picture, even.
        width_px: of the main picture, even.

    Raises:
        PolygonError: a polygon is outside the picture, crosses itself or has no area.
        MaskError: there are too many, or they leave next to nothing.
    """

    def __init__(self, polygons: Sequence[Polygon], height_px: int, width_px: int) -> None:
        if len(polygons) > MOST_MASKS:
            raise MaskError(f"there are {len(polygons)} masks", hint=f"use at most {MOST_MASKS}")
        self._size = (height_px, width_px)
        luma = np.zeros(self._size, np.uint8)
        for number, points in enumerate(polygons, 1):
            check(points, f"mask {number}")
            fill(luma, points, 1)
        # OpenCV takes a side's place from up to half a row away: a slanting one leaves out what it touches, and at times what is
        # inside. So one pixel more all around, and whatever is inside by the corners themselves.
        luma = cv2.dilate(luma, _AROUND)
        for points in polygons:
            for row, start, end in zip(*spans(points, height_px, width_px), strict=True):
                luma[row, start:end] = 1
        free = 1 - float(luma.mean())
        if free < LEAST_FREE:
            what = "cover the whole picture" if free == 0 else f"leave {free:.1%} of the picture"
            raise MaskError(
                f"the masks {what}, so that nothing to speak of would ever be seen",
                hint=f"leave at least {LEAST_FREE:.0%} of it free, or ask for privacy, which hides everything",
            )
        self._polygons = tuple(polygons)
        # A sample of colour is masked if any of its four pixels is.
        colour = luma.reshape(height_px // 2, 2, width_px // 2, 2).max(axis=(1, 3))
        self._hidden = [(_box(mask), mask[_box(mask)] != 0) for mask in (luma, colour, colour)]
        self.digest: Final = hashlib.sha256(canonical(polygons)).digest()

    def paint(self, i420: Bytes2D) -> None:
        """Black out every masked pixel, in place.

        Args:
            i420: uint8 (height * 3 // 2, width), C-contiguous, no row padding.

        Raises:
            ValueError: the frame has another size (a bug in the caller).
        """
        for part, hidden, value in self._parts(i420):
            np.copyto(part, np.uint8(value), where=hidden)

    def intact(self, i420: Bytes2D) -> bool:
        """Return whether all that is inside a mask is black, as ``paint`` leaves it.

        It asks the polygons anew, not what ``paint`` paints by: a fault in that would find itself in order. Some milliseconds.

        Raises:
            ValueError: the frame has another size (a bug in the caller).
        """
        luma, *colours = self._planes(i420)
        for points in self._polygons:
            rows, starts, ends = spans(points, *self._size)
            if not constant(luma, BLACK[0], rows, starts, ends):
                return False
            shared = rows // 2, starts // 2, (ends + 1) // 2
            if not all(
                constant(colour, value, *shared) for colour, value in zip(colours, BLACK[1:], strict=True)
            ):
                return False
        return True

    def hide(self, area: Bytes2D) -> bool:
        """Return whether the masks leave nothing of an area.

        Args:
            area: uint8 (height, width) of the main picture, 0 where it is not.
        """
        box, hidden = self._hidden[0]
        return int(np.count_nonzero(area)) == int(np.count_nonzero(area[box][hidden]))

    def _parts(self, i420: Bytes2D) -> list[tuple[Bytes2D, npt.NDArray[np.bool_], int]]:
        """Return, for each plane, a view of what may have to be painted, where to, and with what."""
        return [
            (plane[box], hidden, value)
            for plane, (box, hidden), value in zip(self._planes(i420), self._hidden, BLACK, strict=True)
        ]

    def _planes(self, i420: Bytes2D) -> tuple[Bytes2D, ...]:
        height_px, width_px = self._size
        if i420.shape != (height_px * 3 // 2, width_px):
            raise ValueError(f"the frame is {i420.shape}, not {(height_px * 3 // 2, width_px)}")
        return planes(i420, height_px, width_px)


def _box(mask: npt.NDArray[np.uint8]) -> tuple[slice, slice]:
    """Return the smallest rectangle that holds all of the mask."""
    left, top, width, height = cv2.boundingRect(mask)
    return slice(top, top + height), slice(left, left + width)

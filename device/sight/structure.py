"""Structure: what of a picture is left when the light is taken out of it.

Light multiplies, and it is smooth. So each pixel is taken to a logarithmic scale, where a factor becomes a sum, and the
mean of its neighbourhood is taken away, which takes the sum with it. Exposure, clouds, lamps, flicker and headlights
hardly show in what is left; edges and texture do (homomorphic filtering: Oppenheim, Schafer, Stockham 1968; against a
background: Toth, Aach, Metzler 2000).

Pure.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from device.sight.opencv import untyped as cv2

Bytes2D = npt.NDArray[np.uint8]

MOST_PX: Final = 28_800
"""A plane is halved until it has no more pixels: 160x90 of anything that is 16:9. More would only cost; a person who fills
a hundredth of the picture is 144 of them."""
LEAST_PX: Final = 16
"""Of either side."""
NEUTRAL: Final = 128
"""No structure; less is darker than around, more is brighter."""
SCALE: Final = 90.0
"""Levels for a factor of e; eight bits hold all."""
DARK: Final = 16.0
"""Grey levels that are noise rather than light: below, the scale is nearly straight."""
AROUND_PX: Final = 9
"""Twice the width of somebody small; light has no edges this sharp."""

COMPANY: Final = 3
"""Pixels of a mask in 3x3, itself included, from which on one is not alone; noise strikes single pixels."""

_CURVE: Final = np.round(SCALE * np.log1p(np.arange(256) / DARK)).astype(np.uint8)


def working_size(height: int, width: int) -> tuple[int, int]:
    """Return height and width to which planes of this shape are reduced."""
    while height * width > MOST_PX:
        height, width = height // 2, width // 2
    return height, width


def reduced(plane: Bytes2D) -> Bytes2D:
    """Return the plane, averaged down to its working size; ``plane`` itself if it has it.

    Halving again and again takes a sixth of the time that one step does.
    """
    while plane.size > MOST_PX:
        height, width = plane.shape
        plane = cv2.resize(plane, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return plane


def structure(luma: Bytes2D) -> Bytes2D:
    """Return the structure of a picture: a new uint8 array of the same shape, NEUTRAL where there is none."""
    level = cv2.LUT(luma, _CURVE)
    left: Bytes2D = cv2.addWeighted(level, 1, cv2.blur(level, (AROUND_PX, AROUND_PX)), -1, NEUTRAL)
    return left


class Level:
    """A plane of one value, for OpenCV, to which a number costs three times as much as a plane.

    Args:
        shape: of the plane.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._plane: Bytes2D = np.zeros(shape, np.uint8)
        self._value = 0

    def of(self, value: int) -> Bytes2D:
        """Return the plane, its value at most 255; only until the next call, and only to read."""
        value = min(255, value)
        if value != self._value:
            self._plane.fill(value)
            self._value = value
        return self._plane


def in_company(mask: Bytes2D) -> Bytes2D:
    """Return the mask without pixels that have fewer than COMPANY in 3x3, themselves included: 255 or 0, as it is."""
    if not cv2.countNonZero(mask):
        return mask
    _, crowded = cv2.threshold(cv2.blur(mask, (3, 3)), 255 * COMPANY // 9 - 1, 255, cv2.THRESH_BINARY)
    left: Bytes2D = cv2.bitwise_and(mask, crowded)
    return left

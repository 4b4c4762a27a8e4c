"""Sway: a camera that swings, because a door slammed or a lorry passed, and what it would see had it not.

When much of a calm picture is suddenly unexplained, either something large came, or the whole picture lies elsewhere. Where
it lies is found by phase correlation with the background (Kuglin and Hines, *The phase correlation image alignment method*,
1975), and the picture is put back. Nothing is vetoed by that: the picture counts as put back only if that explains most of
it, and whoever is there is as unexplained as before.

Pure.
"""

import math
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from device.sight.opencv import untyped as cv2
from device.sight.structure import AROUND_PX, NEUTRAL, Bytes2D

MUCH: Final = 0.002
"""Share of a picture that is unexplained if it is worth looking where it lies."""
EXPLAINED: Final = 0.7
"""Share of it that has to be explained by that."""
SWINGS_S: Final = 1.5
"""A camera that does not come back within this looks elsewhere now."""
LEAST_PX: Final = 0.4
"""The background lives with a third of a pixel."""
FURTHEST_PX: Final = 6.0
"""A twenty-fifth of the picture's width: more is another view."""

_Plane = npt.NDArray[np.float32]


def put_back(seen: Bytes2D, mean: _Plane) -> Bytes2D | None:
    """Return a picture's structure as it would be without the swing, new; None if it did not swing.

    What swung out of the picture is taken from the background.

    Args:
        seen: its structure; only read.
        mean: the background's; only read.
    """
    (aside, down), _ = cv2.phaseCorrelate(
        mean - np.float32(NEUTRAL), seen.astype(np.float32) - np.float32(NEUTRAL), _window(*seen.shape)
    )
    if not LEAST_PX <= max(abs(aside), abs(down)) <= FURTHEST_PX:
        return None
    move = np.array([[1, 0, aside], [0, 1, down]], np.float32)
    back: Bytes2D = cv2.convertScaleAbs(mean)
    inner = _inner(down, seen.shape[0]), _inner(aside, seen.shape[1])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    back[inner] = cv2.warpAffine(seen, move, seen.shape[::-1], flags=how, borderMode=cv2.BORDER_REPLICATE)[
        inner
    ]
    return back


def _inner(by_px: float, size: int) -> slice:
    """Return where a picture that was moved by so much still has structure of its own: not where it has no neighbourhood."""
    lost = math.ceil(abs(by_px)) + AROUND_PX // 2
    return slice(lost if by_px < 0 else 0, size - lost if by_px > 0 else size)


@cache
def _window(height: int, width: int) -> _Plane:
    window: _Plane = cv2.createHanningWindow((width, height), cv2.CV_32F)
    return window

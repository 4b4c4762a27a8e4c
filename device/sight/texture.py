"""Texture: whether what is unexplained is a thing at all, and one that is far enough away to be in focus.

Structure is what differs from a neighbourhood of nine pixels; its finest part, of three, is texture. Two things can
be read from it:

- Light changes the brightness of a place and leaves its texture, whatever edges the light itself has: a sunbeam, an
  awning's shadow, a fence in headlights. A thing hides it. So each pixel with texture votes whether its texture is still there.
- What is right before the lens, an insect or a spider's thread, is out of focus, and differs from the background
softly. Whatever is more than a hand's breadth away has edges, whether it stands or runs.

Where there is neither texture nor edge, nothing is said, and it counts as a thing: a missed visitor is worse than a false alarm.

That a shadow keeps the texture of what it falls on is what shadow detection has long gone by (Leone and Distante, *Shadow
detection for moving objects based on texture analysis*, 2007).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from device.sight.opencv import untyped as cv2
from device.sight.structure import Bytes2D

TEXTURED: Final = 4.0
"""Levels from which on texture is more than compression,"""
NOISY: Final = 2.0
"""and times the noise of the picture."""
WEAKER, STRONGER = 0.4, 2.5
"""What light may do to the contrast of texture, as a factor."""
VOTES: Final = 10
"""Pixels that have to have texture for their vote to be heard."""
LIT: Final = 0.52
"""Share of the votes from which on it is light. Bodies have 0.1 to 0.49, by chance; shadows 0.55 to 0.9: they
disagree along their edge."""
SOFT: Final = 0.24
"""Share of the difference that is fine: people, near and far, have at least 0.28; moths and insects 0.06 to 0.23."""

_Signed = npt.NDArray[np.float32]


class Texture:
    """Compares the texture of a picture with that of the background."""

    def __init__(self) -> None:
        self._least = TEXTURED

    def take(self, seen: Bytes2D, mean: npt.NDArray[np.float32], noise: float) -> None:
        """Take a picture's structure, the background's, and the noise of the whole picture, in levels; only read."""
        self._seen, self._mean, self._least = seen, mean, max(TEXTURED, NOISY * noise)

    def lit(self, own: Bytes2D, rows: slice, columns: slice) -> bool:
        """Return whether the texture of this place can still be seen there.

        Args:
            own: 255 where the blob is.
            rows: of the picture in which ``own`` lies.
            columns: likewise.
        """
        there = _fine(self._mean[rows, columns])
        power = there * there
        votes = (power >= self._least * self._least) & (own != 0)
        count = int(np.count_nonzero(votes))
        if count < VOTES:
            return False
        shared = _fine(self._seen[rows, columns].astype(np.float32)) * there
        votes &= (shared > WEAKER * power) & (shared < STRONGER * power)
        return int(np.count_nonzero(votes)) >= LIT * count

    def soft(self, own: Bytes2D, rows: slice, columns: slice) -> bool:
        """Return whether what is there differs from the background without an edge; arguments as for ``lit``."""
        change = self._seen[rows, columns].astype(np.float32) - self._mean[rows, columns]
        coarse = float(cv2.norm(change, cv2.NORM_L1, own))
        return float(cv2.norm(_fine(change), cv2.NORM_L1, own)) < SOFT * coarse


def _fine(levels: _Signed) -> _Signed:
    fine: _Signed = levels - cv2.blur(levels, (3, 3))
    return fine

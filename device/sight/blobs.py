"""Blobs: which of the unexplained pixels belong together, live, and have been there for long enough.

Presence is evidence that moves along: a pixel of a blob takes over the time that its neighbours were present, and adds
its own. So somebody who walks keeps theirs, because a body moves by less than its own width between two looks, while
raindrops, flitting insects and noise begin anew each time. The less of the picture a blob covers, the longer it has to
be present: large ones a tenth of a second, somebody at the path's end most of one. No share of the picture is too
large: somebody before a doorbell fills it.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from device.sight.opencv import untyped as cv2
from device.sight.structure import Bytes2D

SMALLEST: Final = 0.0011
"""Share of the picture, at sensitivity 1: a child at the garden gate."""
AT_ONCE_MS: Final = 100
PATIENCE_MS: Final = 2.6
"""Times 1 / share: how much longer a small blob has to be present."""
ENOUGH_MS: Final = 2_000
"""More presence is not counted, so that it does not outlast whoever earned it."""
FADES: Final = 2
"""Presence goes so much faster than it comes."""
SOLID: Final = 0.15
"""Share of a blob that has been present for long enough."""
LIVELY: Final = 0.1
"""Share of a blob that has credit if the blob is alive: a sunbeam that touches a waving leaf is not."""
USUAL: Final = 0.8
"""Share of a blob that is habit, if the whole blob is nothing new."""

_NEIGHBOURS: Final = np.ones((3, 3), np.uint8)
_JOINED: Final = np.ones((5, 3), np.uint8)
"""Parts of one person are further apart upwards than sideways."""


@dataclass(frozen=True, slots=True)
class Blobs:
    """What is there; each is 255 where there is some, 0 elsewhere.

    Attributes:
        alive: blobs that stir, however small or new.
        moving: those that are large and present enough.
        usual: those that would be, but are nothing new.
        alive_px: how many pixels the alive ones have that are not too small.
    """

    alive: Bytes2D
    moving: Bytes2D
    usual: Bytes2D
    alive_px: int


class Presence:
    """How long what is there has been there.

    Args:
        sensitivity: float32, of each pixel: how much smaller a blob may be; 0.0 where nothing counts.
    """

    def __init__(self, sensitivity: npt.NDArray[np.float32]) -> None:
        self._sensitivity = sensitivity
        self._smallest_px = SMALLEST * sensitivity.size / float(sensitivity.max())
        self._present_ms: npt.NDArray[np.uint16] = np.zeros(sensitivity.shape, np.uint16)
        self._none = _nothing(sensitivity.shape)
        self._anything = False

    def judge(self, unexplained: Bytes2D, credit: Bytes2D, habit: Bytes2D, past_s: float) -> Blobs:
        """Return what is there.

        Args:
            unexplained: 255 where the background does not explain the picture.
            credit: 255 where something stirred lately.
            habit: 255 where something moves most of the time.
            past_s: seconds since the last time.
        """
        if not cv2.countNonZero(unexplained) and not self._anything:
            return self._none
        joined = cv2.morphologyEx(unexplained, cv2.MORPH_CLOSE, _JOINED)
        self._be_present(joined, round(past_s * 1000))
        total = joined.size
        if cv2.countNonZero(joined) < self._smallest_px:
            return self._none
        count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8, ltype=cv2.CV_16U)
        found = _nothing(joined.shape)
        alive_px = 0
        for number in range(1, count):
            left, top, width, height, area = (int(figure) for figure in stats[number])
            box = (slice(top, top + height), slice(left, left + width))
            share = area / total * float(self._sensitivity[box].max())
            if share < SMALLEST:
                continue
            own = labels[box] == number
            if np.count_nonzero(credit[box][own]) < LIVELY * area:
                continue
            found.alive[box][own] = 255
            alive_px += area
            needed_ms = AT_ONCE_MS + PATIENCE_MS / share
            if np.count_nonzero(self._present_ms[box][own] >= needed_ms) >= SOLID * area:
                nothing_new = np.count_nonzero(habit[box][own]) >= USUAL * area
                (found.usual if nothing_new else found.moving)[box][own] = 255
        return Blobs(found.alive, found.moving, found.usual, alive_px)

    def forget(self) -> None:
        """Begin anew: nobody knows what happened meanwhile."""
        self._present_ms[:] = 0

    def _be_present(self, joined: Bytes2D, past_ms: int) -> None:
        fading = cv2.subtract(self._present_ms, FADES * past_ms)
        cv2.add(cv2.dilate(self._present_ms, _NEIGHBOURS), past_ms, dst=fading, mask=joined)
        self._present_ms = cv2.min(fading, ENOUGH_MS)
        self._anything = cv2.countNonZero(self._present_ms) > 0


def _nothing(shape: tuple[int, ...]) -> Blobs:
    return Blobs(np.zeros(shape, np.uint8), np.zeros(shape, np.uint8), np.zeros(shape, np.uint8), 0)

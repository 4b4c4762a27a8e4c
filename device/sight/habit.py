"""Habit: where something moves again and again that never came from anywhere.

Washing, a flag, a tree are always there, and move now and then; people and cars come, and go. So the seconds of motion
are counted place by place, without those of whoever came. After eight seconds of it in one gust, or less in two that are seconds
long, because what comes back to its place counts more, what moves within the place alone is nothing new; half an hour
without a gust later it would be again. What moved before somebody was seen to come was them, and is not counted.
Somebody in front of it reaches beyond it, or was seen to come, and counts as anywhere else.

The idea is the habituation of animals to a harmless stimulus, which is specific to the stimulus (Thompson and Spencer 1966).
"""

from typing import Final

import numpy as np

from device.sight.blobs import Blobs
from device.sight.opencv import untyped as cv2
from device.sight.structure import Bytes2D, Level

PARTS: Final = 8
"""Of a second, in which motion is counted: so 255 are half a minute."""
USUAL_S: Final = 8.0
"""Motion that makes a place habitual. Somebody who stood up from behind the hedge has been recorded by then."""
FADES_S: Final = 4.0
"""One part is forgotten in so long: a place that moves for a thirtieth of the time stays habitual."""
RETURNS_S: Final = 3.0
"""What moves again where something moved counts for so much more at once, at most for what it had: gusts come back,
visitors go on."""
PAUSE_S: Final = 4.0
"""So long without motion ends a gust."""

_AROUND: Final = np.ones((15, 15), np.uint8)
"""What flaps is elsewhere each time: it counts around itself too."""
_REACH: Final = np.ones((11, 11), np.uint8)
"""A gust sometimes reaches a little further than usual."""


class Habit:
    """What is usual, place by place.

    Args:
        height: of the pictures.
        width: of the pictures.
    """

    def __init__(self, height: int, width: int) -> None:
        self._moved: Bytes2D = np.zeros((height, width), np.uint8)
        self._lately: Bytes2D = np.zeros((height, width), np.uint8)
        self._nought: Bytes2D = np.zeros((height, width), np.uint8)
        self._returns = Level((height, width))
        self._usual = Level((height, width))
        self._level = Level((height, width))
        self._places: Bytes2D = np.zeros((height, width), np.uint8)
        self._parts = 0.0
        self._calm_s = 0.0
        self._since_s = 0.0

    @property
    def places(self) -> Bytes2D:
        """255 where motion is usual."""
        return self._places

    def note(self, blobs: Blobs, past_s: float) -> None:
        """Take in where something moved that came from nowhere, usual or not."""
        self._since_s += past_s
        fade, self._since_s = divmod(self._since_s, FADES_S)
        if fade:
            self._moved = cv2.subtract(self._moved, self._level.of(int(fade)))
        if blobs.came:
            self._lately[:] = 0
        if blobs.rooted is not None:
            self._calm_s = 0.0
            self._count(blobs.rooted, past_s)
        elif self._calm_s < PAUSE_S:
            self._calm_s += past_s
            if self._calm_s >= PAUSE_S:
                self._moved = cv2.add(self._moved, self._lately)
                self._lately[:] = 0
        if fade or blobs.rooted is not None:
            counted = cv2.add(self._moved, self._lately)
            self._places = cv2.dilate(
                cv2.compare(counted, self._usual.of(round(USUAL_S * PARTS)), cv2.CMP_GT), _REACH
            )

    def _count(self, rooted: Bytes2D, past_s: float) -> None:
        """Take a look's motion into what moved lately: in this gust."""
        whole, self._parts = divmod(self._parts + past_s * PARTS, 1)
        around = cv2.dilate(rooted, _AROUND)
        begins = cv2.bitwise_and(around, cv2.compare(self._lately, self._nought, cv2.CMP_EQ))
        returns = cv2.bitwise_and(cv2.min(self._moved, self._returns.of(round(RETURNS_S * PARTS))), begins)
        gained = cv2.add(returns, cv2.bitwise_and(around, self._level.of(int(whole))))
        self._lately = cv2.add(self._lately, gained)

"""Habit: where something moves again and again that never came from anywhere.

Washing, a flag, a tree are always there, and move now and then; people and cars come, and go. So the seconds of
motion are counted
place by place, without those of whoever came. After eight seconds of it, in one gust or in ten, what moves within
the place alone is nothing new; half an hour without a gust later it would be again. Somebody in front of it reaches
beyond it, or was seen to come, and counts as anywhere else.

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
"""Motion that makes a place habitual: three gusts. Somebody who stood up from behind the hedge has been recorded by then."""
FADES_S: Final = 4.0
"""One part is forgotten in so long: a place that moves for a thirtieth of the time stays habitual."""

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
        self._usual = Level((height, width))
        self._level = Level((height, width))
        self._places: Bytes2D = np.zeros((height, width), np.uint8)
        self._parts = 0.0
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
        if blobs.rooted is not None:
            whole, self._parts = divmod(self._parts + past_s * PARTS, 1)
            self._moved = cv2.add(
                self._moved, cv2.bitwise_and(cv2.dilate(blobs.rooted, _AROUND), self._level.of(int(whole)))
            )
        if fade or blobs.rooted is not None:
            usual = cv2.compare(self._moved, self._usual.of(round(USUAL_S * PARTS)), cv2.CMP_GT)
            self._places = cv2.dilate(usual, _REACH)

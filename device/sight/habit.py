"""Habit: where something has been moving for much of the last twenty minutes.

A household gets used to a tree in the wind, but to nobody who comes out from behind it. So habit belongs to places, not to
times: only what moves within the habitual places is nothing new. It takes seven minutes of motion without a pause to become
habit, or twenty with long pauses, so that a talk at the door does not; and about as long to be forgotten.

The idea is the habituation of animals to a harmless stimulus, which is specific to the stimulus (Thompson and Spencer 1966).
"""

from typing import Final

import numpy as np

from device.sight.blobs import Blobs
from device.sight.opencv import untyped as cv2
from device.sight.structure import Bytes2D

LATELY_S: Final = 1_200.0
HABITUAL: Final = 0.3
"""Share of the time lately; after seven minutes of motion without a pause it is so much."""
WINDOW_S: Final = 20.0
"""Time is counted in windows of this length: wind comes in gusts, so that what moved once in a window moved all of it."""

_REACH: Final = np.ones((9, 9), np.uint8)
"""A gust sometimes reaches a little further than usual."""


class Habit:
    """What is usual, place by place.

    Args:
        height: of the pictures.
        width: of the pictures.
    """

    def __init__(self, height: int, width: int) -> None:
        self._share = np.zeros((height, width), np.float32)
        self._lately: Bytes2D = np.zeros((height, width), np.uint8)
        self._since_s = 0.0
        self._places: Bytes2D = np.zeros((height, width), np.uint8)

    @property
    def places(self) -> Bytes2D:
        """255 where motion is usual."""
        return self._places

    def note(self, blobs: Blobs, past_s: float) -> None:
        """Take in where something moved, usual or not."""
        self._since_s += past_s
        if blobs.alive_px:
            self._lately = cv2.max(self._lately, cv2.max(blobs.moving, blobs.usual))
        if self._since_s < WINDOW_S:
            return
        cv2.accumulateWeighted(self._lately, self._share, min(1.0, self._since_s / LATELY_S))
        self._places = cv2.dilate(cv2.compare(self._share, HABITUAL * 255, cv2.CMP_GT), _REACH)
        self._lately[:] = 0
        self._since_s = 0.0

"""Habit: where something has been moving for most of the last half hour.

A household gets used to a tree in the wind, but to nobody who comes out from behind it. So habit belongs to places, not
to times: only what moves within the habitual places is nothing new. It takes ten minutes of motion without a pause to
become habit, so that a talk at the door does not, and about as long to be forgotten.

The idea is the habituation of animals to a harmless stimulus, which is specific to the stimulus (Thompson and Spencer 1966).
"""

from typing import Final

import numpy as np

from device.sight.blobs import Blobs
from device.sight.opencv import untyped as cv2
from device.sight.structure import Bytes2D

HALF_HOUR_S: Final = 1_800.0
HABITUAL: Final = 0.28
"""Share of the time; after ten minutes of motion without a pause it is 0.283."""
REFRESH_S: Final = 1.0


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
        if self._since_s < REFRESH_S:
            return
        cv2.accumulateWeighted(self._lately, self._share, min(1.0, self._since_s / HALF_HOUR_S))
        self._places = cv2.compare(self._share, HABITUAL * 255, cv2.CMP_GT)
        self._lately[:] = 0
        self._since_s = 0.0

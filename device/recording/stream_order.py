"""Order in what a camera gives: times that go on, and pictures of one form.

Policy, pre-roll and fragments believe the camera's times, and sight believes in one form of picture. A camera whose clock
is set, or whose driver hands out nonsense once, must neither keep a clip running for ever nor end the device. So each item is
looked at before anybody else sees it; what does not fit is for the recorder to begin afresh after.

Pure.
"""

from typing import Final, Literal

import numpy as np

from device.camera.protocol import AccessUnit, Luma
from device.sight.structure import LEAST_PX

BACK_US: Final = 250_000
"""Stamps may waver by a few frames; fragments touch each other whatever the jitter, and nobody compares for equality."""
AHEAD_US: Final = 5_000_000
"""A camera that is silent for so long counts as lost (``camera.usb``), and sight no longer knows what was there before."""

Fault = Literal["clock", "picture"]


class StreamOrder:
    """What the items of one beginning have in common. One thread."""

    def __init__(self) -> None:
        self._last_us: dict[type, int] = {}
        self._rang_us: int | None = None
        self._shape: tuple[int, ...] | None = None

    @property
    def now_us(self) -> int:
        """The latest time so far: of a picture, or of a ring that comes with it; 0 before the first."""
        newest_us, rang_us = self._newest_us, self._rang_us
        if newest_us is None or rang_us is None:
            return newest_us or rang_us or 0
        # A ring before the first picture has nothing that it could be held to.
        return newest_us if rang_us - newest_us > AHEAD_US else max(newest_us, rang_us)

    def fault(self, item: AccessUnit | Luma) -> Fault | None:
        """Return what does not fit about an item; if nothing, it is the next."""
        if not self._goes_on(type(item), item.at_us):
            return "clock"
        if isinstance(item, Luma):
            if not _is_picture(item.i420) or self._shape not in (None, item.i420.shape):
                return "picture"
            self._shape = item.i420.shape
        # The latest, not the last: many small steps back must not add up to a jump.
        self._last_us[type(item)] = max(item.at_us, self._last_us.get(type(item), item.at_us))
        return None

    def ring_us(self, at_us: int) -> int:
        """Return the time of a ring; one that no picture can be near happens now, for a ring always counts."""
        newest_us = self._newest_us
        is_near = newest_us is None or abs(at_us - newest_us) <= AHEAD_US
        self._rang_us = rang_us = at_us if newest_us is None or is_near else newest_us
        return rang_us

    @property
    def _newest_us(self) -> int | None:
        return max(self._last_us.values(), default=None)

    def _goes_on(self, kind: type, at_us: int) -> bool:
        last_us, newest_us = self._last_us.get(kind), self._newest_us
        # Against the other kind as well: two clocks that disagree would keep a clip running past every limit.
        return (last_us is None or -BACK_US <= at_us - last_us <= AHEAD_US) and (
            newest_us is None or abs(at_us - newest_us) <= AHEAD_US
        )


def _is_picture(i420: object) -> bool:
    """Return whether this is I420 of a size that motion can be seen in."""
    if not isinstance(i420, np.ndarray) or i420.dtype != np.uint8 or i420.ndim != 2:
        return False
    height, width = int(i420.shape[0]) * 2 // 3, int(i420.shape[1])
    return (
        height * 3 // 2 == i420.shape[0] and height % 2 == width % 2 == 0 and min(height, width) >= LEAST_PX
    )

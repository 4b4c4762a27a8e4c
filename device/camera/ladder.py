"""What to do about a camera that fails, and about a computer that does not keep up. Pure: failures and times in, steps out.

    fails, or falls silent            open it again
    its encoder falls silent          x264 at a lower rate: the Pi's own may be locked up until the next boot
    fails OFTEN times within SOON_US  the same

x264 stays until the device starts anew. A step is a gap on the ledger like any other time without a camera.

Who does not keep up with x264 leaves out each second picture on purpose, then two of three, rather than by chance; after
a while without haste it tries for more again.
"""

from typing import Final

OFTEN: Final = 3
SOON_US: Final = 600_000_000
LOWER: Final = 3
"""Two thirds of the rate on x264: what a Pi 3 bears at 720p is less than what its encoder did."""
_LEAST_FPS: Final = 5
HASTE: Final = 3
"""Pictures that found the one before still waiting, within ``_HASTE_US``: one alone may be a card that was slow."""
_HASTE_US: Final = 2_000_000
CALM_US: Final = 30_000_000
THINNEST: Final = 3


class Ladder:
    """The steps that one device has taken. One thread.

    Attributes:
        software: leave the Pi's own encoder alone.
    """

    def __init__(self) -> None:
        self._failures_us: list[int] = []
        self.software = False

    def failed(self, at_us: int, *, encoder: bool) -> None:
        """Take a failure; ``software`` tells what the next opening is to do.

        Args:
            at_us: by any clock that rises.
            encoder: the camera gave pictures, and its encoder nothing.
        """
        self._failures_us = [us for us in self._failures_us if at_us - us < SOON_US] + [at_us]
        self.software = self.software or encoder or len(self._failures_us) >= OFTEN


def lower_fps(fps: int) -> int:
    """Return the rate at which x264 stands in for the Pi's encoder."""
    return max(_LEAST_FPS, fps * (LOWER - 1) // LOWER)


class Thinning:
    """Which pictures are encoded. One thread.

    Attributes:
        share: one picture of so many is.
    """

    def __init__(self) -> None:
        self.share = 1
        self._number = 0
        self._hasty_us: list[int] = []
        self._changed_us = 0

    def wants(self, at_us: int) -> bool:
        """Return whether to encode the picture of this time."""
        self._number += 1
        last_us = max(self._hasty_us[-1] if self._hasty_us else 0, self._changed_us)
        if self.share > 1 and at_us - last_us >= CALM_US:
            self.share -= 1
            self._changed_us = at_us
        return self._number % self.share == 0

    def late(self, at_us: int) -> bool:
        """Take that this picture found no room, and return whether fewer are encoded from here on."""
        self._hasty_us = [us for us in self._hasty_us if 0 <= at_us - us < _HASTE_US] + [at_us]
        if len(self._hasty_us) < HASTE or self.share == THINNEST:
            return False
        self.share += 1
        self._changed_us = at_us
        self._hasty_us = []
        return True

"""What somebody says, on its way from the link's thread to the loudspeaker's: bounded, and always the newest.

    begin ──▶ add, add, … ──▶ end
              (more than MAX_FRAMES wait: the oldest is lost, for a voice that lags is worse than one with a gap)

Each step on the deque is whole, so there is no lock. Which talk a moment belongs to goes along: the end of one does not cut
off the beginning of the next.
"""

import contextlib
from collections import deque
from collections.abc import Callable
from typing import Final

RATE_HZ: Final = 16_000
FRAME_US: Final = 40_000
FRAME_BYTES: Final = 2 * RATE_HZ * FRAME_US // 1_000_000
"""Of sound: signed, 16 bits, little endian, mono."""
MAX_FRAMES: Final = 4


class Voice:
    """``begin``, ``add`` and ``end`` are the link's; ``take``, ``is_on`` and ``trouble`` to write the loudspeaker's.

    Attributes:
        trouble: why nobody can be heard, in a sentence; empty if they can. Any thread may read it.
    """

    def __init__(self, wake: Callable[[], None] = lambda: None) -> None:
        """Begin in silence; ``wake`` tells the loudspeaker's thread that something changed, and does not block."""
        self.trouble = ""
        self._wake = wake
        self._frames: deque[bytes] = deque(maxlen=MAX_FRAMES)
        self._is_on = False

    def on_change(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` whenever something changed; it must not block."""
        self._wake = wake

    @property
    def is_on(self) -> bool:
        """Whether somebody talks."""
        return self._is_on

    @property
    def waiting(self) -> int:
        """How many moments are to be heard."""
        return len(self._frames)

    def begin(self) -> None:
        """Somebody talks from now on."""
        self._frames.clear()
        self._is_on = True
        self._wake()

    def add(self, sound: bytes) -> None:
        """Add ``FRAME_BYTES`` of sound; if nobody took the others, the oldest is lost."""
        self._frames.append(sound)
        self._wake()

    def end(self) -> None:
        """Nobody talks any more; what waits is still heard."""
        self._is_on = False
        self._wake()

    def take(self) -> bytes | None:
        """Return the oldest that waits, or None."""
        with contextlib.suppress(IndexError):
            return self._frames.popleft()
        return None

"""Moments of sound, and when they were heard.

A sound card counts its own seconds, and tells nobody when it began. What comes by a pipe comes late and never early, so the
earliest arrival tells most: a moment that comes earlier than it was believed to sets the clock back at once, one that comes
later moves it by a little, as clocks drift, and one that comes much later was lost.

Pure.
"""

from dataclasses import dataclass
from typing import Final

RATE: Final = 16_000
"""Samples a second: speech needs no more, and every browser plays it."""
SAMPLE_BYTES: Final = 2
MOMENT: Final = 640
"""Samples of one moment, 40 ms."""
MOMENT_BYTES: Final = MOMENT * SAMPLE_BYTES
MOMENT_US: Final = MOMENT * 1_000_000 // RATE
PACKET: Final = 1_024
"""Samples of one packet of AAC."""
LOST_US: Final = 400_000
"""So much later than believed is a hole, and no hiccup: a pipe and a card hold less."""
DRIFT_US: Final = 20
"""In each moment: 500 millionths, more than the clock of any sound card is off."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One moment.

    Attributes:
        pcm: ``MOMENT`` samples, signed, 16 bits, little endian, one channel.
        at_us: when its first sample was heard, in µs of CLOCK_MONOTONIC.
    """

    pcm: bytes
    at_us: int


class Stamps:
    """The times of one sound card's moments, as they come one behind another."""

    def __init__(self) -> None:
        self._next_us: int | None = None

    def stamp(self, now_us: int) -> int:
        """Return when the moment that came at ``now_us`` began."""
        latest_us = now_us - MOMENT_US
        at_us = latest_us if self._next_us is None else self._next_us
        if latest_us < at_us or latest_us - at_us > LOST_US:
            at_us = latest_us
        else:
            at_us += min(DRIFT_US, latest_us - at_us)
        self._next_us = at_us + MOMENT_US
        return at_us

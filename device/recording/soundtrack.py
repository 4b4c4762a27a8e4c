"""A clip's sound on its picture's clock: moments in, packets out, without a hole, and never ahead of the picture.

    moment ──▶ its place on the clip's time ──▶ samples in a row ──▶ packets, up to the newest picture

Whatever was not heard is silence: players stop a picture whose sound has a hole. A moment follows the last one if it lies within
``LOOSE`` of where that ended, so the clocks of card and camera part by no more than that. Sound that comes late is waited for,
but no longer than ``LATE``; a microphone that fails keeps no picture back.

Pure but for the encoder it is given.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from device.hearing.sound import PACKET, RATE, SAMPLE_BYTES, Sound

LOOSE: Final = RATE // 20
"""50 ms: what nobody hears between lips and voice."""
LATE: Final = RATE
AHEAD: Final = 12 * RATE
"""Pictures may wait as long for a slow card; what is heard farther ahead is of another clock."""


class Encodes(Protocol):
    """What makes packets of samples."""

    def encode(self, pcm: bytes) -> list[bytes]:
        """Return the packets that are ready once these ``PACKET`` samples are in.

        Raises:
            HearingError: they cannot be made.
        """
        ...

    def end(self) -> list[bytes]:
        """Return what was not ready.

        Raises:
            HearingError: as for ``encode``.
        """
        ...


class Soundtrack:
    """The sound of one clip, which begins at ``zero_us``. One thread."""

    def __init__(self, zero_us: int, encoder: Encodes, heard: Sequence[Sound]) -> None:
        """Begin with what was ``heard`` before, oldest first."""
        self._zero_us = zero_us
        self._encoder = encoder
        self._waiting = bytearray()
        self._placed = 0
        self._is_first = True
        for sound in heard:
            self.hear(sound)

    def hear(self, sound: Sound) -> None:
        """Take in the next moment; what lies before the clip, or on another clock, is left out."""
        begin = self._sample(sound.at_us)
        gap = begin - self._placed
        if gap > AHEAD or len(self._waiting) > AHEAD * SAMPLE_BYTES:
            return
        pcm = sound.pcm
        if self._is_first or not -LOOSE <= gap <= LOOSE:
            self._silence(max(0, gap))
            pcm = pcm[max(0, -gap) * SAMPLE_BYTES :]
        if pcm:
            self._is_first = False
            self._waiting += pcm
            self._placed += len(pcm) // SAMPLE_BYTES

    def packets(self, until_us: int) -> list[bytes]:
        """Return the packets of what was heard up to a moment, that of the picture which was just written."""
        until = self._sample(until_us)
        self._silence(until - LATE - self._placed)
        return self._encoded(until)

    def end(self, end_us: int) -> list[bytes]:
        """Return the last packets of a clip that ends at a moment; what was heard later is in none."""
        until = self._sample(end_us)
        self._silence(until - self._placed)
        return [*self._encoded(until), *self._encoder.end()]

    def _encoded(self, until: int) -> list[bytes]:
        packets: list[bytes] = []
        size_bytes = PACKET * SAMPLE_BYTES
        begin = self._placed - len(self._waiting) // SAMPLE_BYTES
        while len(self._waiting) >= size_bytes and begin + PACKET <= until:
            packets += self._encoder.encode(bytes(self._waiting[:size_bytes]))
            del self._waiting[:size_bytes]
            begin += PACKET
        return packets

    def _silence(self, samples: int) -> None:
        if samples > 0:
            self._waiting += bytes(samples * SAMPLE_BYTES)
            self._placed += samples

    def _sample(self, at_us: int) -> int:
        return (at_us - self._zero_us) * RATE // 1_000_000

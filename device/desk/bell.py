"""The bell: a press in, a sealed word for everybody who watches out.

    press ──▶ line durable ──▶ signed, sealed ──▶ every page

It does not wait for the recorder, which may have seconds of pictures before it: a ring is for this moment. The picture is the
newest that the camera gave, and goes with a durable line alone. A ring is always told: where no line can be written, without
its picture. Whoever leans on the bell rings once in ``AGAIN_US``, and has so many lines: what they would fill is the record.

One thread.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from device.camera.protocol import Luma
from device.contract import messages
from device.ledger import Ledger
from device.recording.thumbnail import jpeg
from device.trust.lines import Rang, utc
from device.trust.ring import RING_METADATA, RingPayload, pad
from device.trust.signed import Context

AGAIN_US: Final = 3_000_000
"""As long as a page rings: a press meanwhile is the same ring."""
LINES: Final = 30
LINE_EVERY_US: Final = 60_000_000
"""Thirty at once and one a minute: less than a megabyte in a day of leaning."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Press:
    """The bell was pressed at a wall time; ``picture`` is the newest there was, painted like every picture."""

    at_utc: datetime
    picture: Luma | None


class Bell:
    """Tells of rings."""

    def __init__(self, ledger: Ledger, is_private: Callable[[], bool]) -> None:
        """Begin; ``is_private`` says whether no picture may leave."""
        self._ledger = ledger
        self._is_private = is_private
        self._told_us: int | None = None
        self._lines, self._counted_us = float(LINES), 0

    def is_same_ring(self, now_us: int) -> bool:
        """Return whether a press at this time is part of the ring before."""
        return self._told_us is not None and 0 <= now_us - self._told_us < AGAIN_US

    def ring(self, press: Press, now_us: int) -> bytes | None:
        """Return the door message that tells of a ring; None if nothing can be sealed."""
        self._told_us = now_us
        at_utc, seq = utc(press.at_utc), self._note(press, now_us)
        shown = None if seq is None or self._is_private() else press.picture
        payload = RingPayload(self._ledger.roster.door, seq, at_utc, b"" if shown is None else jpeg(shown))
        try:
            sealed = self._ledger.seal(pad(self._ledger.sign(Context.RING, payload)), RING_METADATA)
        except OSError as error:
            logger.error("nobody's page rings: %s", error)  # noqa: TRY400 - a sentence, not a trace
            return None
        return messages.encode(messages.Ring(sealed))

    def _note(self, press: Press, now_us: int) -> int | None:
        """Write the line of a ring and return its number, or None."""
        back = max(0, now_us - self._counted_us) / LINE_EVERY_US
        self._lines, self._counted_us = min(float(LINES), self._lines + back), now_us
        if self._lines < 1:
            return None
        try:
            with self._ledger.still():
                self._ledger.note(Rang(at_utc=utc(press.at_utc)))
                seq = self._ledger.chain.head.seq
        except OSError as error:
            logger.error("the disk refused: %s", error)  # noqa: TRY400 - a sentence, not a trace
            return None
        self._lines -= 1
        return seq

"""Labels for clips that were made before the door knew the time: lines that say by how much its clock was off.

    the clock is set while the door runs  → a line, on the door's own word
    a reader's clock says otherwise       → a line, on the reader's word, while no time server was heard

A Pi has no battery clock: it films by whatever time it woke up with. A line corrects what is shown of the clips since the start,
or since the clock was set last, and nothing else: no age, no order and no retention ever hangs on it.

Source: docs/FORMAT.md, "Ledger", ``time_told``.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from device.clock import Clock
from device.ledger import Ledger
from device.trust.lines import TimeTold, utc

OFF: Final = timedelta(seconds=60)
"""What differs by less is no other time to a person."""
AGAIN_US: Final = 600_000_000
"""A clock that is set to and fro fills no record."""

logger = logging.getLogger(__name__)


class Times:
    """The labels of one run of the device. ``look`` belongs to one thread, ``tell`` to another."""

    def __init__(
        self, ledger: Ledger, clock: Clock, next_clip: Callable[[], int], is_known: Callable[[], bool]
    ) -> None:
        """Begin.

        Args:
            ledger: the household's record.
            clock: the device's.
            next_clip: the number of the next clip; any thread.
            is_known: whether the door knows the time; any thread.
        """
        self._ledger = ledger
        self._clock = clock
        self._next_clip = next_clip
        self._is_known = is_known
        self._first = next_clip()
        self._apart = self._measured()
        self._noted_us: int | None = None

    def look(self) -> None:
        """Write a line if the clock was set since the last look; to be called every few seconds."""
        now_us, apart = self._clock.monotonic_us(), self._measured()
        if abs(apart - self._apart) < OFF:
            self._apart = apart
            return
        if self._noted_us is not None and now_us - self._noted_us < AGAIN_US:
            return
        now_utc = self._clock.utc()
        if self._note(now_utc - (apart - self._apart), now_utc, None):
            self._first, self._apart, self._noted_us = self._next_clip(), apart, now_us

    def tell(self, reader: bytes, says_utc: datetime) -> None:
        """Take a reader's word on what time it is: a line, if the door does not know it and the two differ.

        Raises:
            OSError: the disk refused the line.
        """
        now_utc = self._clock.utc()
        if not self._is_known() and abs(says_utc - now_utc) >= OFF:
            self._ledger.note(TimeTold(utc(now_utc), utc(says_utc), self._first, reader))

    def _note(self, at_utc: datetime, says_utc: datetime, reader: bytes | None) -> bool:
        try:
            self._ledger.note(TimeTold(utc(at_utc), utc(says_utc), self._first, reader))
        except OSError as error:
            logger.error("the disk refused: %s", error)  # noqa: TRY400 - a sentence, not a trace
            return False
        logger.warning(
            "the clock was set: recordings since the start keep their order, and get the time that it was"
        )
        return True

    def _measured(self) -> datetime:
        """Return what the wall clock would have said when the other began; it stands still but where the clock is set."""
        return self._clock.utc() - timedelta(microseconds=self._clock.monotonic_us())

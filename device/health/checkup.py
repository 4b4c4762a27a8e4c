"""What a reader is told of the door's health: the findings, sealed for the household, and the film of the last self-test.

Any thread: what is told was found by others before, so that no question makes a disk be read.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from device.clock import Clock
from device.health.daily import Daily
from device.ledger import Ledger
from device.trust.lines import utc
from device.trust.report import MAX_FINDINGS, REPORT_METADATA, Finding, Report, encode_report, shortened

PIECE_BYTES: Final = 32_768
"""Of the film, in one answer: as base64 it fits into what every browser can check the signature of."""

logger = logging.getLogger(__name__)


class Checkup:
    """The health of one door, as it is told.

    Attributes:
        tell_time: takes a reader's word on what time it is.
    """

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        found: Callable[[], tuple[Finding, ...]],
        daily: Daily,
        tell_time: Callable[[bytes, datetime], None],
    ) -> None:
        """Begin.

        Args:
            ledger: what seals for the household.
            clock: the device's.
            found: returns what was found last; any thread.
            daily: the self-tests.
            tell_time: takes a reader's word on what time it is; raises OSError where a line cannot be written.
        """
        self.tell_time = tell_time
        self._ledger = ledger
        self._clock = clock
        self._found = found
        self._daily = daily

    def sealed(self, opened: bytes | None) -> bytes | None:
        """Return the report under the epoch key; None if nothing can be sealed now: the disk refuses a new key.

        Args:
            opened: SHA-256 of the self-test's film, from a reader who has just opened it.
        """
        if opened is not None:
            self._daily.opened(opened)
        findings = (self._daily.finding(), *self._found())
        report = Report(
            utc(self._clock.utc()),
            tuple(shortened(one) for one in findings[:MAX_FINDINGS]),
            self._daily.film(),
        )
        try:
            return self._ledger.seal(encode_report(report), REPORT_METADATA)
        except OSError as error:
            logger.error("the disk refused: %s", error)  # noqa: TRY400 - a sentence, not a trace
            return None

    def piece(self, start: int) -> tuple[bytes, bool]:
        """Return a piece of the self-test's sealed film, and whether more follow."""
        film = self._daily.sealed()
        return film[start : start + PIECE_BYTES], start + PIECE_BYTES < len(film)

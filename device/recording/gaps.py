"""Gaps: times in which nothing was seen or kept, each told on the ledger once it is over.

    camera     it was gone             overload   pictures were dropped: too much to do
    disk       it refused              stuck      it showed the same picture again and again
                                       blind      it showed nothing: covered, or black dark

A camera that shows nothing must not pass for a doorstep where nothing happens.
"""

import logging
from datetime import datetime
from typing import Final, Literal

from device.clock import Clock
from device.ledger import Ledger
from device.sight.observation import Gap as Seen
from device.trust.lines import Gap, utc

Reason = Literal["camera", "overload", "disk", "stuck", "blind"]
_UNSEEN: Final[dict[str, Literal["stuck", "blind"]]] = {"stuck": "stuck", "blind": "blind"}

logger = logging.getLogger(__name__)


class Gaps:
    """The gaps that are open. One thread, but for ``overloaded``."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._lost_utc: datetime | None = None
        self._overloaded_utc: datetime | None = None
        self._unseen: tuple[Literal["stuck", "blind"], datetime] | None = None

    def lost(self) -> None:
        """The camera is gone from now on, until ``tell``."""
        self._lost_utc = self._lost_utc or self._clock.utc()

    def overloaded(self) -> None:
        """Pictures were dropped since now, until ``tell``; any thread."""
        self._overloaded_utc = self._overloaded_utc or self._clock.utc()

    def refused(self) -> None:
        """The disk refused just now."""
        self._note("disk", self._clock.utc())

    def see(self, gap: Seen | None) -> None:
        """Take what sight says of one picture."""
        unseen = _UNSEEN.get(gap or "")
        if unseen == (self._unseen[0] if self._unseen else None):
            return
        if self._unseen is not None:
            self._note(*self._unseen)
        self._unseen = (unseen, self._clock.utc()) if unseen is not None else None

    def tell(self) -> None:
        """Pictures come again and are kept: tell what was missed."""
        if self._lost_utc is not None:
            self._note("camera", self._lost_utc)
            self._lost_utc = None
        if self._overloaded_utc is not None:
            self._note("overload", self._overloaded_utc)
            self._overloaded_utc = None

    def _note(self, reason: Reason, from_utc: datetime) -> None:
        line = Gap(at_utc=utc(self._clock.utc()), reason=reason, from_utc=utc(from_utc))
        try:
            self._ledger.note(line)
        except OSError as error:
            logger.error("the disk refused: %s", error)  # noqa: TRY400 - a sentence, not a trace

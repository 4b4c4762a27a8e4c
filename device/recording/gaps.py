"""Gaps: times in which nothing was seen or kept, each on the ledger while it lasts.

    camera     it was gone             overload   pictures were dropped: too much to do
    disk       it refused              stuck      it showed the same picture again and again
    clock      its time jumped         blind      it showed nothing: covered, or black dark
    picture    it had another form

A camera that shows nothing must not pass for a doorstep where nothing happens. So a gap that lasts has two lines with
the same beginning: one when it is noticed, since a power cut must not take it along and the household wants to know
now, and one at its end. Of what comes again and again, a line a minute is enough: nothing may fill the disk.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from device.clock import Clock
from device.ledger import Record
from device.sight.observation import Gap as Seen
from device.sight.view import STUCK_S
from device.trust.condition import Condition
from device.trust.lines import Gap, GapReason, utc

NOTICED_US: Final = round(STUCK_S * 1e6)
"""A filter that switches, or a hand that waves, blinds for less; sight itself calls nothing stuck before."""
CALM_US: Final = 1_000_000
"""A gap is over when something was seen for so long: what flickers between the two at dusk is one gap."""
AGAIN_US: Final = 60_000_000

_SENTENCES: Final[dict[GapReason, str]] = {
    "clock": "the camera's time jumped: begun afresh",
    "picture": "the camera's picture has another form: begun afresh",
}

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Unseen:
    """A stretch of pictures that show nothing: its reason, when it began and was last seen, and whether it was told."""

    reason: Literal["stuck", "blind"]
    since_us: int
    last_us: int
    from_utc: datetime
    told: bool = False


class Gaps:
    """The gaps that are open. One thread, but for ``overloaded`` and ``conditions``."""

    def __init__(self, ledger: Record, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._lost_utc: datetime | None = None
        self._overloaded_utc: datetime | None = None
        self._refused_utc: datetime | None = None
        self._unseen: _Unseen | None = None
        self._told_us: dict[GapReason, int] = {}
        self._untold_utc: dict[GapReason, datetime] = {}

    def lost(self) -> None:
        """The camera is gone from now on, until ``tell``."""
        self.over()
        if self._lost_utc is None:
            self._lost_utc = self._clock.utc()
            self._note("camera", self._lost_utc)

    def overloaded(self) -> None:
        """Pictures were dropped since now, until ``tell``; any thread."""
        self._overloaded_utc = self._overloaded_utc or self._clock.utc()

    def refused(self) -> None:
        """The disk refused just now, and counts as refusing until ``kept``."""
        now_utc = self._clock.utc()
        self._refused_utc = self._refused_utc or now_utc
        now_us = self._clock.monotonic_us()
        if now_us - self._told_us.get("disk", now_us - AGAIN_US) >= AGAIN_US:
            self._told_us["disk"] = now_us
            self._note("disk", now_utc)

    def kept(self) -> None:
        """The disk took a recording, whole."""
        self._refused_utc = None

    def conditions(self) -> tuple[Condition, ...]:
        """Return what keeps the door from seeing or recording at this moment; any thread."""
        lost_utc, refused_utc, unseen = self._lost_utc, self._refused_utc, self._unseen
        found = []
        if lost_utc is not None:
            found.append(Condition("camera", utc(lost_utc)))
        elif unseen is not None and unseen.told:
            found.append(Condition(unseen.reason, utc(unseen.from_utc)))
        if refused_utc is not None:
            found.append(Condition("disk", utc(refused_utc)))
        return tuple(found)

    def broke(self, reason: Literal["clock", "picture"]) -> None:
        """What the camera gave did not fit what it gave before: what happened in between is not known."""
        self._untold_utc.setdefault(reason, self._clock.utc())
        self._tell_untold(AGAIN_US)

    def see(self, gap: Seen | None, at_us: int) -> None:
        """Take what sight says of one picture.

        Args:
            gap: why it says nothing, if so.
            at_us: camera time; it must not jump without ``over``.
        """
        if gap == "clock":
            self.broke("clock")
        unseen = self._unseen
        if gap not in ("stuck", "blind"):
            if unseen is not None and at_us - unseen.last_us >= CALM_US:
                self._close(unseen, timedelta(microseconds=at_us - unseen.last_us))
            return
        if unseen is None or unseen.reason != gap:
            self.over()
            unseen = self._unseen = self._open(gap, at_us)
        unseen.last_us = at_us
        if not unseen.told and at_us - unseen.since_us >= NOTICED_US:
            unseen.told = True
            self._note(unseen.reason, unseen.from_utc)

    def over(self) -> None:
        """Pictures that show nothing end here, as what comes next has a time of its own."""
        if self._unseen is not None:
            self._close(self._unseen, timedelta())

    def tell(self) -> None:
        """Pictures come again and are kept: tell what was missed."""
        if self._lost_utc is not None:
            self._note("camera", self._lost_utc)
            self._lost_utc = None
        if self._overloaded_utc is not None:
            self._note("overload", self._overloaded_utc)
            self._overloaded_utc = None
        self._tell_untold(AGAIN_US)

    def stop(self) -> None:
        """Tell what is still open: the program ends."""
        self.over()
        self.tell()
        self._tell_untold(0)

    def _open(self, reason: Literal["stuck", "blind"], at_us: int) -> _Unseen:
        before_us = NOTICED_US if reason == "stuck" else 0
        from_utc = self._clock.utc() - timedelta(microseconds=before_us)
        return _Unseen(reason, at_us - before_us, at_us, from_utc)

    def _close(self, unseen: _Unseen, ago: timedelta) -> None:
        self._unseen = None
        if unseen.told:
            self._note(unseen.reason, unseen.from_utc, self._clock.utc() - ago)

    def _tell_untold(self, again_us: int) -> None:
        now_us = self._clock.monotonic_us()
        for reason, from_utc in list(self._untold_utc.items()):
            if reason not in self._told_us or now_us - self._told_us[reason] >= again_us:
                logger.error("%s", _SENTENCES[reason])
                self._told_us[reason] = now_us
                del self._untold_utc[reason]
                self._note(reason, from_utc)

    def _note(self, reason: GapReason, from_utc: datetime, at_utc: datetime | None = None) -> None:
        line = Gap(at_utc=utc(at_utc or self._clock.utc()), reason=reason, from_utc=utc(from_utc))
        try:
            self._ledger.note(line)
        except OSError as error:
            logger.error("the disk refused: %s", error)  # noqa: TRY400 - a sentence, not a trace

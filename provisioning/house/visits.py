"""Who rang, and whether anybody has looked or said "I have it": the page's fold, of the lines that some keys may read.

A visit is settled by whoever opens that very recording, by whoever watches live before it is sealed, or by an answer that names
a line of it; the first of each stands. Nothing else settles one. Of more than ``MOST`` the oldest that is settled goes; where
none is, the two oldest become one.

Source: docs/FORMAT.md, "Visits".
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from device.trust.lines import Answered, ClipExported, ClipHandedOut, LiveBegan, PrivateBody, Rang
from provisioning.house.facts import ClipFacts

MOST: Final = 64


@dataclass(frozen=True, slots=True)
class Seen:
    """Who, and when."""

    reader: bytes
    at_utc: datetime


@dataclass(frozen=True, slots=True)
class Visit:
    """Rings that one recording shows.

    Attributes:
        first_seq: line of its first ring.
        seq: line of its last.
        first_utc: when it began.
        last_utc: when it rang last.
        times: how many rings have a line.
        clip: the recording that shows it, if there is one.
        answered: who said "I have it" first.
        looked: who saw what the recording shows first.
    """

    first_seq: int
    seq: int
    first_utc: datetime
    last_utc: datetime
    times: int
    clip: int
    answered: Seen | None = None
    looked: Seen | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has seen to it."""
        return self.answered is None and self.looked is None


class Visits(list[Visit]):
    """The visits, oldest first."""

    def learn(self, seq: int, body: PrivateBody | None, facts: ClipFacts) -> None:
        """Take in the private body of line ``seq``; ``facts`` are those of the lines up to it."""
        match body:
            case Rang(at_utc=at_utc):
                self._rang(seq, at_utc, _clip_of_now(facts))
            case Answered(ring=ring, reader=reader, at_utc=at_utc):
                for at, visit in enumerate(self):
                    if visit.answered is None and visit.first_seq <= ring <= visit.seq:
                        self[at] = replace(visit, answered=Seen(reader, at_utc))
            case ClipHandedOut(clip=clip) | ClipExported(clip=clip):
                self._looked({clip}, Seen(body.reader, body.at_utc))
            case LiveBegan():
                self._looked({clip for clip in facts if _runs(facts, clip)}, Seen(body.reader, body.at_utc))
            case _:
                pass

    def unseen(self) -> list[Visit]:
        """Return those to which nobody has seen."""
        return [visit for visit in self if visit.is_open]

    def _rang(self, seq: int, at_utc: datetime, clip: int) -> None:
        last = self[-1] if self else None
        if last is not None and last.clip == clip:
            self[-1] = replace(last, seq=seq, last_utc=at_utc, times=last.times + 1)
            return
        self.append(Visit(seq, seq, at_utc, at_utc, 1, clip))
        if len(self) <= MOST:
            return
        settled = next((at for at, visit in enumerate(self) if not visit.is_open), None)
        if settled is not None:
            del self[settled]
            return
        oldest, following = self[0], self[1]
        self[:2] = [
            replace(
                following,
                first_seq=oldest.first_seq,
                first_utc=oldest.first_utc,
                times=oldest.times + following.times,
            )
        ]

    def _looked(self, clips: set[int], seen: Seen) -> None:
        for at, visit in enumerate(self):
            if visit.looked is None and visit.clip in clips:
                self[at] = replace(visit, looked=seen)


def _clip_of_now(facts: ClipFacts) -> int:
    """Return the recording that shows what happens at this line: the one that runs, else the next."""
    newest = max(facts, default=0)
    return newest if _runs(facts, newest) else newest + 1


def _runs(facts: ClipFacts, clip: int) -> bool:
    known = facts.get(clip)
    return (
        known is not None
        and known.begun is not None
        and known.sealed is None
        and known.deleted is None
        and not known.is_past
    )

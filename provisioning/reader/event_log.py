"""What happens at the door, a sentence a line: the ledger of a running door, followed with the card's Open half."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from device.disk.epochs import read_epochs
from device.disk.ledger_file import LEDGER
from device.sealing.header import Identity
from device.trust.ledger import Chain, split
from device.trust.lines import (
    AllowanceSpent,
    Answered,
    ClipBegun,
    ClipDeleted,
    ClipExported,
    ClipHandedOut,
    ClipSealed,
    DayListed,
    EpochBegun,
    Gap,
    Granted,
    LiveBegan,
    LiveEnded,
    PrivateBody,
    SettingsChanged,
    TalkBegan,
    TalkEnded,
)
from provisioning.house.changes import GAPS, Changes, set_by, spent
from provisioning.house.history import Entry, History
from provisioning.printer import moment, quoted

ALIKE: Final = 2
QUIET_CALLS: Final = 5
_TRIGGERS = {"ring": "somebody rings", "motion": "something moves"}


class EventLog:
    """Follows the ledger in a state directory."""

    def __init__(self, state: Path, identity: Identity) -> None:
        self._state = state
        self._chain = Chain()
        self._history = History(identity)
        self._changes = Changes()
        self._read_bytes = 0
        self._opened = Opened()

    def news(self) -> Iterator[str]:
        """Yield a sentence for each line that is new since the last call and worth one.

        Raises:
            LedgerBroken: the ledger was changed.
            OSError: it cannot be read.
        """
        with (self._state / LEDGER).open("rb") as file:
            file.seek(self._read_bytes)
            raws, torn_bytes = split(file.read())
            self._read_bytes = file.tell() - torn_bytes
        for raw in raws:
            before = self._chain.roster if len(self._chain) else None
            line = self._chain.add(raw)
            if isinstance(line.public, EpochBegun):
                self._learn(line.public.epoch)
            entry = self._history.entry(raw)
            sentence = "" if before is None else self._changes.learn(before, self._chain.roster, line)
            if sentence and entry.private is not None:
                sentence = f"{_clock(entry.private.at_utc)}  {sentence}"
            yield from self._opened.by(entry.private)
            sentence = sentence or self._sentence(entry)
            if sentence and not self._opened.keeps_silent:
                yield sentence
        if not raws:
            yield from self._opened.quiet()

    def _learn(self, epoch: int) -> None:
        data = read_epochs(self._state).get(epoch)
        if data is not None:
            self._history.learn_epoch(data)

    def _sentence(self, entry: Entry) -> str:
        match entry.private:
            case ClipBegun(clip=clip, trigger=trigger, at_utc=at_utc):
                return f"{_clock(at_utc)}  {_TRIGGERS[trigger]}: clip {clip} begins"
            case ClipSealed(clip=clip, state="sealed", ciphertext_bytes=size, at_utc=at_utc):
                return f"{_clock(at_utc)}  clip {clip} is sealed, {size / 1e6:.1f} MB"
            case ClipSealed(clip=clip, state=state, at_utc=at_utc):
                return f"{_clock(at_utc)}  clip {clip} is {state}"
            case ClipDeleted(clip=clip, reason=reason, at_utc=at_utc):
                return f"{_clock(at_utc)}  clip {clip} gave way ({reason})"
            case Gap(reason=reason, from_utc=from_utc, at_utc=at_utc):
                return f"{_clock(at_utc)}  since {_since(from_utc, at_utc)}: {GAPS[reason]}"
            case None:
                return ""
            case body:
                return self._doing(body)

    def _doing(self, body: PrivateBody) -> str:
        """Return what a reader did, if it is worth telling."""
        match body:
            case ClipHandedOut(clip=clip, reader=reader, at_utc=at_utc):
                return f"{_clock(at_utc)}  {self._label(reader)} opens clip {clip}"
            case ClipExported(clip=clip, reader=reader, at_utc=at_utc):
                return f"{_clock(at_utc)}  {self._label(reader)} fetches clip {clip} as a file"
            case Answered(reader=reader, at_utc=at_utc):
                return f"{_clock(at_utc)}  {self._label(reader)} has it: sees to who rang"
            case LiveBegan() | LiveEnded() | TalkBegan() | TalkEnded():
                return f"{_clock(body.at_utc)}  {self._label(body.reader)} {_at_the_door(body)}"
            case Granted(reader=reader, to=to, clips=clips, at_utc=at_utc):
                return (
                    f"{_clock(at_utc)}  {self._label(reader)} gives {clips} older clips to {self._label(to)}"
                )
            case SettingsChanged(reader=reader, at_utc=at_utc):
                return f"{_clock(at_utc)}  {self._label(reader)} {set_by(body)}"
            case AllowanceSpent(reader=reader, at_utc=at_utc):
                return f"{_clock(at_utc)}  {spent(self._chain.roster, reader)}"
            case DayListed(reader=reader, after=0, at_utc=at_utc):
                return f"{_clock(at_utc)}  {self._label(reader)} looks at the list"
        return ""

    def _label(self, reader: bytes) -> str:
        found = self._chain.roster.reader(reader)
        return quoted(found.label) if found else "somebody unknown"


def _at_the_door(body: LiveBegan | LiveEnded | TalkBegan | TalkEnded) -> str:
    """Return what a reader does at this moment, or did, for after their name."""
    match body:
        case LiveBegan():
            return "watches live"
        case LiveEnded(watched_s=watched_s):
            return f"watched live for {watched_s} s"
        case TalkBegan(recorded=recorded):
            return "has a quick reply played at the door" if recorded else "speaks at the door"
        case TalkEnded(talked_s=talked_s):
            return f"was heard at the door for {talked_s} s"


class Opened:
    """Recordings that one reader opens one after the other: the first two are told, the rest in one sentence.

    Whoever checks everything opens hundreds, and must not push everything else out of sight.
    """

    def __init__(self) -> None:
        self._reader: bytes | None = None
        self._count = 0
        self._quiet = 0

    @property
    def keeps_silent(self) -> bool:
        """Whether the line that was last taken in is one of many."""
        return self._count > ALIKE

    def by(self, body: PrivateBody | None) -> Iterator[str]:
        """Take in what a line says; yield how many there were, once they end."""
        self._quiet = 0
        reader = body.reader if isinstance(body, ClipHandedOut) else None
        if reader != self._reader:
            if self.keeps_silent:
                yield f"          and {self._count - ALIKE} more, one after the other"
            self._reader, self._count = reader, 0
        if reader is not None:
            self._count += 1

    def quiet(self) -> Iterator[str]:
        """Nothing was new; yield how many there were, once that has been so for a while."""
        self._quiet += 1
        if self._quiet == QUIET_CALLS:
            yield from self.by(None)


def _clock(at_utc: datetime) -> str:
    return f"{at_utc.astimezone():%H:%M:%S %Z}"


def _since(from_utc: datetime, at_utc: datetime) -> str:
    """Return a time that may be of another day than the line that tells it."""
    is_same_day = from_utc.astimezone().date() == at_utc.astimezone().date()
    return _clock(from_utc) if is_same_day else moment(from_utc)

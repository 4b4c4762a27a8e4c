"""What happens at the door, a sentence a line: the ledger of a running door, followed with the card's Open half."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from device.epochs import DIRECTORY as EPOCHS
from device.ledger_file import LEDGER
from device.sealing.header import Identity
from device.trust.household import Admission, ReaderAdded
from device.trust.ledger import Chain, split
from device.trust.lines import (
    ClipBegun,
    ClipDeleted,
    ClipHandedOut,
    ClipSealed,
    DayListed,
    EpochBegun,
    Gap,
)
from device.trust.signed import payload_of
from provisioning.history import Entry, History
from provisioning.printer import quoted

_TRIGGERS = {"ring": "somebody rings", "motion": "something moves"}
_GAPS = {
    "camera": "the camera is or was gone",
    "overload": "pictures were lost: too much to do",
    "disk": "the disk refused",
    "stuck": "the camera shows the same picture again and again",
    "blind": "the camera sees nothing: it is covered, or it is black dark",
    "clock": "the camera's time jumped; what happened in between is not known",
    "picture": "the camera's picture had another form; what happened in between is not known",
    "unfit": "nothing can be sealed to some who belong: recordings are not for them",
    "settings": "the settings are damaged or lost, and nothing is seen until somebody sets them anew",
}


class Happenings:
    """Follows the ledger in a state directory."""

    def __init__(self, state: Path, identity: Identity) -> None:
        self._state = state
        self._chain = Chain()
        self._history = History(identity)
        self._read_bytes = 0

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
            line = self._chain.add(raw)
            if isinstance(line.public, EpochBegun):
                self._history.learn_epoch(
                    (self._state / EPOCHS / f"{line.public.epoch:06d}.age").read_bytes()
                )
            sentence = self._sentence(self._history.entry(raw))
            if sentence:
                yield sentence

    def _sentence(self, entry: Entry) -> str:
        if isinstance(entry.public, ReaderAdded):
            return f"{quoted(payload_of(entry.public.admission, Admission).reader.label)} was added with the card"
        match entry.private:
            case ClipBegun(clip=clip, trigger=trigger, at_utc=at_utc):
                return f"{_clock(at_utc)}  {_TRIGGERS[trigger]}: clip {clip} begins"
            case ClipSealed(clip=clip, state="sealed", ciphertext_bytes=size, at_utc=at_utc):
                return f"{_clock(at_utc)}  clip {clip} is sealed, {size / 1e6:.1f} MB"
            case ClipSealed(clip=clip, state=state, at_utc=at_utc):
                return f"{_clock(at_utc)}  clip {clip} is {state}"
            case ClipHandedOut(clip=clip, reader=reader, at_utc=at_utc):
                return f"{_clock(at_utc)}  {self._label(reader)} opens clip {clip}"
            case DayListed(reader=reader, after=0, at_utc=at_utc):
                return f"{_clock(at_utc)}  {self._label(reader)} looks at the list"
            case ClipDeleted(clip=clip, reason=reason, at_utc=at_utc):
                return f"{_clock(at_utc)}  clip {clip} gave way ({reason})"
            case Gap(reason=reason, from_utc=from_utc, at_utc=at_utc):
                return f"{_clock(at_utc)}  since {_clock(from_utc)}: {_GAPS[reason]}"
        return ""

    def _label(self, reader: bytes) -> str:
        found = self._chain.roster.reader(reader)
        return quoted(found.label) if found else "somebody unknown"


def _clock(at_utc: datetime) -> str:
    return at_utc.astimezone().strftime("%H:%M:%S")

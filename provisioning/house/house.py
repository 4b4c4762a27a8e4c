"""A door's state directory as the household reads it: the ledger verified, its private side opened, the clips found.

Nothing is written, so it serves a card in a reader, a copy, or the directory of a running door. A ledger that breaks at one
line is read up to there: what the household recorded before stays theirs to open.

Source: docs/FORMAT.md.
"""

import hashlib
import io
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final

from device.contract.forms import UNREADABLE
from device.contract.misfit import misfit
from device.disk.durable import open_file, read_file
from device.disk.epochs import read_epochs
from device.disk.ledger_file import HEAD, LEDGER
from device.disk.spool import RECORDING, SPOOL
from device.sealing.errors import SealError
from device.sealing.header import read_header
from device.sealing.sframe_header import decode_header
from device.trust.errors import LedgerBroken, TrustError
from device.trust.ledger import Chain, split
from device.trust.lines import EpochBegun, Line, SignedHead
from device.trust.roster import Roster
from device.trust.signed import Context, verify
from provisioning.errors import ProvisioningError
from provisioning.house.changes import Changes
from provisioning.house.facts import ClipFacts
from provisioning.house.history import Entry, History
from provisioning.house.place import Held, Place
from provisioning.house.visits import Visits

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_CLIP: Final = re.compile(r"\d{6,12}\Z")
MAX_SMALL_BYTES: Final = 4_194_304
"""More than any file of a door but its films and its ledger."""


class NoHouse(ProvisioningError, OSError):
    """The directory is no door's."""


class House:
    """One door, read.

    Attributes:
        chain: the verified lines.
        identities: who reads.
        history: opens what they may.
        changes: what changed in the household.
        entries: the same lines, opened as far as that.
        facts: clip → what the ledger says of it.
        visits: who rang, and who saw to it.
        clips: clip → its directory, finished and unfinished ones.
        twice: clips that lie in several directories.
        place: what the identities ought to open.
        troubles: what does not hold, apart from clips; a sentence each.
        notes: what is worth knowing and no fault.
    """

    def __init__(self, state: Path, identities: Sequence[Held] = ()) -> None:
        """Read the door in ``state``; no identity is enough to verify what is public.

        Raises:
            NoHouse: no door's directory.
        """
        self.state = state
        self.chain = Chain()
        self.identities = tuple(identities)
        self.history = History(*identities)
        self.changes = Changes()
        self.entries: list[Entry] = []
        self.facts = ClipFacts()
        self.visits = Visits()
        self.clips: dict[int, Path] = {}
        self.twice: set[int] = set()
        self.place = Place(self.identities)
        self.troubles: list[str] = []
        self.notes: list[str] = []
        self._rosters: list[Roster] = []
        self._epochs: list[bool] = []
        self._last_foreign = 0
        self._sealed_to: tuple[str, ...] = ()
        # A running door writes the line, then the head: read the other way round, the head is never ahead.
        head = self._head_file()
        self._read_ledger()
        self._check_head(head)
        self._find_clips()

    def roster_at(self, seq: int) -> Roster:
        """Return who belonged to the household after line ``seq``."""
        return next(roster for roster in reversed(self._rosters) if roster.seq <= seq)

    def numbers(self) -> list[int]:
        """Return every clip that is on the ledger or on the disk, rising, but for those that gave way by a line."""
        told = set(self.facts) | set(self.clips)
        return sorted(clip for clip in told if clip not in self.facts or self.facts[clip].deleted is None)

    def is_running(self, clip: int) -> bool:
        """Return whether a clip lies among the unfinished: it is being recorded, or was when the power went."""
        return clip in self.clips and self.clips[clip].parent.name == RECORDING

    def belongs_at(self, seq: int) -> bool:
        """Return whether one of the identities belonged to the household after line ``seq``."""
        return bool(self.place.on(self.roster_at(seq)))

    def has_epoch(self, epoch: int) -> bool:
        """Return whether the ledger announced an epoch."""
        return 1 <= epoch <= len(self._epochs)

    def ought_to_open(self, epoch: int) -> bool:
        """Return whether one of the identities belonged to the household when an epoch began."""
        return self.has_epoch(epoch) and self._epochs[epoch - 1]

    def sees_from(self, epoch: int) -> bool:
        """Return whether the identities ought to read every line from an epoch on."""
        return epoch > self._last_foreign

    def open(self, path: Path) -> BinaryIO | None:
        """Return a file of the door, to be closed by the caller; None if it is not there.

        Raises:
            OSError: it cannot be read, or is no file: on a card that somebody prepared it may be a pipe, which never ends.
        """
        try:
            return os.fdopen(open_file(path), "rb")
        except (FileNotFoundError, NotADirectoryError):
            return None

    def read(self, path: Path) -> bytes | None:
        """Return what a small file of the door holds; None if it is not there.

        Raises:
            OSError: as ``open``, or it is larger than any such file.
        """
        try:
            return read_file(path, MAX_SMALL_BYTES)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _read_ledger(self) -> None:
        hint = "name the door's state directory, or a copy of it"
        try:
            ledger = self.open(self.state / LEDGER)
        except OSError as error:
            raise NoHouse(f"{self.state} holds no door's ledger ({error.strerror})", hint=hint) from error
        if ledger is None:
            raise NoHouse(f"{self.state} holds no door's ledger", hint=hint)
        with ledger:
            raws, torn_bytes = split(ledger.read())
        self._epoch_files = read_epochs(self.state)
        for raw in raws:
            before = self.chain.roster if len(self.chain) else None
            try:
                line = self.chain.add(raw)
            except LedgerBroken as broken:
                self.troubles.append(f"{broken}; nothing after it can be trusted")
                break
            if not self._rosters or self._rosters[-1] is not self.chain.roster:
                self._rosters.append(self.chain.roster)
            if before is not None:
                self.changes.learn(before, self.chain.roster, line)
            if isinstance(line.public, EpochBegun):
                self._read_epoch(line.public)
            self._read_entry(raw, line)
        if not len(self.chain):
            raise NoHouse(
                f"{self.state / LEDGER}: the first line is not a door's", hint="is it the right file?"
            )
        if torn_bytes:
            self.notes.append("the ledger ends within a line, as after a power cut; that line never counted")

    def _read_epoch(self, line: EpochBegun) -> None:
        self._epochs.append(bool(self.place.on(self.chain.roster)))
        self._sealed_to = self.chain.roster.recipients
        if not self._epochs[-1]:
            self._last_foreign = line.epoch
        data = self._epoch_files.get(line.epoch)
        if data is None:
            self.troubles.append(f"epoch {line.epoch}: its file is missing")
            return
        if hashlib.sha256(data).digest() != line.sha256:
            self.troubles.append(f"epoch {line.epoch}: its file is not the one that the ledger names")
            return
        try:
            doubt = self.place.doubt(read_header(io.BytesIO(data)), self.chain.roster)
            if doubt:
                self.troubles.append(f"epoch {line.epoch}: {doubt}")
            self.history.learn_epoch(data)
        except (SealError, *UNREADABLE) as error:
            self.troubles.append(f"epoch {line.epoch}: its file does not open: {misfit(error)[0]}")

    def _read_entry(self, raw: bytes, line: Line) -> None:
        try:
            self._check_epoch_of(line)
            entry = self.history.entry(raw)
        except (SealError, *UNREADABLE) as error:
            self.troubles.append(f"ledger line {line.seq}: its private side was changed: {misfit(error)[0]}")
            return
        self.entries.append(entry)
        self.changes.note(self.chain.roster, entry.private)
        wrong = self.facts.learn(entry.private, self.chain.epoch, self.chain.roster.seq)
        if wrong:
            self.troubles.append(f"ledger line {line.seq}: {wrong}")
        self.visits.learn(line.seq, entry.private, self.facts)

    def _check_epoch_of(self, line: Line) -> None:
        """Tell of a line that is sealed to others than belong at it: it would be silent for those who do."""
        if line.private is None:
            return
        epoch = decode_header(line.private).kid
        # What a change of the household says beside itself is still for those of before.
        past = line.public is None and self._sealed_to != self.chain.roster.recipients
        if epoch != self.chain.epoch or past:
            self.troubles.append(
                f"ledger line {line.seq}: it is sealed under epoch {epoch}, which is not that of the household at this line"
            )

    def _head_file(self) -> bytes | None:
        try:
            return self.read(self.state / HEAD)
        except OSError:
            return b""

    def _check_head(self, blob: bytes | None) -> None:
        roster, own = self.chain.roster, self.chain.head
        if blob is None:
            if own.seq:  # a newborn door has not signed yet
                self.notes.append("there is no signed head beside the ledger")
            return
        try:
            head = verify(roster.device, Context.HEAD, blob, SignedHead)
        except TrustError as error:
            self.troubles.append(f"the signed head does not hold: {error}")
            return
        if head.door != roster.door or not self.chain.holds(head.seq, head.hash):
            self.troubles.append(
                f"the signed head is of line {head.seq}, and this ledger, which ends at line {own.seq}, "
                "has another there or none: lines are missing or were replaced"
            )

    def _find_clips(self) -> None:
        spool = self.state / SPOOL
        for day in sorted(spool.iterdir()) if spool.is_dir() else ():
            if (day.name != RECORDING and not _DAY.match(day.name)) or day.is_symlink() or not day.is_dir():
                continue
            for home in sorted(day.iterdir()):
                if _CLIP.match(home.name):
                    clip = int(home.name)
                    if clip in self.clips:
                        self.twice.add(clip)
                    self.clips[clip] = home
        for clip in sorted(self.clips):
            if clip in self.facts and self.facts[clip].deleted is not None:
                self.notes.append(f"clip {clip} gave way by its line, and its files are still there")

"""A door's state directory as the household reads it: the ledger verified, its private side opened, the clips found.

Nothing is written, so it serves a card in a reader, a copy, or the directory of a running door. A ledger that breaks at one
line is read up to there: what the household recorded before stays theirs to open.

Source: docs/FORMAT.md.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.contract.forms import UNREADABLE
from device.epochs import read_epochs
from device.ledger_file import HEAD, LEDGER
from device.sealing.errors import SealError
from device.sealing.header import Identity
from device.spool import RECORDING, SPOOL
from device.trust.errors import LedgerBroken, TrustError
from device.trust.ledger import Chain, split
from device.trust.lines import ClipBegun, ClipDeleted, ClipSealed, EpochBegun, SignedHead
from device.trust.roster import Roster
from device.trust.signed import Context, verify
from provisioning.changes import Changes
from provisioning.errors import ProvisioningError
from provisioning.history import Entry, History

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_CLIP: Final = re.compile(r"\d{6,12}\Z")


class NoHouse(ProvisioningError, OSError):
    """The directory is no door's."""


@dataclass(slots=True)
class Facts:
    """What the ledger says of one clip.

    Attributes:
        begun: its first line; None for an ``unrecorded`` one, or if this identity may not read it.
        sealed: its line when it was finished; a start after a power cut may have written that again.
        deleted: it gave way.
        stale: its first line names a household that was past by then.
    """

    begun: ClipBegun | None = None
    sealed: ClipSealed | None = None
    deleted: ClipDeleted | None = None
    stale: bool = False


class House:
    """One door, read.

    Attributes:
        chain: the verified lines.
        identities: who reads.
        history: opens what they may.
        changes: what changed in the household.
        entries: the same lines, opened as far as that.
        facts: clip → what the ledger says of it.
        clips: clip → its directory, finished and unfinished ones.
        troubles: what does not hold, apart from clips; a sentence each.
        notes: what is worth knowing and no fault.
    """

    def __init__(self, state: Path, identities: Sequence[Identity] = ()) -> None:
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
        self.facts: dict[int, Facts] = {}
        self.clips: dict[int, Path] = {}
        self.troubles: list[str] = []
        self.notes: list[str] = []
        self._rosters: list[Roster] = []
        # A running door writes the line, then the head: read the other way round, the head is never ahead.
        head = self._head_file()
        self._read_ledger()
        self._check_head(head)
        self._find_clips()

    def roster_at(self, seq: int) -> Roster:
        """Return who belonged to the household after line ``seq``."""
        return next(roster for roster in reversed(self._rosters) if roster.seq <= seq)

    def numbers(self) -> list[int]:
        """Return every clip that is on the ledger and not deleted, or on the disk, rising."""
        told = {clip for clip, facts in self.facts.items() if facts.deleted is None}
        return sorted(told | set(self.clips))

    def is_running(self, clip: int) -> bool:
        """Return whether a clip is not finished: it is being recorded, or was when the power went."""
        return self.clips[clip].parent.name == RECORDING

    def _read_ledger(self) -> None:
        try:
            raws, torn_bytes = split((self.state / LEDGER).read_bytes())
        except OSError as error:
            raise NoHouse(
                f"{self.state} holds no door's ledger ({error.strerror})",
                hint="name the door's state directory, or a copy of it",
            ) from error
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
            self._read_entry(raw)
        if not len(self.chain):
            raise NoHouse(
                f"{self.state / LEDGER}: the first line is not a door's", hint="is it the right file?"
            )
        if torn_bytes:
            self.notes.append("the ledger ends within a line, as after a power cut; that line never counted")

    def _read_epoch(self, line: EpochBegun) -> None:
        data = self._epoch_files.get(line.epoch)
        if data is None:
            self.troubles.append(f"epoch {line.epoch}: its file is missing")
            return
        if hashlib.sha256(data).digest() != line.sha256:
            self.troubles.append(f"epoch {line.epoch}: its file is not the one that the ledger names")
            return
        try:
            self.history.learn_epoch(data)
        except (SealError, *UNREADABLE) as error:
            self.troubles.append(f"epoch {line.epoch}: its file does not open: {error}")

    def _read_entry(self, raw: bytes) -> None:
        try:
            entry = self.history.entry(raw)
        except (SealError, *UNREADABLE) as error:
            self.troubles.append(f"ledger line {len(self.chain) - 1}: its private side was changed: {error}")
            return
        self.entries.append(entry)
        body = entry.private
        self.changes.note(self.chain.roster, body)
        if not isinstance(body, ClipBegun | ClipSealed | ClipDeleted):
            return
        facts = self.facts.setdefault(body.clip, Facts())
        match body:
            case ClipBegun():
                if facts.begun is not None:
                    self.troubles.append(f"ledger line {entry.seq}: clip {body.clip} begins a second time")
                else:
                    facts.begun = body
                    facts.stale = body.roster_seq != self.chain.roster.seq
            case ClipSealed():
                facts.sealed = facts.sealed or body
            case ClipDeleted():
                facts.deleted = body

    def _head_file(self) -> bytes | None:
        try:
            return (self.state / HEAD).read_bytes()
        except OSError:
            return None

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
        if not spool.is_dir():
            return
        for day in sorted(spool.iterdir()):
            if day.name == RECORDING or _DAY.match(day.name):
                self.clips.update({int(home.name): home for home in day.iterdir() if _CLIP.match(home.name)})

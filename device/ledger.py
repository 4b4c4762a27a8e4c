"""The ledger as the rest of the device uses it: say what happened, and it is durable, chained and sealed.

It joins the file, the chain and the epoch keys, because their order matters: the epoch file is durable before the
line that announces it, a line is durable before anybody acts on it, and a new day or a new reader begins a new
epoch by itself.

Any thread may call it; one lock makes the order of lines.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.clock import Clock
from device.disk.epochs import Epochs
from device.disk.ledger_file import LedgerFile
from device.sealing.sframe import Sealer
from device.trust.household import Change
from device.trust.ledger import Chain
from device.trust.lines import Dated, EpochBegun, Gap, PrivateBody, PublicBody, Started, utc
from device.trust.members import members
from device.trust.roster import Roster
from device.trust.signed import Context, sign
from device.trust.statement import EVENT_METADATA, MAX_STATEMENT_BYTES, Statement

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Epoch:
    sealer: Sealer
    day: date
    recipients: tuple[str, ...]


class Record(Protocol):
    """What recording needs of a ledger: the household's own, or the one that a self-test throws away; see ``Ledger``."""

    @property
    def roster(self) -> Roster:
        """Who belongs to the household now."""
        ...

    def note(self, body: PrivateBody) -> None:
        """Write a private line."""
        ...

    def seal_statement(self, statement: Statement) -> bytes:
        """Return the bytes of an event file."""
        ...

    def sign(self, context: Context, payload: msgspec.Struct) -> bytes:
        """Return a signed blob."""
        ...

    def still(self) -> AbstractContextManager[None]:
        """Let no line be written meanwhile."""
        ...


class Ledger:
    """The household's record, open for writing by one process."""

    def __init__(self, state: Path, key: Ed25519PrivateKey, clock: Clock) -> None:
        """Open the ledger in ``state`` and begin a new epoch.

        Raises:
            LedgerBroken: the file was changed.
            NotThisDoor: state and key do not belong together.
            OSError: it cannot be read or written.
        """
        self._clock = clock
        self._key = key
        self._lock = threading.RLock()
        self._file = LedgerFile(state, key)
        self._epochs = Epochs(state)
        self._told: Callable[[], None] = lambda: None
        self._epoch = self._begin_epoch()

    @property
    def chain(self) -> Chain:
        """The verified chain; read it under no lock only for what never shrinks."""
        return self._file.chain

    @property
    def roster(self) -> Roster:
        """Who belongs to the household now."""
        return self._file.chain.roster

    def on_line(self, told: Callable[[], None]) -> None:
        """Call ``told`` after each line, from the thread that wrote it; it must not block."""
        self._told = told

    def note(self, body: PrivateBody) -> None:
        """Write a private line; when this returns it is durable.

        Raises:
            OSError: it is not part of the ledger.
        """
        with self._lock:
            self._renew()
            self._append(None, body, self._epoch.sealer)
        self._told()

    def change(self, change: Change) -> int:
        """Write the line that changes the household and return its number; if it changes who can open, a new epoch begins.

        Raises:
            LedgerBroken: the change may not stand in this ledger (callers verify before).
            OSError: nothing changed.
        """
        with self._lock:
            self._append(change, Dated(at_utc=utc(self._clock.utc())), self._epoch.sealer)
            seq = self.chain.head.seq
            try:
                self._renew()
            except OSError as error:
                # Who left has left. Nothing is sealed under the key that they have: whatever is next begins the epoch first.
                logger.error("no new epoch yet: %s", error)  # noqa: TRY400 - a sentence, not a trace
        self._told()
        return seq

    def seal_statement(self, statement: Statement) -> bytes:
        """Return the bytes of an event file: the statement signed by the device, sealed under the epoch key.

        Whoever makes a statement keeps it short; if it is too long all the same, it goes without the list of masks, then
        without its picture, as an event that nobody can be shown is none.

        Raises:
            OSError: there is no key in force that those who belong now, and nobody else, can have.
        """
        blob = sign(self._key, Context.STATEMENT, statement)
        for without in ({"masks": None}, {"thumbnail": b""}):
            if len(blob) > MAX_STATEMENT_BYTES:
                statement = msgspec.structs.replace(statement, **without)
                blob = sign(self._key, Context.STATEMENT, statement)
        return self.seal(blob, EVENT_METADATA)

    def seal(self, plaintext: bytes, metadata: bytes) -> bytes:
        """Return a frame under the epoch key: for those who belong now.

        Raises:
            OSError: there is no key in force that those who belong now, and nobody else, can have.
        """
        with self._lock:
            self._renew()
            return self._epoch.sealer.seal(plaintext, metadata)

    def sign(self, context: Context, payload: msgspec.Struct) -> bytes:
        """Return the signed blob of what the device says, to itself or to others, outside the ledger's lines."""
        return sign(self._key, context, payload)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Let no line be written meanwhile: for what must be of one moment. Keep it short, recording waits."""
        with self._lock:
            yield

    def lines(self, start: int, budget_bytes: int) -> tuple[list[bytes], bool]:
        """Return raw lines from number ``start`` on, and whether more follow."""
        with self._lock:
            return self._file.lines(start, budget_bytes)

    def epoch_file(self, epoch: int) -> bytes | None:
        """Return the age file of an epoch that the ledger announced, or None."""
        return self._epochs.read(epoch) if 1 <= epoch <= self.chain.epoch else None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()
            self._epochs.close()

    def _renew(self) -> None:
        """Begin a new epoch if it is another day, or others than the key was sealed to belong now."""
        now = (self._clock.utc().date(), self.roster.recipients)
        if now != (self._epoch.day, self._epoch.recipients):
            self._epoch = self._begin_epoch()

    def _begin_epoch(self) -> _Epoch:
        now_utc, roster = utc(self._clock.utc()), self.roster
        number, known = self.chain.epoch + 1, members(roster)
        sealer, digest = self._epochs.begin(number, known.recipients)
        self._append(EpochBegun(number, digest), Started(at_utc=now_utc, epoch=number), sealer)
        if known.left_out:
            logger.error(
                "nothing can be sealed to members of the household: left out=%d", len(known.left_out)
            )
            self._append(None, Gap(at_utc=now_utc, reason="unfit", from_utc=now_utc), sealer)
        return _Epoch(sealer, now_utc.date(), roster.recipients)

    def _append(self, public: PublicBody | None, private: PrivateBody, sealer: Sealer) -> None:
        self._file.append(self.chain.next_line(public, private, sealer.seal))

"""The ledger: one append-only hash chain, verified line by line in the order in which it was written.

    line n carries SHA-256(line n-1); the device signs the head (number and hash of the last line)

Whoever holds the device key could rewrite the chain, so every browser remembers the last head that it saw. ``Chain`` is the
one verifier: the device feeds it the file at start and its own new lines, the CLI feeds it a spool.

Source: docs/FORMAT.md, "Ledger".
"""

import hashlib
from collections.abc import Callable

from device.contract import canonical
from device.contract.forms import UNREADABLE
from device.contract.misfit import misfit
from device.trust.changes import fold
from device.trust.errors import LedgerBroken, TrustError
from device.trust.lines import (
    MAX_LINE_BYTES,
    ORIGIN,
    Born,
    EpochBegun,
    Head,
    Line,
    PrivateBody,
    PublicBody,
    encode_private,
    private_metadata,
)
from device.trust.roster import Roster, born

HASH_BYTES = 32

SealPrivate = Callable[[bytes, bytes], bytes]  # (plaintext, metadata) → SFrame ciphertext


class Chain:
    """A verified chain, empty at first.

    Attributes:
        epoch: the last epoch that a line announced; 0 before the first.
    """

    def __init__(self) -> None:
        self._hashes = bytearray()
        self._head: Head | None = None
        self._roster: Roster | None = None
        self.epoch = 0

    def __len__(self) -> int:
        return len(self._hashes) // HASH_BYTES

    @property
    def head(self) -> Head:
        """Number and hash of the last line.

        Raises:
            RuntimeError: the chain is still empty (a bug in the caller).
        """
        if self._head is None:
            raise RuntimeError("an empty chain has no head")
        return self._head

    @property
    def roster(self) -> Roster:
        """Who belongs to the household after the last line.

        Raises:
            RuntimeError: the chain is still empty (a bug in the caller).
        """
        if self._roster is None:
            raise RuntimeError("an empty chain has no roster")
        return self._roster

    @property
    def born_sha256(self) -> bytes:
        """SHA-256 of line 0, by which cards and invites name this door; empty if the chain still is."""
        return bytes(self._hashes[:HASH_BYTES])

    def holds(self, seq: int, digest: bytes) -> bool:
        """Return whether line ``seq`` of this chain has this hash."""
        return seq < len(self) and self._hashes[seq * HASH_BYTES : (seq + 1) * HASH_BYTES] == digest

    def add(self, raw: bytes) -> Line:
        """Verify the next line (bytes without newline), take it in and return it.

        Raises:
            LedgerBroken: the line does not continue this chain; the chain stays as it was.
        """
        seq = len(self)
        if len(raw) > MAX_LINE_BYTES:
            raise LedgerBroken(seq, f"{len(raw)} bytes long, at most {MAX_LINE_BYTES} are allowed")
        try:
            line = canonical.decode(raw, Line)
        except UNREADABLE as error:
            raise LedgerBroken(seq, f"cannot be read ({misfit(error)[0]})") from error
        if line.seq != seq:
            raise LedgerBroken(seq, f"carries number {line.seq}: a line is missing, added or moved")
        if line.prev != self._end:
            raise LedgerBroken(seq, "does not continue the line before it, which was changed or replaced")
        self._take(line)
        digest = hashlib.sha256(raw).digest()
        self._hashes += digest
        # Number and hash at once: another thread signs this head, and one of two halves would accuse the door of a fork.
        self._head = Head(seq, digest)
        return line

    def next_line(
        self, public: PublicBody | None, private: PrivateBody | None, seal: SealPrivate | None = None
    ) -> bytes:
        """Return the bytes of the line that would come next; ``add`` takes them in once they are durable.

        Args:
            public: readable body, or None.
            private: body for readers only, or None.
            seal: seals the padded private body under the epoch key in force; needed if there is one.

        Raises:
            ValueError: nothing to say, or no way to seal it (a bug in the caller).
        """
        if public is None and private is None:
            raise ValueError("a line says something")
        seq, prev = len(self), self._end
        sealed = None
        if private is not None:
            if seal is None:
                raise ValueError("a private body needs a key")
            sealed = seal(encode_private(private), private_metadata(seq, prev))
        return canonical.encode(Line(seq, prev, public, sealed))

    @property
    def _end(self) -> bytes:
        """What the next line has to name."""
        return ORIGIN if self._head is None else self._head.hash

    def _take(self, line: Line) -> None:
        if self._roster is None:
            if not isinstance(line.public, Born) or line.private is not None:
                raise LedgerBroken(0, "must be the line in which the door is born, and nothing else")
            try:
                self._roster = born(line.public)
            except TrustError as error:
                raise LedgerBroken(0, str(error)) from error
            return
        if line.public is None:
            if line.private is None:
                raise LedgerBroken(line.seq, "says nothing")
            return
        if isinstance(line.public, EpochBegun):
            if line.public.epoch != self.epoch + 1:
                raise LedgerBroken(line.seq, f"begins epoch {line.public.epoch} after epoch {self.epoch}")
            self.epoch = line.public.epoch
            return
        try:
            self._roster = fold(self._roster, line.seq, line.public)
        except TrustError as error:
            raise LedgerBroken(line.seq, str(error)) from error


def split(data: bytes) -> tuple[list[bytes], int]:
    """Return the whole lines of a ledger file without newlines, and the number of bytes of a torn last line.

    A torn line was never acknowledged: the device writes a line with its newline before it acts on it.
    """
    *lines, torn = data.split(b"\n")
    return lines, len(torn)

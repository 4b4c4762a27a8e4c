"""The roster: who belongs to the household, as nothing but a fold over the ledger's public lines.

A reader joins only by an admission that the card's Admit half signed for this door; the proof stays in the line, so that every
browser and the CLI check each adder's signature themselves instead of believing the device.
"""

import hashlib
import unicodedata
from dataclasses import dataclass, replace
from typing import Final

from device.trust.errors import AdmissionRefused, TrustError
from device.trust.lines import Admission, Born, PublicBody, Reader, ReaderAdded
from device.trust.signed import Context, verify

MAX_READERS: Final = 16  # each adds 1.7 kB to every clip's header
MAX_LABEL: Final = 40
# General categories that could hide or reorder what a person reads: controls, formats (bidi marks), surrogates, separators
_UNFIT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Roster:
    """The keys that clips are sealed to.

    Attributes:
        door_label: what people call this door.
        device: the device's Ed25519 public key, 32 bytes.
        admit: the card's Admit public key, 32 bytes.
        open: the card's Open recipient, ``age1pq1…``.
        readers: in the order in which they joined.
        seq: number of the last line that changed the roster.
        spent: every sign key that was ever a reader's.
    """

    door_label: str
    device: bytes
    admit: bytes
    open: str
    readers: tuple[Reader, ...] = ()
    seq: int = 0
    spent: frozenset[bytes] = frozenset()

    @property
    def door(self) -> bytes:
        """SHA-256 of the device key: which door is meant."""
        return hashlib.sha256(self.device).digest()

    @property
    def recipients(self) -> tuple[str, ...]:
        """The recipients of clips and epochs: every reader's, then Open."""
        return (*(reader.recipient for reader in self.readers), self.open)

    def reader(self, sign: bytes) -> Reader | None:
        """Return the reader with this sign key, if it belongs to the household now."""
        return next((reader for reader in self.readers if reader.sign == sign), None)


def born(body: Born) -> Roster:
    """Return the roster of a newborn door: the card alone."""
    return Roster(body.door, body.device, body.admit, body.open)


def fold(roster: Roster, seq: int, body: PublicBody) -> Roster:
    """Return the roster after the public body of line ``seq``.

    Raises:
        TrustError: the body may not stand there; nothing after it can be trusted.
    """
    match body:
        case Born():
            raise TrustError("a door is born once, on line 0")
        case ReaderAdded(admission=admission):
            reader = admitted(roster, admission)
            return replace(
                roster, readers=(*roster.readers, reader), seq=seq, spent=roster.spent | {reader.sign}
            )
        case _:
            return roster


def admitted(roster: Roster, admission: bytes) -> Reader:
    """Return the reader that an admission adds to ``roster``.

    Raises:
        AdmissionRefused: not signed by the card, another door's, an unfit label, a key that was a reader before (so a replayed
            admission cannot bring back somebody who was removed), or the roster is full.
    """
    try:
        claim = verify(roster.admit, Context.ADMISSION, admission, Admission)
        check_label(claim.reader.label)
    except TrustError as error:
        raise AdmissionRefused("bad_admission", str(error)) from error
    if claim.door != roster.door:
        raise AdmissionRefused("bad_admission", "the admission is for another door")
    if claim.reader.sign in roster.spent:
        raise AdmissionRefused("already_added", "this reader's key was added before")
    if len(roster.readers) >= MAX_READERS:
        raise AdmissionRefused(
            "roster_full",
            f"the household is full: {MAX_READERS} readers",
            hint="remove one that is no longer used",
        )
    return claim.reader


def check_label(label: str) -> None:
    """Check a name that people chose.

    Raises:
        TrustError: empty, too long, not NFC, or with characters that could deceive a reader of the list.
    """
    if not 1 <= len(label) <= MAX_LABEL or label != label.strip():
        raise TrustError(f"a name has 1 to {MAX_LABEL} characters and no spaces around it")
    if unicodedata.normalize("NFC", label) != label:
        raise TrustError("a name must be in Unicode normal form C")
    if any(unicodedata.category(character) in _UNFIT for character in label):
        raise TrustError("a name has only visible characters")

"""The roster: who belongs to the household, and what waits for a second word.

Data and the rule for names; ``device.trust.changes`` folds it from the ledger's public lines.

Source: docs/FORMAT.md, "Household".
"""

import hashlib
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from device.trust.errors import ChangeRefused
from device.trust.household import Reader, Replacement
from device.trust.lines import Born
from device.trust.signed import payload_of

MAX_LABEL: Final = 40
# General categories that could hide or reorder what a person reads: controls, formats (bidi marks), surrogates, separators
_UNFIT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Application:
    """Somebody who holds an invite and asks to join.

    Attributes:
        seq: line of the application.
        inviter: sign key of who invited.
        reader: who asks.
    """

    seq: int
    inviter: bytes
    reader: Reader


@dataclass(frozen=True, slots=True)
class Proposal:
    """A replacement of the card that waits.

    Attributes:
        seq: line of the proposal.
        blob: the signed replacement, verified.
    """

    seq: int
    blob: bytes

    @property
    def subject(self) -> bytes:
        """SHA-256 of the blob: what a confirmation or an objection names."""
        return hashlib.sha256(self.blob).digest()

    @property
    def replacement(self) -> Replacement:
        """What it would put in force."""
        return payload_of(self.blob, Replacement)


@dataclass(frozen=True, slots=True)
class Roster:
    """The keys that clips are sealed to, and what waits for a second word.

    Attributes:
        door_label: what people call this door.
        device: the device's Ed25519 public key, 32 bytes.
        admit: the card's Admit public key, 32 bytes.
        open: the card's Open recipient, ``age1pq1…``.
        readers: in the order in which they joined.
        seq: number of the last line that changed who can open.
        spent: every key that was ever a reader's, an invite's or, proposed or in force, Admit's.
        invites: key of each open invite → who invited.
        applications: SHA-256 of each waiting admission → what it asks.
        proposal: of another card, if one waits.
    """

    door_label: str
    device: bytes
    admit: bytes
    open: str
    readers: tuple[Reader, ...] = ()
    seq: int = 0
    spent: frozenset[bytes] = frozenset()
    invites: dict[bytes, bytes] = field(default_factory=dict)
    applications: dict[bytes, Application] = field(default_factory=dict)
    proposal: Proposal | None = None

    @property
    def door(self) -> bytes:
        """SHA-256 of the device key: which door is meant."""
        return hashlib.sha256(self.device).digest()

    @property
    def members(self) -> tuple[tuple[bytes, str], ...]:
        """Key and recipient of everybody who may open: every reader's, then Admit's with Open."""
        return (*((reader.sign, reader.recipient) for reader in self.readers), (self.admit, self.open))

    @property
    def recipients(self) -> tuple[str, ...]:
        """The recipients of clips and epochs: every reader's, then Open."""
        return tuple(recipient for _, recipient in self.members)

    def reader(self, sign: bytes) -> Reader | None:
        """Return the reader with this sign key, if it belongs to the household now."""
        return next((reader for reader in self.readers if reader.sign == sign), None)


def born(body: Born) -> Roster:
    """Return the roster of a newborn door: the card alone."""
    return Roster(body.door, body.device, body.admit, body.open, spent=frozenset({body.admit}))


def check_label(label: str) -> None:
    """Check a name that people chose.

    Raises:
        ChangeRefused: empty, too long, not NFC, or with characters that could deceive a reader of the list.
    """
    if not 1 <= len(label) <= MAX_LABEL or label != label.strip():
        raise ChangeRefused("bad_label", f"a name has 1 to {MAX_LABEL} characters and no spaces around it")
    if unicodedata.normalize("NFC", label) != label:
        raise ChangeRefused("bad_label", "a name must be in Unicode normal form C")
    if any(unicodedata.category(character) in _UNFIT for character in label):
        raise ChangeRefused("bad_label", "a name has only visible characters")

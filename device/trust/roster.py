"""The roster: who belongs to the household, and what waits for a second word.

Data, and the form of recipients; ``device.trust.changes`` folds it from the ledger's public lines.

Source: docs/FORMAT.md, "Household".
"""

import hashlib
from dataclasses import dataclass, field

from device.sealing import bech32
from device.trust.errors import ChangeRefused
from device.trust.household import Reader, Replacement
from device.trust.keys import check_key
from device.trust.lines import Born
from device.trust.names import check_label
from device.trust.signed import payload_of


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
        removals: sign key of each reader that was removed, or turned away while it asked → the signed removal.
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
    removals: dict[bytes, bytes] = field(default_factory=dict)
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

    def application_of(self, sign: bytes) -> bytes | None:
        """Return the SHA-256 of the newest admission that waits for this key."""
        return next(
            (key for key, one in reversed(self.applications.items()) if one.reader.sign == sign), None
        )


def born(body: Born) -> Roster:
    """Return the roster of a newborn door: the card alone.

    Raises:
        TrustError: a key is none.
    """
    for key in (body.device, body.admit):
        check_key(key)
    check_recipient(body.open)
    return Roster(body.door, body.device, body.admit, body.open, spent=frozenset({body.admit}))


def check_free_label(roster: Roster, label: str, whose: bytes | None = None) -> None:
    """Check a name for a reader: fit, and like none that another reader has.

    Raises:
        ChangeRefused: it is not.
    """
    check_label(label, [reader.label for reader in roster.readers if reader.sign != whose])


def check_recipient(text: str) -> None:
    """Check the form of a recipient; whether anything can be sealed to it, the device tries.

    Raises:
        ChangeRefused: not the one text of an age recipient.
    """
    if not text.startswith("age1") or not bech32.is_canonical(text):
        raise ChangeRefused("bad_admission", "a recipient is not in its one form, which begins with age1")

"""A door is born: device key, house card and line 0 of the ledger, on the owner's computer."""

import contextlib
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.disk.durable import write_file
from device.disk.ledger_file import LEDGER
from device.disk.state import AUTHORITY, KEY
from device.trust.ledger import Chain
from device.trust.lines import Born
from provisioning.card.card import Card
from provisioning.card.door_name import door_name
from provisioning.errors import ProvisioningError
from provisioning.places import NotOurs, private_directory


class BirthError(ProvisioningError, OSError):
    """The state directory cannot take a new door."""


@dataclass(frozen=True, slots=True)
class Birth:
    """Everything that a new door consists of.

    Attributes:
        device_seed: the device's signing key, 32 bytes; goes to the Pi and nowhere else.
        born_line: line 0, without newline.
        card: both halves; goes to paper and never to the Pi.
    """

    device_seed: bytes = field(repr=False)
    born_line: bytes
    card: Card

    @property
    def born_sha256(self) -> bytes:
        """Which door this is, to whoever holds the card."""
        return hashlib.sha256(self.born_line).digest()


def birth(door_label: str) -> Birth:
    """Return a new door called ``door_label``.

    Raises:
        BadName: no door can be called so.
    """
    key, card = Ed25519PrivateKey.generate(), Card()
    born = Born(
        door_name(door_label),
        key.public_key().public_bytes_raw(),
        card.admit_key().public_key().public_bytes_raw(),
        str(card.open.recipient()),
    )
    return Birth(key.private_bytes_raw(), Chain().next_line(born, None), card)


def write_state(new: Birth, directory: Path, authority: bytes | None = None) -> None:
    """Write the device's part of a birth into ``directory``, which is made (0700) if it is missing.

    Args:
        new: the door.
        directory: holds no door yet.
        authority: certificate (PEM) of the house's own authority, which a paired phone can ask for.

    Raises:
        BirthError: a door lives there already, or it cannot be written; nothing of the new door stays.
        NotOurs: others may write there.
    """
    if any((directory / name).exists() for name in (KEY, LEDGER)):
        raise BirthError(f"{directory} holds a door already", hint="name an empty directory")
    try:
        private_directory(directory)
        write_file(directory / LEDGER, new.born_line + b"\n")
        if authority is not None:
            write_file(directory / AUTHORITY, authority)
        write_file(directory / KEY, new.device_seed)
    except NotOurs:
        raise
    except OSError as error:
        for name in (KEY, LEDGER, AUTHORITY):
            with contextlib.suppress(OSError):
                (directory / name).unlink()
        raise BirthError(
            f"{directory} cannot be written: {error.strerror}", hint="name another directory"
        ) from error

"""The house card: Admit adds readers and opens nothing, Open opens everything and adds nobody.

Both are born on the owner's computer and live on paper. Admit travels as a link or as letters; it carries the hash of the
born line, so that a browser that follows it can refuse every other door. Open is an ordinary age identity, good with the
ordinary age tool.

Source: docs/FORMAT.md, "Keys and names".
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.disk.durable import write_file
from device.sealing import bech32
from device.sealing.errors import SealError
from device.sealing.identities import HybridIdentity, parse_identity
from device.sealing.key_schedule import hkdf
from provisioning.errors import ProvisioningError
from provisioning.texts import NoText, name_of, read_text

SECRET_BYTES: Final = 16
HASH_BYTES: Final = 32
_PREFIX: Final = "admit"
_NEW_PREFIX: Final = "newcard"
# What people put between letters: the white space and dashes that the page leaves out too.
_SPACED: Final = re.compile(
    "[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
    "\u058a\u05be\u1400\u1806\u2010-\u2015\u2e17\u2e1a\u2e3a\u2e3b\u2e40\u2e5d\u301c\u3030\u30a0\ufe31\ufe32\ufe58\ufe63\uff0d-]"
)
_ADMIT_COMMENT: Final = "# Admit: "


class CardError(ProvisioningError, ValueError):
    """What was given is no card."""


@dataclass(frozen=True, slots=True)
class Card:
    """Both halves. Its ``repr`` shows neither.

    Attributes:
        admit_secret: 16 random bytes.
        open: an age identity.
    """

    admit_secret: bytes = field(default_factory=lambda: os.urandom(SECRET_BYTES), repr=False)
    open: HybridIdentity = field(default_factory=HybridIdentity.generate, repr=False)

    def admit_key(self) -> Ed25519PrivateKey:
        """Return the key that signs admissions."""
        return admit_key(self.admit_secret)

    def code(self, born_sha256: bytes) -> str:
        """Return the Admit half as 89 characters, upper case."""
        return bech32.encode(_PREFIX, self.admit_secret + born_sha256).upper()

    def link(self, url: str, born_sha256: bytes) -> str:
        """Return the Admit half as a link: what stands behind ``#`` never leaves the browser."""
        return f"{url}/#card={self.code(born_sha256)}"

    def newcard(self) -> str:
        """Return the public halves as a text that readers put before the household, when the old card is lost."""
        admit = self.admit_key().public_key().public_bytes_raw()
        _, recipient = bech32.decode(str(self.open.recipient()))
        return bech32.encode(_NEW_PREFIX, admit + recipient)


def admit_key(secret: bytes) -> Ed25519PrivateKey:
    """Return the Ed25519 key that a 16-byte Admit secret stands for."""
    return Ed25519PrivateKey.from_private_bytes(hkdf(secret, b"", b"doorward/v1/admit"))


def parse_code(text: str) -> tuple[bytes, bytes]:
    """Return Admit secret (16 bytes) and SHA-256 of the born line from a code or link, as typed or scanned.

    Raises:
        CardError: a letter is wrong or missing; no card code at all.
    """
    letters = _SPACED.sub("", text.partition("#card=")[2] or text).lower()
    try:
        prefix, data = bech32.decode(letters)
    except SealError as error:
        raise CardError(
            f"the card's letters do not fit together: {error}", hint="compare them with the paper"
        ) from error
    if prefix != _PREFIX or len(data) != SECRET_BYTES + HASH_BYTES:
        raise CardError("these letters are no Admit half", hint="they begin with ADMIT1 on the card")
    return data[:SECRET_BYTES], data[SECRET_BYTES:]


def card_text(card: Card, born_sha256: bytes) -> bytes:
    """Return both halves as an age identity file: what the paper says, for a computer."""
    lines = [
        "# doorward house card. Whoever has this file opens every clip and can add readers.",
        f"{_ADMIT_COMMENT}{card.code(born_sha256)}",
        card.open.secret_text(),
    ]
    return ("\n".join(lines) + "\n").encode()


def write_card_file(path: Path, card: Card, born_sha256: bytes) -> None:
    """Write both halves to a file, 0600.

    Raises:
        OSError: nothing was written.
    """
    write_file(path, card_text(card, born_sha256))


def read_card_file(path: Path) -> tuple[Card, bytes]:
    """Return card and SHA-256 of the born line from a file that ``write_card_file`` wrote, or from standard input (``-``).

    Raises:
        CardError: it cannot be read, or is no card.
    """
    try:
        lines = [line.strip() for line in read_text(path).splitlines()]
    except NoText as error:
        hint = error.hint or "name the file that the card was saved to"
        raise CardError(str(error), hint=hint) from error
    name, mark = name_of(path), _ADMIT_COMMENT.strip()
    codes = [line.removeprefix(mark).strip() for line in lines if line.startswith(mark)]
    secrets = [line for line in lines if line and not line.startswith("#")]
    if len(codes) != 1 or len(secrets) != 1:
        raise CardError(f"{name}: is no card file", hint="it has one line '# Admit: …' and one age identity")
    secret, born_sha256 = parse_code(codes[0])
    identity = parse_identity(secrets[0])
    if not isinstance(identity, HybridIdentity):
        raise CardError(
            f"{name}: its identity is not a post-quantum one", hint="it begins with AGE-SECRET-KEY-PQ-1"
        )
    return Card(secret, identity), born_sha256

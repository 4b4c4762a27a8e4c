"""The examples in docs/FORMAT.md are what the code makes of the same keys, to the last byte."""

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.contract import commands, messages
from device.sealing.identities import HybridIdentity
from device.sealing.sframe import Sealer
from device.trust.ledger import Chain
from device.trust.lines import Born, Stopped, encode_private, private_metadata
from device.trust.signed import Context, sign
from provisioning.card.card import Card

TEXT = (Path(__file__).parents[1] / "docs" / "FORMAT.md").read_text(encoding="utf-8")
DEVICE = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
CARD = Card(bytes([2]) * 16, HybridIdentity(bytes([3]) * 32))
READER = Ed25519PrivateKey.from_private_bytes(bytes([5]) * 32)


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


BORN = Chain().next_line(
    Born("Front door", public(DEVICE), public(CARD.admit_key()), str(CARD.open.recipient())), None
)
BORN_SHA256 = hashlib.sha256(BORN).digest()
DOOR = hashlib.sha256(public(DEVICE)).digest()
STOPPED = encode_private(Stopped(at_utc=datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)))
COMMAND = sign(
    READER,
    Context.COMMAND,
    messages.CommandPayload(
        DOOR, bytes([6]) * 32, messages.Head(0, BORN_SHA256), public(READER), commands.AskHead()
    ),
)

EXAMPLES = {
    "device key": public(DEVICE).hex(),
    "door": DOOR.hex(),
    "Admit": public(CARD.admit_key()).hex(),
    "Open": CARD.open.secret_text(),
    "SHA-256 of Open's recipient": hashlib.sha256(str(CARD.open.recipient()).encode()).hexdigest(),
    "SHA-256 of the born line": BORN_SHA256.hex(),
    "card code": CARD.code(BORN_SHA256),
    "private line": base64.b64encode(
        Sealer(1, bytes([4]) * 32).seal(STOPPED, private_metadata(1, BORN_SHA256))
    ).decode()[:64],
    "command payload": COMMAND[64:].decode(),
    "command signature": COMMAND[:64].hex(),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_true(name: str) -> None:
    assert f"| {name} | `{EXAMPLES[name]}` |" in TEXT

"""Who opens what; and what a ledger file says of who let whom in, read without a line of ours: JSON, base64, SHA-256, Ed25519."""

import hashlib
import json
from base64 import b64decode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from device.sealing.age_reader import open_bytes
from device.sealing.errors import NotARecipientError
from device.sealing.header import Header, Identity, unwrap_file_key


def check_nobody_joined_alone(ledger: bytes) -> None:
    """Check each joining by what the file says, without our verifier: who invited, who confirmed, which key came when."""
    invited: dict[bytes, bytes] = {}
    applied: dict[bytes, tuple[bytes, bytes]] = {}
    joined: list[bytes] = []
    for line in ledger.splitlines():
        body = json.loads(line)["public"] or {"type": "private"}
        blob = b64decode(body.get("invite") or body.get("admission") or body.get("confirmation") or "")
        said = json.loads(blob[64:] or "{}")
        match body["type"]:
            case "invited":
                invited[b64decode(said["key"])] = b64decode(said["by"])
            case "applied":
                by = next(by for key, by in invited.items() if signed(key, b"doorward/v1/admission\n", blob))
                applied[hashlib.sha256(blob).digest()] = (by, b64decode(said["reader"]["sign"]))
            case "reader_confirmed":
                inviter, reader = applied.pop(b64decode(said["subject"]))
                assert inviter != b64decode(said["by"])
                joined.append(reader)
            case "reader_added":
                joined.append(b64decode(said["reader"]["sign"]))
    assert len(joined) == len(set(joined)), "a key joined twice"
    assert not set(joined) & set(invited), "an invite's key joined"


def signed(key: bytes, context: bytes, blob: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(blob[:64], context + blob[64:])
    except InvalidSignature:
        return False
    return True


def opened(identity: Identity, header: Header, epoch: bytes) -> list[bool]:
    """Return whether an identity opens a clip's header, and whether it opens an epoch file."""
    found = []
    for attempt in (lambda: unwrap_file_key(header, [identity]), lambda: open_bytes(epoch, [identity])):
        try:
            attempt()
        except NotARecipientError:
            found.append(False)
        else:
            found.append(True)
    return found

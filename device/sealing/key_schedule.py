"""The keys that an age file derives from its file key.

HKDF-SHA-256 everywhere: with the label "header" for the MAC over the header, with the payload nonce as salt
and the label "payload" for the chunks, and with the shares as salt for a stanza's wrap key.

Source: c2sp.org/age, "Header MAC", "Payload", "X25519 recipient stanza".
"""

import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.utils import Buffer


def hkdf(secret: Buffer, salt: bytes, info: bytes) -> bytes:
    """Return 32 bytes of HKDF-SHA-256."""
    return HKDF(hashes.SHA256(), 32, salt, info).derive(secret)


def header_mac(file_key: Buffer, covered: bytes) -> bytes:
    """Return the MAC of a header; `covered` is all of it up to and including ``---``."""
    return hmac.digest(hkdf(file_key, b"", b"header"), covered, "sha256")


def payload_key(file_key: Buffer, payload_nonce: bytes) -> bytes:
    """Return the key of the chunks."""
    return hkdf(file_key, payload_nonce, b"payload")

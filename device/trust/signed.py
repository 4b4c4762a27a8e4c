"""Signed blobs: an Ed25519 signature, then the exact payload bytes that it covers.

The payload counts only in its one canonical text (``device.contract.canonical``), or two verifiers could read one signature's
words differently. Each use has a context string of its own inside the signature: a signed head can never serve as a signed
reply.

Source: RFC 8032; docs/FORMAT.md, "Signed blob".
"""

from enum import Enum
from typing import Final, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from device.contract import canonical
from device.contract.forms import UNREADABLE
from device.contract.misfit import misfit
from device.trust.errors import TrustError
from device.trust.keys import has_low_order, is_well_formed

SIGNATURE_BYTES: Final = 64
T = TypeVar("T")


class Context(Enum):
    """What a signature is for."""

    COMMAND = b"doorward/v1/command\n"
    REPLY = b"doorward/v1/reply\n"
    ADMISSION = b"doorward/v1/admission\n"
    INVITE = b"doorward/v1/invite\n"
    CONFIRMATION = b"doorward/v1/confirmation\n"
    REMOVAL = b"doorward/v1/removal\n"
    RENAMING = b"doorward/v1/renaming\n"
    REPLACEMENT = b"doorward/v1/replacement\n"
    OBJECTION = b"doorward/v1/objection\n"
    STATEMENT = b"doorward/v1/statement\n"
    HEAD = b"doorward/v1/head\n"
    NOTICE = b"doorward/v1/notice\n"
    LIVE = b"doorward/v1/live\n"
    RUNNING = b"doorward/v1/running\n"
    RING = b"doorward/v1/ring\n"
    FAREWELL = b"doorward/v1/farewell\n"


def sign(key: Ed25519PrivateKey, context: Context, payload: msgspec.Struct) -> bytes:
    """Return the signed blob of ``payload``."""
    data = canonical.encode(payload)
    return key.sign(context.value + data) + data


def payload_of(blob: bytes, kind: type[T]) -> T:
    """Return the payload *before* its signature is checked: only to learn whose key to check it with.

    Raises:
        TrustError: not a blob with a payload of this kind.
    """
    if len(blob) <= SIGNATURE_BYTES:
        raise TrustError(f"signed message of {len(blob)} bytes is too short to carry a signature")
    try:
        return canonical.decode(blob[SIGNATURE_BYTES:], kind)
    except UNREADABLE as error:
        raise TrustError(f"signed message does not read as {kind.__name__}: {misfit(error)[0]}") from error


def verify(public: bytes, context: Context, blob: bytes, kind: type[T]) -> T:
    """Return the payload of a blob that ``public`` (32 bytes) signed for ``context``.

    Raises:
        TrustError: the signature, its context or the payload's form is wrong.
    """
    if has_low_order(public) or not is_well_formed(blob[:SIGNATURE_BYTES]):
        raise TrustError("this is no signature that every verifier would judge alike")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(
            blob[:SIGNATURE_BYTES], context.value + blob[SIGNATURE_BYTES:]
        )
    except (InvalidSignature, ValueError) as error:
        raise TrustError("the signature does not fit the key that should have made it") from error
    return payload_of(blob, kind)

"""Somebody rings: the word that the device sends at that moment to everybody who watches, sealed for the household alone.

It is signed inside the seal, since every reader has the epoch key and none of them is the bell. Always as long, so that the
server that carries it learns that somebody rang, and neither what was seen nor whether anything was.

Source: docs/FORMAT.md, "Ring".
"""

from datetime import datetime
from typing import Final

import msgspec

from device.contract import canonical
from device.trust.household import Digest
from device.trust.lines import Count

RING_METADATA: Final = b"doorward/v1/ring\n"
SIZE_BYTES: Final = 21_504
"""A signature, and a picture of 15,360 bytes in base64 with what is said beside it."""


class RingPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the device signs.

    Attributes:
        door: which one.
        seq: the ledger line of this ring, which was durable before; None if the disk, or a bell without end, left none.
        at_utc: when it was pressed.
        picture: JPEG, what the camera saw then; empty in privacy, without a line, and before the first picture.
    """

    door: Digest
    seq: Count | None
    at_utc: datetime
    picture: bytes

    def __post_init__(self) -> None:
        canonical.in_utc(self.at_utc)


def pad(blob: bytes) -> bytes:
    """Return the plaintext that carries a signed ring.

    Raises:
        ValueError: it does not fit (a bug in the caller).
    """
    if len(blob) > SIZE_BYTES:
        raise ValueError(f"a ring of {len(blob)} bytes, at most {SIZE_BYTES} fit")
    return blob.ljust(SIZE_BYTES)


def unpad(plaintext: bytes) -> bytes:
    """Return the signed ring in a plaintext; JSON ends with a bracket, so no space of its own is lost."""
    return plaintext.rstrip(b" ")

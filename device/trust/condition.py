"""What keeps a door from seeing, recording, hearing or being heard at a moment, as it tells those who belong and nobody else.

The server that relays it learns neither what it is nor that it changed: sealed anew for every answer, and always as long.

Source: docs/FORMAT.md, "Conditions".
"""

from datetime import datetime
from typing import Final, Literal

import msgspec

from device.contract import canonical
from device.trust.household import PublicKey

CONDITIONS_METADATA: Final = b"doorward/v1/conditions\n"
SIZE_BYTES: Final = 2560
MAX_CONDITIONS: Final = 14
"""So many fit, each with all that it can say."""
Kind = Literal[
    "camera",
    "settings",
    "disk",
    "stuck",
    "blind",
    "self_test",
    "power",
    "button",
    "chime",
    "loudspeaker",
    "microphone",
    "heat",
    "clock",
    "privacy",
    "snoozed",
    "quiet",
    "hushed",
    "hush",
]


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing in the way: since when, until when and on whose word, each None if the device does not know or there is none."""

    kind: Kind
    since_utc: datetime | None = None
    until_utc: datetime | None = None
    by: PublicKey | None = None

    def __post_init__(self) -> None:
        canonical.in_utc(*(moment for moment in (self.since_utc, self.until_utc) if moment is not None))


def encode_conditions(conditions: tuple[Condition, ...]) -> bytes:
    """Return the padded plaintext, of ``SIZE_BYTES`` whatever is in the way.

    Raises:
        ValueError: more than ``MAX_CONDITIONS`` (a bug in the caller).
    """
    if len(conditions) > MAX_CONDITIONS:
        raise ValueError(f"{len(conditions)} conditions, at most {MAX_CONDITIONS} fit")
    return canonical.encode(conditions).ljust(SIZE_BYTES)


def decode_conditions(plaintext: bytes) -> tuple[Condition, ...]:
    """Return what ``plaintext`` is the one padded text of.

    Raises:
        one of ``UNREADABLE``: it is nobody's.
    """
    conditions = canonical.decode(plaintext.rstrip(b" "), tuple[Condition, ...])
    if len(plaintext) != SIZE_BYTES:
        raise msgspec.ValidationError("it is padded to another length")
    return conditions

"""The device's signed statement about one clip: what an event file says once it is opened.

age authenticates no sender: anyone who knows the recipients can seal a film to them. Only this signature, and the ledger lines
that name the same digests, make a clip this door's.

Source: docs/FORMAT.md, "Spool".
"""

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from device.contract.canonical import in_utc
from device.contract.settings import Point
from device.trust.household import Digest
from device.trust.lines import Count

EVENT_METADATA: Final = b"doorward/v1/event\n"
MAX_EVENT_BYTES: Final = 32_768
"""A sealed statement, so that each fits into one reply that every browser can check (``device.contract.pages``)."""
MAX_STATEMENT_BYTES: Final = MAX_EVENT_BYTES - 64
"""A signed one, before SFrame adds its header and tag."""
TriggerKind = Literal["ring", "motion"]
State = Literal["recording", "sealed", "interrupted", "unrecorded"]


class Trigger(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a clip was made, or what else happened in it; ``at_ms`` counts from its first frame.

    For motion, ``zone`` is where, and ``score_permille`` how much of it stirred.
    """

    kind: TriggerKind
    at_ms: Count
    zone: str = ""
    score_permille: Count = 0


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the device says of a clip. Digests are None where nothing was there to hash.

    ``triggers`` are bounded when a clip is made; ``more_rings`` counts the rings that are not among them. ``masks`` are the
    polygons that were painted over, corners as shares of the picture; None if the statement does not tell them.
    """

    door: Digest
    clip: Count
    state: State
    begun_utc: datetime
    duration_ms: Count
    pre_roll_ms: Count
    triggers: tuple[Trigger, ...]
    width_px: Count
    height_px: Count
    fps: Count
    codec: Annotated[str, msgspec.Meta(pattern=r"^([a-z0-9]+(\.[A-Za-z0-9]+)*(,mp4a\.40\.2)?)?\Z")]
    masks_sha256: Digest | None
    roster_seq: Count
    header_sha256: Digest | None
    ciphertext_sha256: Digest | None
    ciphertext_bytes: Count
    plaintext_sha256: Digest | None
    plaintext_bytes: Count
    thumbnail: bytes
    heat: bytes = b""
    masks: tuple[tuple[Point, ...], ...] | None = None
    more_rings: Count = 0

    def __post_init__(self) -> None:
        in_utc(self.begun_utc)

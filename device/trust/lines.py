"""The forms of ledger lines, and of the payloads that sign or describe them.

A line has a public body that the device needs after a restart (who belongs to the household), or a private one that only readers
can open (what happened when), or both.

Source: docs/FORMAT.md, "Ledger".
"""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

import msgspec

from device.contract import canonical
from device.contract.forms import Day
from device.trust.household import Body, Change, Digest, PublicKey

MAX_LINE_BYTES: Final = 16_384
PAD_BYTES: Final = 256
ORIGIN: Final = bytes(32)  # ``prev`` of line 0

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
GapReason = Literal["camera", "overload", "disk", "stuck", "blind", "clock", "picture", "settings", "unfit"]


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Number and hash of the last line of a chain."""

    seq: Count
    hash: Digest


class SignedHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the device signs in the head file."""

    door: Digest
    seq: Count
    hash: Digest


class Born(Body, tag="born", frozen=True):
    """Line 0: which keys make this door."""

    door: str
    device: PublicKey
    admit: PublicKey
    open: str


class EpochBegun(Body, tag="epoch", frozen=True):
    """A new epoch key; ``sha256`` is of the whole epoch file."""

    epoch: Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
    sha256: Digest


PublicBody = Born | EpochBegun | Change


class Private(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """The settings and the one field that every private body shares."""

    at_utc: datetime

    def __post_init__(self) -> None:
        canonical.in_utc(self.at_utc)


class Dated(Private, tag="dated", frozen=True):
    """When the change of the household beside it happened."""


class Started(Private, tag="started", frozen=True):
    """The device started, or turned to a new key."""

    epoch: Count


class ClipBegun(Private, tag="clip_begun", frozen=True):
    """A clip begins; binds its file key's header before a second of it can be shown.

    ``left_out`` names who of that roster it is not sealed to, since nothing can be: sign keys of readers, Admit's for the card.
    """

    clip: Count
    trigger: Literal["ring", "motion"]
    header_sha256: Digest
    roster_seq: Count
    left_out: tuple[PublicKey, ...]


class ClipSealed(Private, tag="clip_sealed", frozen=True):
    """A clip is finished, or was found cut short."""

    clip: Count
    ciphertext_sha256: Digest | None
    ciphertext_bytes: Count
    state: Literal["sealed", "interrupted", "unrecorded"]


class ClipHandedOut(Private, tag="clip_handed_out", frozen=True):
    """A reader asked for a clip's ciphertext."""

    clip: Count
    reader: PublicKey


class DayListed(Private, tag="day_listed", frozen=True):
    """A reader asked for a day's events and thumbnails, from the clip after ``after`` on."""

    day: Day
    after: Count
    reader: PublicKey


class ClipDeleted(Private, tag="clip_deleted", frozen=True):
    """A clip gave way."""

    clip: Count
    reason: Literal["age", "size"]


class Gap(Private, tag="gap", frozen=True):
    """Nothing was seen or kept from ``from_utc`` until ``at_utc``.

    A later line with the same ``from_utc`` says that it went on for longer. ``settings`` has no end of its own: nothing is
    seen until somebody sets them anew. ``unfit`` has none either: members to whom nothing can be sealed are left out.
    """

    reason: GapReason
    from_utc: datetime

    def __post_init__(self) -> None:
        canonical.in_utc(self.at_utc, self.from_utc)


class ClipExported(Private, tag="clip_exported", frozen=True):
    """A reader asked for a clip's ciphertext, to keep the film with its proof."""

    clip: Count
    reader: PublicKey


class Granted(Private, tag="granted", frozen=True):
    """A reader gave another one keys of older clips."""

    clips: Count
    reader: PublicKey
    to: PublicKey


class LiveBegan(Private, tag="live_began", frozen=True):
    """A reader watches, from before the first picture on."""

    reader: PublicKey


class LiveEnded(Private, tag="live_ended", frozen=True):
    """A reader no longer watches; ``watched_s`` is seconds of the door's running time, the last one begun."""

    reader: PublicKey
    watched_s: Count


class TalkBegan(Private, tag="talk_began", frozen=True):
    """A reader is heard at the door, from before the first sound on; ``recorded`` if by a sentence that was spoken before."""

    reader: PublicKey
    recorded: bool


class TalkEnded(Private, tag="talk_ended", frozen=True):
    """A reader is no longer heard; ``talked_s`` is seconds of the door's running time, the last one begun."""

    reader: PublicKey
    talked_s: Count


class Rang(Private, tag="rang", frozen=True):
    """Somebody rang, and everybody who watches is told; its number is what an answer names."""


class Answered(Private, tag="answered", frozen=True):
    """A reader has it: whoever rang in line ``ring`` is no longer the others' to see to."""

    ring: Count
    reader: PublicKey


class SettingsChanged(Private, tag="settings_changed", frozen=True):
    """A reader set what is watched; ``what`` names the parts that are others now, and beside it is how privacy and snooze are."""

    reader: PublicKey
    what: tuple[str, ...]
    privacy: bool
    snoozed_until_utc: datetime | None

    def __post_init__(self) -> None:
        canonical.in_utc(self.at_utc, *([self.snoozed_until_utc] if self.snoozed_until_utc else []))


class TimeTold(Private, tag="time_told", frozen=True):
    """When the device's clock said ``at_utc`` it was ``says_utc``, and so it was for every clip from number ``clip`` up to here.

    ``reader`` says so; None if the device found out itself, as its clock was set. A label: nothing else hangs on it.
    """

    says_utc: datetime
    clip: Count
    reader: PublicKey | None

    def __post_init__(self) -> None:
        canonical.in_utc(self.at_utc, self.says_utc)


class DrillPassed(Private, tag="drill_passed", frozen=True):
    """The card's Open half was shown to open, as a reader tells."""

    reader: PublicKey


class AllowanceSpent(Private, tag="allowance_spent", frozen=True):
    """More than a day allows would have been written for a reader, or the card (its Admit key); None: for all together."""

    reader: PublicKey | None


class Stopped(Private, tag="stopped", frozen=True):
    """The device stopped in order."""


PrivateBody = (
    Dated
    | Started
    | ClipBegun
    | ClipSealed
    | ClipHandedOut
    | ClipExported
    | DayListed
    | Granted
    | LiveBegan
    | LiveEnded
    | TalkBegan
    | TalkEnded
    | Rang
    | Answered
    | SettingsChanged
    | TimeTold
    | DrillPassed
    | ClipDeleted
    | Gap
    | AllowanceSpent
    | Stopped
)


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One ledger line. ``private`` is SFrame ciphertext."""

    seq: Count
    prev: Digest
    public: PublicBody | None
    private: bytes | None


def private_metadata(seq: int, prev: bytes) -> bytes:
    """Return the associated data that pins a private body to its place in the chain."""
    return b"doorward/v1/line\n" + seq.to_bytes(8, "big") + prev


def encode_private(body: PrivateBody) -> bytes:
    """Return the padded plaintext of a private body: every type has the same length, so lengths tell nothing."""
    data = canonical.encode(body)
    return data + b" " * (-len(data) % PAD_BYTES)


def decode_private(plaintext: bytes) -> PrivateBody:
    """Return the private body that ``plaintext`` is the one padded text of.

    Raises:
        one of ``UNREADABLE``: it is none's.
    """
    data = plaintext.rstrip(b" ")
    body: PrivateBody = canonical.decode(data, PrivateBody)
    if len(plaintext) != len(data) + -len(data) % PAD_BYTES:
        raise msgspec.ValidationError("it is padded to another length")
    return body


def utc(moment: datetime) -> datetime:
    """Return ``moment`` in UTC with microseconds cut to milliseconds, the precision that lines carry."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

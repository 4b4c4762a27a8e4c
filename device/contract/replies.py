"""Reply bodies: what the device answers, signed, to a command.

Source: docs/FORMAT.md, "Door messages".
"""

from typing import Final, Literal

import msgspec

from device.contract.forms import Count, Day, Message
from device.contract.settings import Settings

TICKET_S: Final = 600

Code = Literal[
    "bad_message", "wrong_door", "bad_nonce", "bad_signature", "unknown_reader", "unknown_head",
    "bad_admission", "bad_change", "bad_label", "already_added", "roster_full", "no_such_reader", "no_such_subject",
    "second_reader", "invite_dead", "not_allowed", "bad_settings", "changed_meanwhile", "no_such_clip", "not_ready", "storage",
    "allowance_spent", "no_such_ring", "waiting", "busy",
]  # fmt: skip  # one refusal a word, read as a table


class Changed(Message, tag="changed", frozen=True):
    """The line has this number."""

    seq: Count


class Noted(Message, tag="noted", frozen=True):
    """Done, and on the ledger."""


class HeadBody(Message, tag="head", frozen=True):
    """The head is beside it in the payload; ``conditions`` is sealed for the household, None if nothing can be sealed now."""

    conditions: bytes | None


class Watching(Message, tag="watching", frozen=True):
    """Notices will follow; ``speaks`` is whether the door has a loudspeaker, ``listens`` whether it has a microphone."""

    speaks: bool
    listens: bool


class Lines(Message, tag="ledger", frozen=True, kw_only=True):
    """Raw ledger lines without their newlines."""

    from_: Count = msgspec.field(name="from")
    lines: list[bytes]
    more: bool


class EpochFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One epoch file, an age file."""

    epoch: Count
    file: bytes


class Epochs(Message, tag="epochs", frozen=True):
    """Epoch files, rising."""

    epochs: list[EpochFile]
    more: bool


class DayCount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many clips a UTC day holds."""

    day: Day
    clips: Count


class Days(Message, tag="days", frozen=True):
    """Newest first."""

    days: list[DayCount]
    more: bool


class SealedEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sealed files that tell of one clip."""

    clip: Count
    event: bytes | None
    begun: bytes | None


class DayEvents(Message, tag="day", frozen=True):
    """A page of a day's events."""

    day: Day
    events: list[SealedEvent]
    more: bool


class Ticket(Message, tag="ticket", frozen=True):
    """Good for one clip of ``bytes`` bytes, for ``expires_s``."""

    ticket: str
    bytes: Count
    expires_s: int


class Refused(Message, tag="refused", frozen=True):
    """Why not, and what to do."""

    code: Code
    sentence: str


class ClipHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The beginning of one clip's file: age header and payload nonce."""

    clip: Count
    header: bytes


class Headers(Message, tag="headers", frozen=True):
    """Those that were asked for and are there, as many as fit."""

    headers: list[ClipHeader]


class Granted(Message, tag="granted", frozen=True):
    """The grant has this number."""

    number: Count


class GrantFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One grant, an age file."""

    number: Count
    file: bytes


class Grants(Message, tag="grants", frozen=True):
    """Grants, rising."""

    grants: list[GrantFile]
    more: bool


class LiveBegan(Message, tag="live", frozen=True):
    """An age file with the live key, for everybody who watches now."""

    kid: Count
    file: bytes


class TalkBegan(Message, tag="talk", frozen=True):
    """An age file with the talk key, for whoever asked alone."""

    kid: Count
    file: bytes


class SettingsBody(Message, tag="settings", frozen=True):
    """The settings in force."""

    settings: Settings


class Authority(Message, tag="authority", frozen=True):
    """PEM, or None if this door has no authority of its own."""

    certificate: bytes | None


class HealthBody(Message, tag="health", frozen=True):
    """How the door is, sealed for the household; None if nothing can be sealed now."""

    report: bytes | None


class SelfTestPiece(Message, tag="self_test", frozen=True, kw_only=True):
    """A piece of an age file that shows a drawing and nothing else; empty while there is none."""

    from_: Count = msgspec.field(name="from")
    piece: bytes
    more: bool


ReplyBody = (
    Changed
    | Noted
    | HeadBody
    | Watching
    | Lines
    | Epochs
    | Days
    | DayEvents
    | Ticket
    | Headers
    | Granted
    | Grants
    | LiveBegan
    | TalkBegan
    | SettingsBody
    | Authority
    | HealthBody
    | SelfTestPiece
    | Refused
)

"""Door messages: what a browser (or the CLI) and the device say to each other through the server.

Structure only: who signs what, and when a signature counts, is ``device.trust``.

Source: docs/FORMAT.md, "Door messages".
"""

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

TICKET_S: Final = 600
NONCE_S: Final = 60

Bytes32 = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Id = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Day = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}\Z")]
Code = Literal[
    "bad_message", "wrong_door", "bad_nonce", "bad_signature", "unknown_reader", "unknown_head",
    "bad_admission", "already_added", "roster_full", "no_such_clip", "not_ready", "storage",
]  # fmt: skip  # one refusal a word, read as a table


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """The settings that every message shares; msgspec hands them down, behaviour there is none."""


class Hello(Message, tag="hello", frozen=True):
    """Ask which door this is, and for a nonce."""

    id: Id


class Command(Message, tag="command", frozen=True):
    """A signed ``CommandPayload``."""

    id: Id
    signed: bytes


class HelloReply(Message, tag="hello", frozen=True):
    """Line 0 of the ledger, and a nonce."""

    id: Id
    born: bytes
    nonce: Bytes32


class Reply(Message, tag="reply", frozen=True):
    """A signed ``ReplyPayload``."""

    id: Id
    signed: bytes


class Notice(Message, tag="notice", frozen=True):
    """A signed ``NoticePayload``: the ledger grew."""

    signed: bytes


class Error(Message, tag="error", frozen=True):
    """Unsigned: proves nothing, helps a person."""

    id: Id | None
    code: Code
    sentence: str


Up = Hello | Command
Down = HelloReply | Reply | Notice | Error


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Number and hash of the last line of a chain."""

    seq: Count
    hash: Bytes32


class Admit(Message, tag="admit", frozen=True):
    """Add the reader that signs this command, by an admission that Admit signed."""

    admission: bytes


class AskHead(Message, tag="head", frozen=True):
    """Nothing but a fresh signed head."""


class Watch(Message, tag="watch", frozen=True):
    """Send notices on this channel from now on."""


class AskLedger(Message, tag="ledger", frozen=True):
    """Lines from number ``from_`` on."""

    from_: Count = msgspec.field(name="from")


class AskEpochs(Message, tag="epochs", frozen=True):
    """Epoch files from epoch ``from_`` on."""

    from_: Count = msgspec.field(name="from")


class AskDays(Message, tag="days", frozen=True):
    """Which days hold clips."""


class AskDay(Message, tag="day", frozen=True):
    """The sealed events of one UTC day, for clips after number ``after``."""

    day: Day
    after: Count


class AskClip(Message, tag="clip", frozen=True):
    """A ticket for one clip's ciphertext."""

    clip: Count


CommandBody = Admit | AskHead | Watch | AskLedger | AskEpochs | AskDays | AskDay | AskClip


class CommandPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a reader signs."""

    door: Bytes32
    nonce: Bytes32
    head: Head
    reader: Bytes32
    body: CommandBody


class Admitted(Message, tag="admitted", frozen=True):
    """The reader's line has this number."""

    seq: Count


class HeadBody(Message, tag="head", frozen=True):
    """The head beside it in the payload is all there is."""


class Watching(Message, tag="watching", frozen=True):
    """Notices will follow."""


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


ReplyBody = Admitted | HeadBody | Watching | Lines | Epochs | Days | DayEvents | Ticket | Refused


class ReplyPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the device signs in answer; ``command`` is the SHA-256 of the whole signed command."""

    door: Bytes32
    command: Bytes32
    nonce: Bytes32
    head: Head
    at_utc: datetime
    body: ReplyBody


class NoticePayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the device signs when the ledger grew."""

    door: Bytes32
    head: Head
    at_utc: datetime


decode_up = msgspec.json.Decoder(Up).decode
decode_down = msgspec.json.Decoder(Down).decode
encode = msgspec.json.Encoder().encode

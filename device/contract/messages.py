"""Door messages: what a browser (or the CLI) and the device say to each other through the server.

Structure only: who signs what, and when a signature counts, is ``device.trust``.

Source: docs/FORMAT.md, "Door messages".
"""

from datetime import datetime
from typing import Annotated, Final

import msgspec

from device.contract.canonical import in_utc
from device.contract.commands import CommandBody
from device.contract.forms import Bytes32, Count, Message
from device.contract.replies import Code, ReplyBody

NONCE_S: Final = 60

Id = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


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


class LiveKey(Message, tag="live_key", frozen=True):
    """A signed ``LiveKeyPayload``: who watches has changed, and with it the key."""

    signed: bytes


class Ring(Message, tag="ring", frozen=True):
    """Somebody rings, at this moment: sealed for the household (``device.trust.ring``)."""

    sealed: bytes


class Farewell(Message, tag="farewell", frozen=True):
    """A signed ``FarewellPayload``: unasked at the removal, and in answer to whoever asks with a key that was removed."""

    id: Id | None
    signed: bytes


class Error(Message, tag="error", frozen=True):
    """Unsigned: proves nothing, helps a person."""

    id: Id | None
    code: Code
    sentence: str


Up = Hello | Command
Down = HelloReply | Reply | Notice | LiveKey | Ring | Farewell | Error


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Number and hash of the last line of a chain."""

    seq: Count
    hash: Bytes32


class CommandPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a reader signs."""

    door: Bytes32
    nonce: Bytes32
    head: Head
    reader: Bytes32
    body: CommandBody


class ReplyPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the device signs in answer; ``command`` is the SHA-256 of the whole signed command."""

    door: Bytes32
    command: Bytes32
    nonce: Bytes32
    head: Head
    at_utc: datetime
    body: ReplyBody

    def __post_init__(self) -> None:
        in_utc(self.at_utc)


class LiveKeyPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the device signs when the live key changed."""

    door: Bytes32
    kid: Count
    file: bytes


class NoticePayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the device signs when the ledger grew."""

    door: Bytes32
    head: Head
    at_utc: datetime

    def __post_init__(self) -> None:
        in_utc(self.at_utc)


class FarewellPayload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the device signs to a reader that was removed.

    Attributes:
        removal: what was signed to remove it; says by whom.
        label: what whoever removed it was called; None for the card, for the reader itself, and if the door started since.
        at_utc: when; None if the door started since, which keeps no such time on its card.
    """

    door: Bytes32
    reader: Bytes32
    removal: bytes
    label: str | None
    at_utc: datetime | None

    def __post_init__(self) -> None:
        if self.at_utc is not None:
            in_utc(self.at_utc)


def is_reply(frame: bytes) -> bool:
    """Tell whether a message on its way down is a signed reply, without reading it: strangers get none."""
    return frame.startswith(b'{"type":"reply",')


decode_up = msgspec.json.Decoder(Up).decode
decode_down = msgspec.json.Decoder(Down).decode
encode = msgspec.json.Encoder().encode

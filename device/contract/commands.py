"""Command bodies: what a reader may ask of the device. One command gives one clip at most; there is none that gives more.

Structure only: who may ask for what is ``device.trust.commands``.

Source: docs/FORMAT.md, "Door messages".
"""

from datetime import datetime
from typing import Annotated, Final

import msgspec

from device.contract.canonical import in_utc
from device.contract.forms import Bytes32, Count, Day, Message
from device.contract.settings import Settings

MAX_HEADERS: Final = 64
MAX_GRANT_BYTES: Final = 8_192  # base64 twice over it must fit into one message


class ChangeHousehold(Message, tag="change", frozen=True):
    """Write this public line: JSON of a change of the household, each with its own signatures (``device.trust.household``)."""

    line: msgspec.Raw


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
    """Which days hold clips: the newest, or the newest before ``before``."""

    before: Day | None = None


class AskDay(Message, tag="day", frozen=True):
    """The sealed events of one UTC day, for clips after number ``after``."""

    day: Day
    after: Count


class AskClip(Message, tag="clip", frozen=True):
    """A ticket for one clip's ciphertext."""

    clip: Count


class Export(Message, tag="export", frozen=True):
    """A ticket for one clip's ciphertext, to keep the film with its proof."""

    clip: Count


class AskHeaders(Message, tag="headers", frozen=True):
    """The age headers of some clips, without a byte of film: what one needs to grant their keys."""

    clips: Annotated[list[Count], msgspec.Meta(min_length=1, max_length=MAX_HEADERS)]


class Grant(Message, tag="grant", frozen=True):
    """Keep an age file of keys for another reader, who asks for it with ``grants``."""

    to: Bytes32
    clips: Count
    file: Annotated[bytes, msgspec.Meta(max_length=MAX_GRANT_BYTES)]


class AskGrants(Message, tag="grants", frozen=True):
    """The grants for the reader who asks, from number ``from_`` on."""

    from_: Count = msgspec.field(name="from")


class Live(Message, tag="live", frozen=True):
    """Watch from now on, until ``live_end`` or the end of this channel."""


class LiveEnd(Message, tag="live_end", frozen=True):
    """Watch no longer."""


class Talk(Message, tag="talk", frozen=True):
    """Be heard at the door from now on, until ``talk_end``, the end of this channel, or too long a time.

    ``recorded`` is whether it is a sentence that was spoken before.
    """

    recorded: bool


class TalkEnd(Message, tag="talk_end", frozen=True):
    """Be heard no longer by the talk with this key; one that ended already is no error."""

    kid: Count


class AskSettings(Message, tag="settings", frozen=True):
    """What is watched, and what never exists."""


class Set(Message, tag="set", frozen=True):
    """Replace the settings, all of them."""

    settings: Settings


class Drilled(Message, tag="drilled", frozen=True):
    """The card's Open half has opened a sealed file before this reader's eyes."""


class Answer(Message, tag="answer", frozen=True):
    """I have it: whoever rang in line ``ring`` of the ledger."""

    ring: Count


class AskAuthority(Message, tag="authority", frozen=True):
    """The certificate of the house's own authority, for a phone that does not trust it yet."""


class AskHealth(Message, tag="health", frozen=True):
    """How the door is, thing by thing; ``opened`` is the SHA-256 of the self-test's film, if this reader has just opened it."""

    opened: Bytes32 | None


class TellTime(Message, tag="time", frozen=True):
    """By this reader's clock it is ``at_utc``: a label for what was recorded before the door knew the time, and nothing else."""

    at_utc: datetime

    def __post_init__(self) -> None:
        in_utc(self.at_utc)


class AskSelfTest(Message, tag="self_test", frozen=True):
    """The sealed film of the last self-test, from byte ``from_`` on."""

    from_: Count = msgspec.field(name="from")


CommandBody = (
    ChangeHousehold
    | AskHead
    | Watch
    | AskLedger
    | AskEpochs
    | AskDays
    | AskDay
    | AskClip
    | Export
    | AskHeaders
    | Grant
    | AskGrants
    | Live
    | LiveEnd
    | Talk
    | TalkEnd
    | AskSettings
    | Set
    | Drilled
    | Answer
    | AskAuthority
    | AskHealth
    | AskSelfTest
    | TellTime
)

"""What every door message is made of.

Source: docs/FORMAT.md, "Door messages".
"""

from typing import Annotated, Final

import msgspec

Bytes32 = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
# A day that a calendar has: 30 February in a line would stand in every browser's list for ever. Not \d, which takes the digits
# of every script.
Day = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(?!0000)(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
        r"|02-(?:0[1-9]|1[0-9]|2[0-8]))|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)\Z"
    ),
]

# Everything that msgspec raises for bytes that somebody else made. A caller who knows the first alone dies of a text that is
# not UTF-8, or of a thousand brackets.
UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """The settings that every message shares; msgspec hands them down, behaviour there is none."""

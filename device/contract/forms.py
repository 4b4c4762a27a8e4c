"""What every door message is made of.

Source: docs/FORMAT.md, "Door messages".
"""

from typing import Annotated, Final

import msgspec

Bytes32 = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
# Not \d: it takes the digits of every script, and nothing else here does.
Day = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")]

# Everything that msgspec raises for bytes that somebody else made. A caller who knows the first alone dies of a text that is
# not UTF-8, or of a thousand brackets.
UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """The settings that every message shares; msgspec hands them down, behaviour there is none."""

"""What a command costs, and whose share pays for it: as much as it writes that stays, or a little more.

    a look, a drill, an answer     a line
    live, talk                     the line of its beginning and that of its end
    a grant                        a line and its record
    settings                       a line, and 4 KiB: each begins sight and recording anew
    a change of the household      a line as long as what is asked; and, if who can open changes, an epoch, and another one
                                   for the removal that may follow
    a removal, an objection        nothing

Looks that leave no line cost nothing. An application is paid by whoever made the invite.

Pure.
"""

from typing import Final

from device.allowance.allowance import CARD, NEW_CARD
from device.contract import commands
from device.disk.records import encode
from device.trust.commands import Verified
from device.trust.household import (
    Applied,
    CardObjected,
    CardReplaced,
    ReaderAdded,
    ReaderConfirmed,
    ReaderRemoved,
)
from device.trust.roster import Roster

LINE_BYTES: Final = 640
"""A private line is padded: it takes about 500 bytes."""
SET_BYTES: Final = 4_096
MEMBER_BYTES: Final = 2_304
"""One recipient's share in an epoch's record, of either kind."""


def cost(command: Verified, before: Roster) -> tuple[bytes, int]:
    """Return who pays for a command, and how many bytes.

    Args:
        command: what is asked for.
        before: the roster without it.
    """
    reader = command.claim.reader
    match command.claim.body:
        case commands.ChangeHousehold(line=line):
            return _payer(command, before), _change(command, before, len(line))
        case (
            commands.AskDay()
            | commands.AskClip()
            | commands.Export()
            | commands.Drilled()
            | commands.Answer()
            | commands.TellTime()
        ):
            return reader, LINE_BYTES
        case commands.Live() | commands.Talk():
            return reader, 2 * LINE_BYTES
        case commands.Grant(file=file):
            return reader, LINE_BYTES + len(encode(0, file))
        case commands.Set():
            return reader, LINE_BYTES + SET_BYTES
        case _:
            return reader, 0


def _payer(command: Verified, before: Roster) -> bytes:
    match command.change:
        case ReaderAdded():
            return CARD
        case Applied():
            (new,) = command.after.applications.keys() - before.applications.keys()
            return command.after.applications[new].inviter
        case CardReplaced() if command.claim.reader == before.admit:
            return NEW_CARD
        case _:
            return command.claim.reader


def _change(command: Verified, before: Roster, line_bytes: int) -> int:
    if isinstance(command.change, ReaderRemoved | CardObjected):
        return 0
    written = LINE_BYTES + line_bytes
    if isinstance(command.change, ReaderAdded | ReaderConfirmed | CardReplaced):
        written += 2 * (2 * LINE_BYTES + MEMBER_BYTES * (len(before.readers) + 2))
    return written

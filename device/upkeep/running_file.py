"""What is kept of a door's running time: one small file, signed by the device, replaced every quarter of an hour.

    running    signed blob, context running: {"quarters":n,"marks":[[quarters,clip]…]}

Signed, because an age that somebody without the key could write would delete clips: a block of a failing card, the file of
another door. What does not hold counts as lost, and an older one of this door is behind the truth: both only make clips younger.

Source: docs/FORMAT.md, "Running time".
"""

import logging
from pathlib import Path
from typing import Annotated, Final

import msgspec

from device.disk.durable import read_file, write_file
from device.ledger import Record
from device.trust.errors import TrustError
from device.trust.signed import Context, verify
from device.upkeep.running_time import RunningTime

RUNNING: Final = "running"
_MOST_BYTES: Final = 1 << 17  # more marks than ``running_time`` keeps
_Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]

logger = logging.getLogger(__name__)


class Ran(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Payload of the file."""

    quarters: _Number
    marks: list[tuple[_Number, _Number]]


class RunningFile:
    """The file in a state directory. One thread."""

    def __init__(self, state: Path, ledger: Record) -> None:
        self._path = state / RUNNING
        self._ledger = ledger

    def read(self, next_clip: int, span_s: float) -> RunningTime:
        """Return what was kept, or the beginning of time.

        Args:
            next_clip: the next clip's number: no mark says anything of that clip or a later one.
            span_s: for how long clips are kept.
        """
        try:
            ran = verify(self._ledger.roster.device, Context.RUNNING, read_file(self._path, _MOST_BYTES), Ran)
        except FileNotFoundError:
            return RunningTime(0, (), span_s)
        except (OSError, TrustError) as error:
            logger.warning("for how long the door ran is lost, clips are kept for longer: %s", error)
            return RunningTime(0, (), span_s)
        marks = [(quarters, min(clip, next_clip)) for quarters, clip in ran.marks]
        return RunningTime(ran.quarters, marks, span_s)

    def write(self, time: RunningTime) -> None:
        """Keep what was counted.

        Raises:
            OSError: the file is as it was.
        """
        ran = Ran(time.quarters, time.marks)
        write_file(self._path, self._ledger.sign(Context.RUNNING, ran))

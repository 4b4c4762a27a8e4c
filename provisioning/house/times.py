"""When a clip was made, as far as anybody knows: the page's fold of the lines that say by how much the door's clock was off.

A label, and nothing else.

Source: docs/FORMAT.md, "Ledger", ``time_told``.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from device.health.signs import BORN_UTC, STRANGE_UTC
from device.trust.lines import ClipBegun, ClipDeleted, ClipSealed, PrivateBody, TimeTold

MOST: Final = 64
"""As many are kept, as on the page; a clock that is set so often says nothing any more."""


@dataclass(frozen=True, slots=True)
class Made:
    """When a clip was made.

    Attributes:
        at_utc: None if nobody knows.
        is_label: the door did not know the time then, and this was found out later.
    """

    at_utc: datetime | None
    is_label: bool


class Times:
    """What the lines say that some keys may read."""

    def __init__(self, bodies: Iterable[PrivateBody | None]) -> None:
        """Read ``bodies``, in the order of the record; None where these keys may not."""
        self._told: deque[tuple[range, timedelta]] = deque(maxlen=MOST)
        newest = 0
        for body in bodies:
            match body:
                case ClipBegun(clip=clip) | ClipSealed(clip=clip) | ClipDeleted(clip=clip):
                    newest = max(newest, clip)
                case TimeTold(at_utc=at_utc, says_utc=says_utc, clip=first):
                    self._told.append((range(first, newest + 1), says_utc - at_utc))
                case _:
                    pass

    def made(self, clip: int, at_utc: datetime) -> Made:
        """Return when a clip was made of which the door said ``at_utc`` by its clock."""
        off = next((off for clips, off in reversed(self._told) if clip in clips), None)
        try:
            found = at_utc + (off or timedelta())
        except OverflowError:
            return Made(None, is_label=False)
        if not BORN_UTC <= found < STRANGE_UTC:
            return Made(None, is_label=False)
        return Made(found, is_label=off is not None)

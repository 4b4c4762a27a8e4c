"""What a household decides about watching: zones, masks, quiet hours, a snooze, privacy.

Structure only: whether polygons make sense is ``device.watch``'s to say.

Source: docs/FORMAT.md, "Settings".
"""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

Share = Annotated[float, Meta(ge=0, le=1)]
Point = tuple[Share, Share]
Clock = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d\Z")]
Weekday = Annotated[int, Meta(ge=0, le=6)]


class Zone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named polygon; corners are shares of the picture. If any zone is not ``ignored``, only such zones count."""

    name: str
    points: tuple[Point, ...]
    sensitivity: float = 1.0
    ignored: bool = False


class Quiet(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """Hours in which motion records nothing; rings do. ``days`` are those on which it begins, Monday 0; local time."""

    days: tuple[Weekday, ...]
    from_: Clock
    to: Clock


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it; setting replaces all of it.

    Attributes:
        zones: where motion counts.
        masks: polygons whose pixels never exist.
        quiet: when motion does not count.
        snoozed_until_utc: motion does not count until then.
        privacy: nothing is seen at all; a ring leaves a line and no picture.
    """

    zones: Annotated[tuple[Zone, ...], Meta(max_length=16)] = ()
    masks: Annotated[tuple[tuple[Point, ...], ...], Meta(max_length=32)] = ()
    quiet: Annotated[tuple[Quiet, ...], Meta(max_length=32)] = ()
    snoozed_until_utc: datetime | None = None
    privacy: bool = False

"""What a household decides about watching and hearing: zones, masks, quiet hours, a snooze, privacy, hush.

Structure only: whether polygons make sense is ``device.watch.watch``'s to say.

Source: docs/FORMAT.md, "Settings".
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from device.contract.forms import Bytes32

MAX_SETTINGS_BYTES: Final = 11_264
"""As JSON. More would not fit into the one message that sets them: a third more as base64, and what is signed around it."""
MAX_SNOOZE_DAYS: Final = 31

Share = Annotated[float, Meta(ge=0, le=1)]
Point = tuple[Share, Share]
Clock = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z")]
Weekday = Annotated[int, Meta(ge=0, le=6)]


class Zone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named polygon; corners are shares of the picture. If any zone is not ``ignored``, only such zones count."""

    name: str
    points: tuple[Point, ...]
    sensitivity: float = 1.0
    ignored: bool = False


class Quiet(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """Hours in which motion records nothing, or the chime is silent; rings are recorded.

    ``days`` are those on which it begins, Monday 0; local time.
    """

    days: Annotated[tuple[Weekday, ...], Meta(min_length=1, max_length=7)]
    from_: Clock
    to: Clock


def _to_utc(struct: msgspec.Struct, part: str) -> None:
    """Have a moment in UTC: written with another offset it is the same, and for the page it would be no settings at all."""
    moment = getattr(struct, part)
    if moment is not None and moment.tzinfo is not None:
        msgspec.structs.force_setattr(struct, part, moment.astimezone(UTC))


class Hush(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When the chime at the door is silent: in these hours, and until a moment, which has its time zone."""

    hours: Annotated[tuple[Quiet, ...], Meta(max_length=32)] = ()
    until_utc: Annotated[datetime, Meta(tz=True)] | None = None

    def __post_init__(self) -> None:
        _to_utc(self, "until_utc")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of it; setting replaces all of it.

    Attributes:
        zones: where motion counts.
        masks: polygons whose pixels never exist.
        quiet: when motion does not count.
        snoozed_until_utc: motion does not count until then; with its time zone, or it could be compared with no clock.
        privacy: nothing is seen at all; a ring leaves a line and no picture.
        hush: when the chime at the door is silent; pages and whoever is told elsewhere ring all the same.
        silent: sign keys of readers who may not be heard at the door.
    """

    zones: Annotated[tuple[Zone, ...], Meta(max_length=16)] = ()
    masks: Annotated[tuple[tuple[Point, ...], ...], Meta(max_length=32)] = ()
    quiet: Annotated[tuple[Quiet, ...], Meta(max_length=32)] = ()
    snoozed_until_utc: Annotated[datetime, Meta(tz=True)] | None = None
    privacy: bool = False
    hush: Hush = Hush()
    silent: Annotated[tuple[Bytes32, ...], Meta(max_length=16)] = ()

    def __post_init__(self) -> None:
        _to_utc(self, "snoozed_until_utc")


def excess(settings: Settings) -> str:
    """Return by how much settings are too long for one message, as a sentence; empty if they fit."""
    size_bytes = len(msgspec.json.encode(settings))
    if size_bytes <= MAX_SETTINGS_BYTES:
        return ""
    corners = sum(len(zone.points) for zone in settings.zones) + sum(map(len, settings.masks))
    return (
        f"zones and masks with {corners} corners take {size_bytes:,} bytes, "
        f"and {MAX_SETTINGS_BYTES:,} fit into one message"
    )


def too_long(settings: Settings, now: datetime) -> dict[str, datetime]:
    """Return which pauses last so long that nobody can mean it, by name, and until when; ``now`` is aware."""
    most = now + timedelta(days=MAX_SNOOZE_DAYS)
    return {part: moment for part, moment in _pauses(settings).items() if moment > most}


def _pauses(settings: Settings) -> dict[str, datetime]:
    """Return what ends by itself, and when."""
    parts = {
        "snoozed_until_utc": settings.snoozed_until_utc,
        "hush.until_utc": settings.hush.until_utc,
    }
    return {part: moment for part, moment in parts.items() if moment is not None}

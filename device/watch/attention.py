"""Whether motion counts now: not in privacy, not while snoozed, not in quiet hours. A ring always does; whether it is heard, too.

Pure.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final

from device.contract.settings import Quiet, Settings

_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)


def attends(settings: Settings, now: datetime) -> bool:
    """Return whether motion may begin a clip; one that runs, it always keeps running.

    Args:
        settings: the household's.
        now: aware, in the door's own time zone.
    """
    if settings.privacy:
        return False
    until_utc = settings.snoozed_until_utc
    if until_utc is not None and now.astimezone(UTC) < until_utc:
        return False
    local = now.replace(tzinfo=None)
    return all(_stretch(quiet, local) is None for quiet in settings.quiet)


def is_heard(settings: Settings, now: datetime) -> bool:
    """Return whether the chime sounds for a ring; also in privacy, for whoever rings wants to be let in.

    Args:
        settings: the household's.
        now: aware, in the door's own time zone.
    """
    until_utc = settings.hush.until_utc
    if until_utc is not None and now.astimezone(UTC) < until_utc:
        return False
    local = now.replace(tzinfo=None)
    return all(_stretch(quiet, local) is None for quiet in settings.hush.hours)


def quiet_hours(hours: Sequence[Quiet], now: datetime) -> tuple[datetime, datetime | None] | None:
    """Return when the quiet hours that cover ``now`` began and when they end, both as naive local times; None outside of them.

    Hours that join each other are one stretch; its end is None if none comes within a week.

    Args:
        hours: of one kind.
        now: in the door's own time zone.
    """
    local = now.replace(tzinfo=None)
    covering = [stretch for quiet in hours if (stretch := _stretch(quiet, local)) is not None]
    if not covering:
        return None
    began, end = min(begin for begin, _ in covering), max(end for _, end in covering)
    while later := [stretch[1] for quiet in hours if (stretch := _stretch(quiet, end)) is not None]:
        if end - local > _WEEK:
            return began, None
        end = max(later)
    return began, end


def _stretch(quiet: Quiet, local: datetime) -> tuple[datetime, datetime] | None:
    """Return the stretch of ``quiet`` that covers a naive local time, if it does.

    Over midnight, or a whole day if both times are equal, the part after midnight belongs to the day before.
    """
    begins, ends = time.fromisoformat(quiet.from_), time.fromisoformat(quiet.to)
    for day in (local.date(), local.date() - _DAY):
        last = day if begins < ends else day + _DAY
        begin, end = datetime.combine(day, begins), datetime.combine(last, ends)
        if day.weekday() in quiet.days and begin <= local < end:
            return begin, end
    return None

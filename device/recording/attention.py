"""Whether motion counts now: not in privacy, not while snoozed, not in quiet hours. A ring always does.

Pure.
"""

from datetime import UTC, datetime, time, timedelta

from device.contract.settings import Quiet, Settings


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
    return not any(_covers(quiet, now) for quiet in settings.quiet)


def _covers(quiet: Quiet, now: datetime) -> bool:
    begins, ends = time.fromisoformat(quiet.from_), time.fromisoformat(quiet.to)
    clock = now.time()
    if begins < ends:
        return now.weekday() in quiet.days and begins <= clock < ends
    # Over midnight, or the whole day if both are equal: the part after midnight belongs to the day before.
    yesterday = (now - timedelta(days=1)).weekday()
    return (now.weekday() in quiet.days and clock >= begins) or (yesterday in quiet.days and clock < ends)

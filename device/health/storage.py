"""How a door's card is, and for how many days of recordings it has room. Facts in, findings out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from device.config import Retention
from device.trust.report import Finding

_GB: Final = 10**9
_CARD: Final = "copy the state directory to another computer, and put in another card"


@dataclass(frozen=True, slots=True)
class Storage:
    """What the disk and the spool say.

    Attributes:
        free_bytes: of the file system, for the door.
        used_bytes: all clips together.
        days: calendar days from the oldest clip to the newest, both counted; 0 without clips.
        is_read_only: whether nothing can be written.
        errors: how many the file system has noted; None if it does not tell.
        worn_tenths: life that is used up, in tenths; None: SD cards do not tell, eMMC does.
    """

    free_bytes: int
    used_bytes: int
    days: int
    is_read_only: bool
    errors: int | None
    worn_tenths: int | None


def judge(storage: Storage, limits: Retention) -> Iterator[Finding]:
    """Yield how the card is, and how much room there is."""
    yield _card(storage)
    yield _room(storage, limits)


def _card(storage: Storage) -> Finding:
    if storage.is_read_only:
        return Finding("card", "fault", "nothing can be written: the file system is read-only", _CARD)
    if storage.errors:
        return Finding("card", "fault", f"the file system has noted errors: {storage.errors:,}", _CARD)
    if storage.worn_tenths is not None and storage.worn_tenths >= 10:
        return Finding("card", "warning", "its life is used up, as it tells itself", _CARD)
    if storage.errors is None:
        return Finding("card", "unknown", "its file system does not tell of errors")
    return Finding("card", "ok", "its file system has noted no error")


def _room(storage: Storage, limits: Retention) -> Finding:
    room_bytes = min(limits.spool_bytes, storage.used_bytes + storage.free_bytes - limits.free_bytes)
    free = f"{max(storage.free_bytes, 0) / _GB:.1f} GB are free"
    if room_bytes <= 0:
        return Finding(
            "room",
            "fault",
            f"{free}, less than what stays free, {limits.free_bytes / _GB:.1f} GB (retention.free_bytes)",
            "remove what else lies on the card, or put in a larger one",
        )
    if storage.days < 2 or not storage.used_bytes:
        return Finding(
            "room", "ok", f"{free}; for how many days that is, is known after two days of recordings"
        )
    lasts_days = room_bytes / (storage.used_bytes / storage.days)
    least_days = limits.keep_at_least_hours / 24
    says = f"{free}; at the present rate there is room for {lasts_days:,.0f} days of recordings"
    if lasts_days < least_days:
        return Finding(
            "room",
            "warning",
            f"{says}, and nothing younger than {least_days:g} days gives way: motion will go unrecorded",
            "put in a larger card, or lower retention.keep_at_least_hours",
        )
    return Finding("room", "ok", says)

"""Which clips give way: by age, then by size, oldest first, and never a young one.

``keep_at_least_s`` stands above both limits, so that somebody who rings a thousand times erases nothing: a card
that is full of young clips stays full, and the recorder says so instead.

Pure: sizes and times in, clip numbers out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

Reason = Literal["age", "size"]


class Kept(Protocol):
    """A finished clip."""

    @property
    def clip(self) -> int:
        """Its number."""
        ...

    @property
    def size_bytes(self) -> int:
        """What it takes on the disk."""
        ...

    @property
    def finished_utc(self) -> datetime:
        """When its last file was written."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much to keep.

    Attributes:
        keep_at_most_s: older clips go.
        keep_at_least_s: younger clips stay, whatever happens.
        spool_bytes: all clips together.
        free_bytes: what stays free on the file system.
    """

    keep_at_most_s: float
    keep_at_least_s: float
    spool_bytes: int
    free_bytes: int


def give_way(
    kept: Sequence[Kept], limits: Limits, now_utc: datetime, free_bytes: int
) -> list[tuple[int, Reason]]:
    """Return the clips to delete, in order, each with its reason.

    A clip whose time lies in the future (the clock went back) counts as young.

    Args:
        kept: all finished clips, oldest first by number.
        limits: what may be kept.
        now_utc: wall time.
        free_bytes: what the file system still takes.
    """
    leaving: list[tuple[int, Reason]] = []
    total = sum(clip.size_bytes for clip in kept)
    for clip in kept:
        age = now_utc - clip.finished_utc
        if age < timedelta(seconds=limits.keep_at_least_s):
            continue
        reason: Reason
        if age > timedelta(seconds=limits.keep_at_most_s):
            reason = "age"
        elif total > limits.spool_bytes or free_bytes < limits.free_bytes:
            reason = "size"
        else:
            continue
        leaving.append((clip.clip, reason))
        total -= clip.size_bytes
        free_bytes += clip.size_bytes
    return leaving


def has_room(kept: Sequence[Kept], limits: Limits, free_bytes: int) -> bool:
    """Return whether another clip may begin, after everything that can give way has."""
    return sum(clip.size_bytes for clip in kept) < limits.spool_bytes and free_bytes >= limits.free_bytes

"""Which clips give way: by age, then by size, oldest first, and never a young one.

``keep_at_least_s`` stands above both limits, so that somebody who rings a thousand times erases nothing: a card
that is full of young clips stays full, and the recorder says so instead.

Age is running time (see ``running_time``): a clock that jumps by fifty years makes no clip older, and a door that was off
for a year has not aged.

Pure: sizes and ages in, clip numbers out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from device.disk.kept import Kept

Reason = Literal["age", "size"]


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
    kept: Sequence[Kept], limits: Limits, age_s: Callable[[int], float], free_bytes: int
) -> list[tuple[int, Reason]]:
    """Return the clips to delete, in order, each with its reason.

    Args:
        kept: all finished clips, oldest first by number.
        limits: what may be kept.
        age_s: clip → running time since it ended, at least.
        free_bytes: what the file system still takes.
    """
    leaving: list[tuple[int, Reason]] = []
    total = sum(clip.size_bytes for clip in kept)
    for clip in kept:
        age = age_s(clip.clip)
        if age < limits.keep_at_least_s:
            continue
        reason: Reason
        if age > limits.keep_at_most_s:
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

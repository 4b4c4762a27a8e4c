"""What the disk under a door tells, and its spool: sizes and days, no clip is opened.

Source: statvfs(3); Documentation/admin-guide/ext4 (``errors_count``); JESD84-B51 §7.4.121 (eMMC's ``life_time``).
"""

import os
from datetime import date
from pathlib import Path
from stat import S_ISREG
from typing import Final

from device.disk.spool import CLIP, SPOOL
from device.health.sensors import ROOT, text_of
from device.health.storage import Storage


def read_storage(state: Path, root: Path = ROOT) -> tuple[Storage, date | None]:
    """Return how the disk is, and the day of the newest clip; ``root`` is where ``sys`` lies.

    Raises:
        OSError: the directory cannot be looked at.
    """
    stat = os.statvfs(state)
    number = state.stat().st_dev
    block = (root / f"sys/dev/block/{os.major(number)}:{os.minor(number)}").resolve()
    errors = text_of(root / "sys/fs/ext4" / block.name / "errors_count")
    # A partition's directory lies in its disk's, which tells of itself under ``device``.
    life = text_of(block.parent / "device" / "life_time")
    used_bytes, days = _spool(state / SPOOL)
    return Storage(
        free_bytes=stat.f_bavail * stat.f_frsize,
        used_bytes=used_bytes,
        days=(days[-1] - days[0]).days + 1 if days else 0,
        is_read_only=bool(stat.f_flag & os.ST_RDONLY),
        errors=int(errors) if errors is not None and errors.isdecimal() else None,
        worn_tenths=_worn(life),
    ), days[-1] if days else None


_BEYOND_TENTHS: Final = 11


def _worn(life: str | None) -> int | None:
    """Return tenths of its life that are used up, of the kind of cell that has used up most; 0 means that it does not tell."""
    try:
        used = max(int(word, 16) for word in (life or "").split())
    except ValueError:
        return None
    return used if 0 < used <= _BEYOND_TENTHS else None


def _size_bytes(clip: Path) -> int | None:
    """Return the size of a clip; None of one that gave way in this moment, or is no file."""
    try:
        stat = clip.lstat()
    except FileNotFoundError:
        return None
    return stat.st_size if S_ISREG(stat.st_mode) else None


def _spool(spool: Path) -> tuple[int, list[date]]:
    used_bytes, days = 0, []
    for day in sorted(spool.glob("[0-9]*-[0-9]*-[0-9]*")) if spool.is_dir() else []:
        sizes = [size for clip in day.glob(f"*/{CLIP}") if (size := _size_bytes(clip)) is not None]
        try:
            found = date.fromisoformat(day.name)
        except ValueError:
            continue
        if sizes:
            used_bytes += sum(sizes)
            days.append(found)
    return used_bytes, days

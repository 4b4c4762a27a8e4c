"""What the directories of the spool are called: days, and clips by number. Anything else that lies there is none of ours."""

import re
from datetime import date
from pathlib import Path

from device.disk.durable import is_directory

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLIP_DIRECTORY = re.compile(r"[0-9]{6}|[1-9][0-9]{6,11}")


def is_day(name: str) -> bool:
    """Return whether a name is a day of the calendar."""
    if not _DAY.fullmatch(name):
        return False
    try:
        date.fromisoformat(name)
    except ValueError:
        return False
    return True


def clips_in(home: Path) -> list[int]:
    """Return the numbers of the clips whose directories are in ``home``, rising; none if it is no directory itself."""
    if not is_directory(home):
        return []
    return sorted(
        int(clip.name)
        for clip in home.iterdir()
        if _CLIP_DIRECTORY.fullmatch(clip.name) and is_directory(clip)
    )

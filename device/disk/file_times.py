"""What a stolen card tells of when its household changed: the last quarter of an hour in which the door ran, and no more.

Who joined and left is readable, since the device has to fold it at a start; when is sealed. A file's times would give it away, so
everything beside the clips is given the present time again and again, whether it changed or not. A file system lets nobody set
its change time otherwise. What this cannot reach stands in docs/THREAT_MODEL.md: clips before and after a change, the journal.

Source: utimensat(2); the inode of ext4.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from device.disk.durable import is_directory
from device.disk.grants import DIRECTORY as GRANTS
from device.disk.spool import SPOOL


def forget_times(state: Path) -> None:
    """Give everything in ``state`` but the clips the present time; what refuses keeps its own."""
    for path in _of_the_household(state):
        with contextlib.suppress(OSError):
            os.utime(path, follow_symlinks=False)


def _of_the_household(state: Path) -> Iterator[Path]:
    yield from (path for path in state.iterdir() if path.name != SPOOL)
    if is_directory(state / GRANTS):
        yield from (state / GRANTS).iterdir()
    yield state

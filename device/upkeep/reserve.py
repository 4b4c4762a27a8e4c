"""Two megabytes held back, for the day somebody else fills the disk to its last block.

Even then a start writes its epoch, a clip that gives way needs its line first, and a ring has to leave a word. The space is let
go when less than that is free, and held again by the hourly sweep when there is room.
"""

import contextlib
import os
from pathlib import Path
from typing import Final

RESERVE: Final = "reserve"
RESERVE_BYTES: Final = 2 << 20
"""About a hundred rings without a film, thumbnails included."""


class Reserve:
    """The file that holds it. One thread."""

    def __init__(self, state: Path) -> None:
        self._path = state / RESERVE

    def ease(self) -> None:
        """Let the space go if hardly any other is left; what stands in its place and cannot be removed is no reason to stop."""
        with contextlib.suppress(IsADirectoryError):
            if self._free_bytes() < RESERVE_BYTES:
                self._path.unlink(missing_ok=True)

    def hold(self) -> None:
        """Hold the space if it is not held, and if as much again stays free.

        Raises:
            OSError: it is not held.
        """
        if os.path.lexists(self._path) or self._free_bytes() < 2 * RESERVE_BYTES:
            return
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, RESERVE_BYTES)
        except OSError:
            self._path.unlink()
            raise
        finally:
            os.close(descriptor)

    def _free_bytes(self) -> int:
        stat = os.statvfs(self._path.parent)
        return stat.f_bavail * stat.f_frsize

"""Files that are whole or not there, whatever happens between two instructions.

temp in the same directory → write → fsync → rename → fsync of the directory. A power cut leaves the old file or the new one; what
a cut leaves of a temp file starts with ``.new-`` and start-up recovery removes it.

Source: the fsync(2) and rename(2) manual pages.
"""

import contextlib
import os
from pathlib import Path
from typing import Final

TEMP_PREFIX: Final = ".new-"


def write_file(path: Path, data: bytes, *, mode: int = 0o600, durable: bool = True) -> None:
    """Replace or create ``path`` with exactly ``data``, in one step.

    Args:
        path: its directory must exist.
        data: the whole content.
        mode: permission bits, from the first moment on.
        durable: False leaves out the syncs, for a file that can be computed again after a power cut.

    Raises:
        OSError: nothing changed; no temp file stays behind.
    """
    temp = path.with_name(TEMP_PREFIX + path.name)
    try:
        descriptor = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
        try:
            write_all(descriptor, data)
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temp.rename(path)
    except OSError:
        with contextlib.suppress(FileNotFoundError):
            temp.unlink()
        raise
    if durable:
        sync_directory(path.parent)


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Write all of ``data``; ``os.write`` alone may write less on a full disk.

    Raises:
        OSError: some of it may have been written.
    """
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sync_directory(directory: Path) -> None:
    """Make renames, creations and removals in ``directory`` survive a power cut.

    Raises:
        OSError: they may not.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(directory: Path) -> None:
    """Create ``directory`` (0700) if need be, durably; its parent must exist.

    Raises:
        OSError: it is not there.
    """
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        return
    sync_directory(directory.parent)


def sweep(directory: Path) -> None:
    """Remove what interrupted ``write_file`` calls left in ``directory``.

    Raises:
        OSError: something could not be removed.
    """
    for leftover in directory.glob(TEMP_PREFIX + "*"):
        leftover.unlink(missing_ok=True)

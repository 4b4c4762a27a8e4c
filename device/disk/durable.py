"""Files that are whole or not there, whatever happens between two instructions; and the one door by which files are read.

temp of a random name in the same directory → write → fsync → rename → fsync of the directory. A power cut leaves the old file or
the new one; what a cut leaves of a temp file starts with ``.new-``, and the next start removes it.

Whoever held the card for a minute, and a card that fails, may have put anything in a file's place: a pipe that nobody writes to,
a link, a directory, a terabyte of zeros. None of them is waited for, followed or read into memory.

Source: the open(2), fsync(2) and rename(2) manual pages.
"""

import contextlib
import errno
import logging
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

TEMP_PREFIX: Final = ".new-"
ASIDE_PREFIX: Final = ".aside-"
"""What stood where a file or directory of ours belongs; kept, since nobody knows what it is."""

logger = logging.getLogger(__name__)


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
    with replacing(path, mode=mode, durable=durable) as descriptor:
        write_all(descriptor, data)


@contextlib.contextmanager
def replacing(path: Path, *, mode: int = 0o600, durable: bool = True) -> Iterator[int]:
    """Yield a descriptor of a new file that takes the place of ``path``, whole, if the block ends without an error.

    The new file is nobody else's: its name is random and must be free, so that none that somebody made first, and holds open or
    owns, is ever written to.

    Args:
        path: its directory must exist.
        mode: permission bits, from the first moment on.
        durable: as for ``write_file``.

    Raises:
        OSError: nothing changed; no temp file stays behind.
    """
    temp = path.with_name(f"{TEMP_PREFIX}{secrets.token_hex(8)}")
    descriptor = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, mode)
    try:
        try:
            yield descriptor
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            temp.rename(path)
        except IsADirectoryError:
            move_aside(path)
            temp.rename(path)
    except BaseException:
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


def make_directory(directory: Path, *, aside: bool = False) -> None:
    """Create ``directory`` (0700) if need be, durably; its parent must exist.

    Args:
        directory: where.
        aside: whether what stands there, and is none, gets another name, as what is to be kept in it must not wait.

    Raises:
        OSError: it is not there, or something else is.
    """
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        if is_directory(directory):
            return
        if aside:
            move_aside(directory)
            make_directory(directory)
            return
        raise NotADirectoryError(
            errno.ENOTDIR, "a directory belongs here; move away what is not", os.fspath(directory)
        ) from None
    sync_directory(directory.parent)


def move_aside(path: Path) -> None:
    """Give what stands where something of ours belongs another name in the same directory.

    Raises:
        OSError: it still stands there.
    """
    aside = path.with_name(f"{ASIDE_PREFIX}{secrets.token_hex(8)}")
    logger.error("%s is not what belongs there; it is called %s from now on", path, aside.name)
    path.rename(aside)


def is_directory(path: Path) -> bool:
    """Return whether ``path`` is a directory itself: a link to one may lead anywhere."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def open_file(path: Path, flags: int = os.O_RDONLY) -> int:
    """Return a descriptor of a regular file, which the caller closes.

    Args:
        path: only its last component is checked; no link is followed there.
        flags: O_RDONLY or O_RDWR.

    Raises:
        FileNotFoundError: it is not there.
        OSError: it cannot be opened, or is no regular file.
    """
    # O_NONBLOCK: the open of a pipe that nobody writes to would wait for ever.
    descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "no regular file", os.fspath(path))
    return descriptor


def read_file(path: Path, most_bytes: int) -> bytes:
    """Return the whole content of a regular file of at most ``most_bytes``.

    Raises:
        FileNotFoundError: it is not there.
        OSError: it cannot be read, is no regular file, or is larger.
    """
    with os.fdopen(open_file(path), "rb") as file:
        data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise OSError(errno.EFBIG, f"larger than {most_bytes:,} bytes", os.fspath(path))
    return data


def erase(path: Path) -> None:
    """Remove a file, or a directory with all that is in it, each file emptied before.

    A file that is only removed stays on the disk, whole, for as long as somebody has it open.

    Raises:
        OSError: some of it stays.
    """
    if is_directory(path):
        for entry in path.iterdir():
            erase(entry)
        path.rmdir()
        return
    # A link, a pipe, a file on a full disk that copies on writing: what cannot be emptied is removed all the same.
    with contextlib.suppress(OSError), os.fdopen(open_file(path, os.O_WRONLY), "wb", buffering=0) as file:
        os.ftruncate(file.fileno(), 0)
    path.unlink(missing_ok=True)


def sweep(directory: Path) -> None:
    """Remove what interrupted calls of ``replacing`` left in ``directory``.

    Raises:
        OSError: something could not be removed.
    """
    for leftover in directory.glob(TEMP_PREFIX + "*"):
        if not is_directory(leftover):  # none of ours
            leftover.unlink(missing_ok=True)

"""Where a command writes its file: ``-o``, the same for all of them.

    nothing there         a new file, whole or not there, nobody else's
    a plain file          is replaced if ``--force`` says so
    a link                is written through: the file that it leads to is meant
    ``-``                 standard output; every word goes to standard error
    a pipe, a terminal's  gets the file once it is whole and verified: until then it is held in memory, never on a disk
    device, /dev/null
    all else              is refused: a directory, a disk, a socket are no files, and none is ever replaced

In a directory to which others may write, a link or pipe that somebody else made is refused: it leads where they want it to. Linux
itself does so where it is told to (fs.protected_symlinks, fs.protected_fifos).
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from device.disk.durable import replacing, write_all
from provisioning.errors import ProvisioningError
from provisioning.printer import say
from provisioning.streams import carry, is_watched

STDOUT: Final = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
MOST_LINKS: Final = 40  # Linux follows no more
_CHOOSE: Final = "choose another name"
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class NoOutput(ProvisioningError, OSError):
    """A file cannot be written where it was asked for; nothing was changed there."""


class Output:
    """One place, as it was named.

    Attributes:
        name: as it was given.
        is_text: whether a terminal can show what is written.
        is_stdout: whether it is standard output.
    """

    def __init__(self, name: str, *, is_text: bool = False) -> None:
        self.name = name
        self.is_text = is_text
        self.is_stdout = name in STDOUT
        self._may_replace = False

    def __str__(self) -> str:
        """Return what it is called in a sentence."""
        return "standard output" if self.is_stdout else self.name

    @property
    def path(self) -> Path:
        """The name as a path."""
        return Path(self.name)

    def check(self, *, force: bool = False) -> None:
        """Find out whether it can be written, before there is anything to write.

        Args:
            force: whether a plain file that stands there may be replaced.

        Raises:
            NoOutput: it cannot; the sentence says why.
        """
        self._may_replace = force
        if self.is_stdout and not self.is_text and is_watched():
            raise NoOutput("a terminal cannot show this", hint="name a file, or a command after a pipe")
        if not self.is_stdout and not self._is_stream():
            self._vacant()

    def recheck(self) -> None:
        """Find it out again, or of a place beside one that was checked."""
        self.check(force=self._may_replace)

    @property
    def is_beside_nothing(self) -> bool:
        """Whether no second file can lie beside it: it is no plain file."""
        return self.is_stdout or self._is_stream()

    def beside(self, name: str, *, is_text: bool = True) -> "Output":
        """Return the place of another file in the same directory."""
        beside = Output(str(self.path.with_name(name)), is_text=is_text)
        beside._may_replace = self._may_replace
        return beside

    def write(self, data: bytes, *, mode: int = 0o600) -> None:
        """Write a whole file.

        Raises:
            OSError: nothing changed, but that a pipe may have got some of it.
        """
        with self.opened(mode=mode) as file:
            file.write(data)

    def stage(self, files: contextlib.ExitStack, data: bytes, *, mode: int = 0o600) -> None:
        """Write a whole file that is there once ``files`` closes without an error; a pipe has it at once.

        Raises:
            OSError: nothing changed, but that a pipe may have got some of it.
        """
        if self.is_beside_nothing:
            self.write(data, mode=mode)
            return
        file = files.enter_context(self.opened(mode=mode))
        file.write(data)
        file.flush()
        os.fsync(file.fileno())

    @contextlib.contextmanager
    def opened(self, *, mode: int = 0o600) -> Iterator[BinaryIO]:
        """Yield what is to be written to; it arrives at its place, whole, if the block ends without an error.

        Raises:
            OSError: nothing changed, but that a pipe may have got some of it.
        """
        try:
            with self._opened(mode) as file:
                yield file
        except OSError as error:
            if error.errno not in _FULL or isinstance(error, ProvisioningError):
                raise
            raise NoOutput(f"{self}: {error.strerror}", hint="make room, or choose another place") from error

    @contextlib.contextmanager
    def _opened(self, mode: int) -> Iterator[BinaryIO]:
        if not self.is_beside_nothing:
            with replacing(self._vacant(), mode=mode) as descriptor:
                with open(descriptor, "wb", closefd=False) as file:
                    yield file
                self._vacant()  # nor has anything come there meanwhile
            return
        with os.fdopen(os.memfd_create("doorward", os.MFD_CLOEXEC), "w+b") as held:
            yield held
            held.seek(0)
            if self.is_stdout:
                carry(held)
            else:
                self._pour(held)

    def _is_stream(self) -> bool:
        """Return whether it is a pipe or a device that takes what is written, one byte after the other."""
        try:
            mode = self.path.stat().st_mode
        except OSError:
            return False
        return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)

    def _vacant(self) -> Path:
        """Return the path that a new file may take."""
        path = self._followed()
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            if not path.parent.is_dir():
                raise NoOutput(f"{self.name}: there is no directory {path.parent}", hint=_CHOOSE) from None
            return path
        if stat.S_ISDIR(mode):
            raise NoOutput(f"{self.name} is a directory", hint="name a file in it")
        if not stat.S_ISREG(mode):
            raise NoOutput(f"{self.name} is no plain file, and is not replaced", hint=_CHOOSE)
        if not self._may_replace:
            raise NoOutput(f"{self.name} is there already", hint=f"{_CHOOSE}, or replace it with --force")
        return path

    def _followed(self) -> Path:
        path = self.path
        for _ in range(MOST_LINKS):
            try:
                found = path.lstat()
            except FileNotFoundError:
                return path
            except OSError as error:
                raise NoOutput(f"{self.name}: {error.strerror}", hint=_CHOOSE) from error
            self._refuse_strangers(path, found)
            if not stat.S_ISLNK(found.st_mode):
                return path
            path = path.parent / path.readlink()
        raise NoOutput(f"{self.name} is a link that leads in a circle", hint=_CHOOSE)

    def _refuse_strangers(self, path: Path, found: os.stat_result) -> None:
        if not (stat.S_ISLNK(found.st_mode) or stat.S_ISFIFO(found.st_mode)):
            return
        if found.st_uid != os.geteuid() and path.parent.stat().st_mode & stat.S_IWOTH:
            raise NoOutput(
                f"{self.name}: somebody else made {path} in a directory that is everybody's", hint=_CHOOSE
            )

    def _pour(self, held: BinaryIO) -> None:
        self._followed()
        try:
            descriptor = os.open(self.name, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            say(f"{self.name}: waits for whoever reads it", err=True)
            descriptor = os.open(self.name, os.O_WRONLY | os.O_CLOEXEC | os.O_NOCTTY)
        try:
            mode = os.fstat(descriptor).st_mode
            if not (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)):
                raise NoOutput(f"{self.name} was changed meanwhile", hint=_CHOOSE)
            os.set_blocking(descriptor, True)
            while chunk := held.read(1 << 16):
                write_all(descriptor, chunk)
        except BrokenPipeError as error:
            raise NoOutput(f"{self.name}: whoever read it went away before its end") from error
        finally:
            os.close(descriptor)

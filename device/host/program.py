"""A program of ALSA's at work for one of our parts: begun, asked how it is, ended; what it says against its task is a sentence.

A sound card that hangs, or is another program's, must not hold up anything else: what goes on for longer than it should is ended.

Source: the aplay(1) manual page.
"""

import os
import re
import shutil
import subprocess
from typing import Final

from device.errors import DeviceError

_SAID_BYTES: Final = 2_000


class Program:
    """One program that does one thing after another. One thread."""

    def __init__(self, name: str, error: type[DeviceError]) -> None:
        """Find it.

        Args:
            name: ``aplay`` or ``arecord``.
            error: what is raised wherever it fails.

        Raises:
            DeviceError: it is not installed; the kind that was asked for, here and below.
            OSError: the kernel gives no more files.
        """
        path = shutil.which(name)
        if path is None:
            raise error(f"{name} is not installed", hint="install it: apt install alsa-utils")
        self._path = path
        self._name = name
        self._error = error
        self._said = os.memfd_create(name, os.MFD_CLOEXEC)
        self._running: subprocess.Popen[bytes] | None = None

    def begin(
        self, *arguments: str, stdin: int = subprocess.DEVNULL, stdout: int = subprocess.DEVNULL
    ) -> None:
        """Begin; what still runs is ended.

        Raises:
            DeviceError: it could not begin.
        """
        self.end()
        os.ftruncate(self._said, 0)
        os.lseek(self._said, 0, os.SEEK_SET)
        try:
            self._running = subprocess.Popen(  # noqa: S603 - no word of it is anybody's but the owner's
                [self._path, *arguments],
                stdin=stdin,
                stdout=stdout,
                stderr=self._said,
                env={"PATH": os.defpath},
            )
        except OSError as error:
            raise self._error(
                f"{self._name} cannot be started: {error.strerror}", hint="the unit must let the door run it"
            ) from error

    def ended(self, *, overdue: bool, failed: str, device: str) -> bool:
        """Return whether nothing runs any more; ``overdue`` is whether nothing should, and then it is ended.

        Args:
            overdue: whether it should be over.
            failed: what an error calls it, such as ``the chime was not heard``.
            device: the sound card, as ALSA calls it.

        Raises:
            DeviceError: it failed; the sentence says why.
        """
        if self._running is None:
            return True
        code = self._running.poll()
        if code is None and not overdue:
            return False
        self.end()
        if code is None:
            raise self._error(
                f"the sound card {device!r} plays, and never comes to an end",
                hint="see whether another program has it: fuser -v /dev/snd/*",
            )
        if code:
            raise self._error(
                f"{failed}: {self.words()}", hint=f"see which sound cards there are: {self._name} -L"
            )
        return True

    def end(self) -> None:
        """End what runs."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None

    def close(self) -> None:
        """End what runs, and give everything back."""
        self.end()
        os.close(self._said)

    def words(self, silent: str = "it did not say why") -> str:
        """Return the last line that it said, without the place in its source; ``silent`` if it said nothing."""
        said = os.pread(self._said, _SAID_BYTES, 0).decode(errors="replace").split("\n")
        lines = [line.strip() for line in said if line.strip()]
        words = re.sub(rf"^{self._name}: \w+:\d+: ", "", lines[-1]) if lines else silent
        return "".join(letter for letter in words if letter.isprintable())

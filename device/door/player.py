"""Plays a sound by ALSA's ``aplay``: the bytes go to its standard input, what it says against them is a sentence.

A sound card that hangs, or is another program's, must not hold up the next ring: what plays for longer than it should is ended.

Source: the aplay(1) manual page.
"""

import os
import re
import shutil
import subprocess
from typing import Final

from device.door.errors import DoorError

PROGRAM: Final = "aplay"
_SAID_BYTES: Final = 2_000


class Player:
    """One sound on one device of ALSA's. One thread."""

    def __init__(self, sound: bytes, device: str) -> None:
        """Keep a sound in memory, without a file.

        Raises:
            DoorError: there is nothing here to play it with.
        """
        program = shutil.which(PROGRAM)
        if program is None:
            raise DoorError(f"{PROGRAM} is not installed", hint="install it: apt install alsa-utils")
        self._command = [program, "-q", "-t", "wav", "-D", device]
        self._device = device
        self._sound = os.memfd_create("chime", os.MFD_CLOEXEC)
        os.write(self._sound, sound)
        self._playing: subprocess.Popen[bytes] | None = None
        self._said = os.memfd_create("aplay", os.MFD_CLOEXEC)

    def play(self) -> None:
        """Begin to play; what still plays is ended.

        Raises:
            DoorError: it could not begin.
        """
        self.hush()
        os.lseek(self._sound, 0, os.SEEK_SET)
        os.ftruncate(self._said, 0)
        os.lseek(self._said, 0, os.SEEK_SET)
        try:
            self._playing = subprocess.Popen(  # noqa: S603 - no word of it is anybody's but the owner's
                self._command,
                stdin=self._sound,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                env={"PATH": os.defpath},
            )
        except OSError as error:
            raise DoorError(
                f"{PROGRAM} cannot be started: {error.strerror}", hint="the unit must let the door run it"
            ) from error

    def hush(self) -> None:
        """End what plays."""
        if self._playing is not None:
            self._playing.kill()
            self._playing.wait()
            self._playing = None

    def ended(self, *, overdue: bool) -> bool:
        """Return whether it is over; ``overdue`` is whether it should be, and then it is.

        Raises:
            DoorError: it was not heard; the sentence says why.
        """
        if self._playing is None:
            return True
        code = self._playing.poll()
        if code is None and not overdue:
            return False
        self.hush()
        if code is None:
            raise DoorError(
                f"the sound card {self._device!r} plays, and never comes to an end",
                hint="see whether another program has it: fuser -v /dev/snd/*",
            )
        if code:
            raise DoorError(
                f"the chime was not heard: {last_words(self._said)}",
                hint="see which sound cards there are: aplay -L",
            )
        return True

    def close(self) -> None:
        """End what plays."""
        self.hush()
        os.close(self._sound)
        os.close(self._said)


def last_words(said: int) -> str:
    """Return the last line that the program said into this file, without the place in its source."""
    lines = [line.strip() for line in os.pread(said, _SAID_BYTES, 0).decode(errors="replace").split("\n")]
    spoken = [line for line in lines if line]
    words = re.sub(r"^aplay: \w+:\d+: ", "", spoken[-1]) if spoken else "it did not say why"
    return "".join(letter for letter in words if letter.isprintable())

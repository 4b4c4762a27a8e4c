"""A voice by ALSA's ``aplay``: what is said goes to its standard input as it comes, and little waits anywhere.

The pipe holds one moment, and the sound card's buffer a tenth of a second: what lay there could no longer be left out for being
late.

Source: the aplay(1) manual page; pipe(7), F_SETPIPE_SZ and FIONREAD.
"""

import fcntl
import os
import shutil
import struct
import subprocess
import termios
from typing import Final

from device.door.errors import DoorError
from device.door.player import PROGRAM, last_words
from device.door.voice import RATE_HZ

PIPE_BYTES: Final = 4_096
BUFFER_US: Final = 100_000
PERIOD_US: Final = 20_000
BEGIN_US: Final = 40_000
"""What is there before it begins: so much may the way to here waver without a gap."""


class Loudspeaker:
    """One talk at a time on one device of ALSA's. One thread."""

    def __init__(self, device: str) -> None:
        """Find what plays it.

        Raises:
            DoorError: there is nothing here to play it with.
        """
        program = shutil.which(PROGRAM)
        if program is None:
            raise DoorError(f"{PROGRAM} is not installed", hint="install it: apt install alsa-utils")
        self._device = device
        self._command = [
            program, "-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", str(RATE_HZ), "-D", device,
            f"--buffer-time={BUFFER_US}", f"--period-time={PERIOD_US}", f"--start-delay={BEGIN_US}",
        ]  # fmt: skip
        self._playing: subprocess.Popen[bytes] | None = None
        self._said = os.memfd_create("aplay", os.MFD_CLOEXEC)
        self._pipe: int | None = None

    @property
    def descriptor(self) -> int | None:
        """What is ready to be written when there is room; None while nobody talks."""
        return self._pipe

    def begin(self) -> None:
        """Begin to play what ``write`` brings; what still plays is ended.

        Raises:
            DoorError: it could not begin.
        """
        self._kill()
        os.ftruncate(self._said, 0)
        os.lseek(self._said, 0, os.SEEK_SET)
        read, self._pipe = os.pipe2(os.O_CLOEXEC)
        try:
            os.set_blocking(self._pipe, False)
            fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
            self._playing = subprocess.Popen(  # noqa: S603 - no word of it is anybody's but the owner's
                self._command,
                stdin=read,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                env={"PATH": os.defpath},
            )
        except OSError as error:
            self._kill()
            raise DoorError(
                f"{PROGRAM} cannot be started: {error.strerror}", hint="the unit must let the door run it"
            ) from error
        finally:
            os.close(read)

    def write(self, sound: bytes) -> bool:
        """Hand over a moment whole; False while the one before waits, or nothing plays any more."""
        if self._pipe is None:
            return False
        waiting = struct.unpack("i", fcntl.ioctl(self._pipe, termios.FIONREAD, bytes(4)))[0]
        if waiting:
            return False
        try:
            return os.write(self._pipe, sound) == len(sound)
        except (BlockingIOError, BrokenPipeError):
            return False

    def finish(self) -> None:
        """Nothing more is written; what was is played to its end."""
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None

    def ended(self, *, overdue: bool) -> bool:
        """Return whether nothing plays any more; ``overdue`` is whether it should not, and then it is ended.

        Raises:
            DoorError: it was not heard; the sentence says why.
        """
        if self._playing is None:
            return True
        code = self._playing.poll()
        if code is None and not overdue:
            return False
        self._kill()
        if code is None:
            raise DoorError(
                f"the sound card {self._device!r} plays, and never comes to an end",
                hint="see whether another program has it: fuser -v /dev/snd/*",
            )
        if code:
            raise DoorError(
                f"nobody was heard: {last_words(self._said)}",
                hint="see which sound cards there are: aplay -L",
            )
        return True

    def close(self) -> None:
        """End what plays."""
        self._kill()
        os.close(self._said)

    def _kill(self) -> None:
        self.finish()
        if self._playing is not None:
            self._playing.kill()
            self._playing.wait()
            self._playing = None

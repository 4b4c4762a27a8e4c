"""A voice by ALSA's ``aplay``: what is said goes to its standard input as it comes, and little waits anywhere.

The pipe holds one moment, and the sound card's buffer a tenth of a second: what lay there could no longer be left out for being
late.

Source: the aplay(1) manual page; pipe(7), F_SETPIPE_SZ and FIONREAD.
"""

import fcntl
import os
import struct
import termios
from typing import Final

from device.door.errors import DoorError
from device.door.player import PROGRAM
from device.door.voice import RATE_HZ
from device.host.program import Program

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
        self._program = Program(PROGRAM, DoorError)
        self._device = device
        self._pipe: int | None = None

    @property
    def descriptor(self) -> int | None:
        """What is ready to be written when there is room; None while nobody talks."""
        return self._pipe

    def begin(self) -> None:
        """Begin to play what ``write`` brings; what still plays is ended.

        Raises:
            DoorError: it could not begin.
            OSError: the kernel gives no pipe.
        """
        self.finish()
        read, self._pipe = os.pipe2(os.O_CLOEXEC)
        try:
            os.set_blocking(self._pipe, False)
            fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
            self._program.begin(
                "-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", str(RATE_HZ), "-D", self._device,
                f"--buffer-time={BUFFER_US}", f"--period-time={PERIOD_US}", f"--start-delay={BEGIN_US}",
                stdin=read,
            )  # fmt: skip
        except OSError:
            self.finish()
            raise
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
        try:
            is_over = self._program.ended(overdue=overdue, failed="nobody was heard", device=self._device)
        except DoorError:
            self.finish()
            raise
        if is_over:
            self.finish()
        return is_over

    def close(self) -> None:
        """End what plays."""
        self.finish()
        self._program.close()

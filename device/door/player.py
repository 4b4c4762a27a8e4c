"""Plays a sound by ALSA's ``aplay``: the bytes go to its standard input, what it says against them is a sentence."""

import os
from typing import Final

from device.door.errors import DoorError
from device.host.program import Program

PROGRAM: Final = "aplay"


class Player:
    """One sound on one device of ALSA's. One thread."""

    def __init__(self, sound: bytes, device: str) -> None:
        """Keep a sound in memory, without a file.

        Raises:
            DoorError: there is nothing here to play it with.
            OSError: the kernel gives no more files.
        """
        self._program = Program(PROGRAM, DoorError)
        self._device = device
        try:
            self._sound = os.memfd_create("chime", os.MFD_CLOEXEC)
        except OSError:
            self._program.close()
            raise
        os.write(self._sound, sound)

    def play(self) -> None:
        """Begin to play; what still plays is ended.

        Raises:
            DoorError: it could not begin.
        """
        self._program.end()
        os.lseek(self._sound, 0, os.SEEK_SET)
        self._program.begin("-q", "-t", "wav", "-D", self._device, stdin=self._sound)

    def hush(self) -> None:
        """End what plays."""
        self._program.end()

    def ended(self, *, overdue: bool) -> bool:
        """Return whether it is over; ``overdue`` is whether it should be, and then it is.

        Raises:
            DoorError: it was not heard; the sentence says why.
        """
        return self._program.ended(overdue=overdue, failed="the chime was not heard", device=self._device)

    def close(self) -> None:
        """End what plays."""
        self._program.close()
        os.close(self._sound)

"""Hears by ALSA's ``arecord``: samples come by a bounded pipe, what it says against that is a sentence.

A sound card that hangs, is unplugged or is another program's costs its sound and nothing else: nobody waits for longer than
``SILENT_S``, and a reader that stalls holds back the program, never memory.

Source: the arecord(1) manual page; fcntl(2), F_SETPIPE_SZ.
"""

import contextlib
import fcntl
import os
import select
from typing import Final

from device.hearing.errors import HearingError
from device.hearing.sound import MOMENT_BYTES, RATE
from device.host.program import Program

PROGRAM: Final = "arecord"
SILENT_S: Final = 2.0
PIPE_BYTES: Final = 16_384
"""Half a second: what waits longer is no longer what happens now."""
PERIOD_US: Final = 20_000
_HINT: Final = "see which sound cards there are: arecord -L"


class Microphone:
    """One sound card that is listened to. One thread."""

    def __init__(self, device: str) -> None:
        """Begin to listen.

        Raises:
            HearingError: it cannot begin; whether the card can be used the first moment tells.
            OSError: the kernel gives no pipe.
        """
        self._device = device
        self._program = Program(PROGRAM, HearingError)
        with contextlib.ExitStack() as undo:
            undo.callback(self._program.close)
            self._pipe, end = os.pipe2(os.O_CLOEXEC)
            undo.callback(os.close, self._pipe)
            try:
                fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
                self._program.begin(
                    "-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", str(RATE), "-F", str(PERIOD_US), "-D", device,
                    stdout=end,
                )  # fmt: skip
            finally:
                os.close(end)
            undo.pop_all()

    def moment(self) -> bytes:
        """Return the samples of the next moment, waiting for them.

        Raises:
            HearingError: nothing came for ``SILENT_S``, or nothing will come any more; the sentence says why.
        """
        heard = b""
        while len(heard) < MOMENT_BYTES:
            if not select.select([self._pipe], [], [], SILENT_S)[0]:
                raise HearingError(f"the sound card {self._device!r} gives no sound", hint=_HINT)
            part = os.read(self._pipe, MOMENT_BYTES - len(heard))
            if not part:
                self._program.end()
                raise HearingError(
                    f"nothing is heard: {self._program.words('the sound card is gone')}", hint=_HINT
                )
            heard += part
        return heard

    def close(self) -> None:
        """Listen no longer."""
        self._program.close()
        os.close(self._pipe)

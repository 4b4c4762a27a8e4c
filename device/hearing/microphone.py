"""Hears by ALSA's ``arecord``: samples come by a bounded pipe, what it says against that is a sentence.

A sound card that hangs, is unplugged or is another program's costs its sound and nothing else: nobody waits for longer than
``SILENT_S``, and a reader that stalls holds back the program, never memory.

Source: the arecord(1) manual page; fcntl(2), F_SETPIPE_SZ.
"""

import fcntl
import os
import re
import select
import shutil
import subprocess
from typing import Final

from device.hearing.errors import HearingError
from device.hearing.sound import MOMENT_BYTES, RATE

PROGRAM: Final = "arecord"
SILENT_S: Final = 2.0
PIPE_BYTES: Final = 16_384
"""Half a second: what waits longer is no longer what happens now."""
PERIOD_US: Final = 20_000
_SAID_BYTES: Final = 2_000
_HINT: Final = "see which sound cards there are: arecord -L"


class Microphone:
    """One sound card that is listened to. One thread."""

    def __init__(self, device: str) -> None:
        """Begin to listen.

        Raises:
            HearingError: it cannot begin; whether the card can be used the first moment tells.
        """
        program = shutil.which(PROGRAM)
        if program is None:
            raise HearingError(f"{PROGRAM} is not installed", hint="install it: apt install alsa-utils")
        command = [program, "-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", str(RATE)]
        self._device = device
        self._said = os.memfd_create(PROGRAM, os.MFD_CLOEXEC)
        self._pipe, end = os.pipe2(os.O_CLOEXEC)
        fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        try:
            self._program = subprocess.Popen(  # noqa: S603 - no word of it is anybody's but the owner's
                [*command, "-F", str(PERIOD_US), "-D", device],
                stdin=subprocess.DEVNULL,
                stdout=end,
                stderr=self._said,
                env={"PATH": os.defpath},
            )
        except OSError as error:
            os.close(self._pipe)
            os.close(self._said)
            raise HearingError(
                f"{PROGRAM} cannot be started: {error.strerror}", hint="the unit must let the door run it"
            ) from error
        finally:
            os.close(end)

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
                self._end()
                raise HearingError(f"nothing is heard: {self._words()}", hint=_HINT)
            heard += part
        return heard

    def close(self) -> None:
        """Listen no longer."""
        self._end()
        os.close(self._pipe)
        os.close(self._said)

    def _end(self) -> None:
        if self._program.poll() is None:
            self._program.kill()
        self._program.wait()

    def _words(self) -> str:
        """Return the last line that the program said, without the place in its source."""
        said = os.pread(self._said, _SAID_BYTES, 0).decode(errors="replace").split("\n")
        lines = [line.strip() for line in said if line.strip()]
        words = re.sub(r"^arecord: \w+:\d+: ", "", lines[-1]) if lines else "the sound card is gone"
        return "".join(letter for letter in words if letter.isprintable())

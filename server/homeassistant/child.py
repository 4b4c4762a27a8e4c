"""The server's end: starts the process that speaks with the broker, tells it three words, and starts it again when it ends.

A broker, and whatever it does to that process, never makes the server wait: a word that the process does not take is dropped.
"""

import asyncio
import contextlib
import logging
import os
import sys
from pathlib import Path
from typing import Final

from server.homeassistant.broker import LOST, RING, THERE

AGAIN_S: Final = 5.0
LONGEST_S: Final = 60.0
WAITING_BYTES: Final = 64

logger = logging.getLogger(__name__)


class Child:
    """The process. Every method belongs to one event loop."""

    def __init__(self, settings: Path, pause_s: float = AGAIN_S) -> None:
        """Prepare; nothing starts before ``run``."""
        self._settings = settings
        self._pause_s = pause_s
        self._process: asyncio.subprocess.Process | None = None
        self._is_there = False

    @property
    def pid(self) -> int | None:
        """Which process it is, while there is one."""
        return None if self._process is None else self._process.pid

    def rang(self) -> None:
        """Somebody rings."""
        self._say(RING)

    def door(self, *, is_there: bool) -> None:
        """The device is there, or lost."""
        self._is_there = is_there
        self._say(THERE if is_there else LOST)

    async def run(self) -> None:
        """Keep it running until cancelled; then end it."""
        pause_s = self._pause_s
        while True:
            self._process = process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "server.homeassistant",
                os.fspath(self._settings),
                stdin=asyncio.subprocess.PIPE,
                env={name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG") if name in os.environ},
            )
            self.door(is_there=self._is_there)
            try:
                code = await process.wait()
            finally:
                self._process = None
                if process.returncode is None:
                    with contextlib.suppress(ProcessLookupError):
                        process.kill()
                    await process.wait()
            logger.warning("the broker's process ended code=%d", code)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_S)

    def _say(self, word: bytes) -> None:
        pipe = None if self._process is None else self._process.stdin
        if pipe is None or pipe.is_closing() or pipe.transport.get_write_buffer_size() > WAITING_BYTES:
            return
        pipe.write(word)

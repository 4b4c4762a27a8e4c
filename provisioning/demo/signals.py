"""What ends a demo from outside: it ends in order, at places where nothing is half open.

A handler that raised would do so between any two instructions, in the middle of what makes a loop or closes a connection. So it
makes a note, wakes whoever waits, and leaves the ending to those who ask.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a service manager, a terminal window that is closed: both processes are stopped in order, whichever it is."""

T = TypeVar("T")


class Ending:
    """Whether somebody wants an end, from here on until the program ends; made in the main thread."""

    def __init__(self) -> None:
        self._wanted = threading.Event()
        self._wake: Callable[[], object] = lambda: None
        for number in STOPPING:
            signal.signal(number, self._note)

    def wait(self, timeout_s: float) -> bool:
        """Return whether an end is wanted, at once if it is, else after so many seconds."""
        return self._wanted.wait(timeout_s)

    def obey(self) -> None:
        """Go on, unless an end is wanted.

        Raises:
            KeyboardInterrupt: it is.
        """
        if self._wanted.is_set():
            raise KeyboardInterrupt

    async def ends(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what ``work`` returns; who wants an end ends it where it waits, so that whatever it has opened it closes.

        Raises:
            KeyboardInterrupt: an end was wanted, before or while it worked.
        """
        loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
        self._wake = lambda: loop.call_soon_threadsafe(task.cancel)
        if self._wanted.is_set():
            task.cancel()
        try:
            return await task
        except asyncio.CancelledError:
            raise KeyboardInterrupt from None
        finally:
            self._wake = lambda: None

    def _note(self, *_: object) -> None:
        self._wanted.set()
        self._wake()

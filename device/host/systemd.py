"""systemd, if it listens: told when the device serves, that it lives, and what hangs.

Source: sd_notify(3), sd_watchdog_enabled(3).
"""

import contextlib
import socket
from collections.abc import Mapping
from typing import Final

_UNWATCHED_US: Final = 60_000_000


class Systemd:
    """Speaks to the service manager that started the device."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Find out from the environment who listens, and how often it wants to hear."""
        path = environment.get("NOTIFY_SOCKET", "")
        # "@" stands for the NUL byte of an abstract socket's name.
        self._address = f"\0{path[1:]}" if path.startswith("@") else path
        asked = environment.get("WATCHDOG_USEC", "")
        self.patience_us = int(asked) if asked.isascii() and asked.isdecimal() else _UNWATCHED_US
        """How long it waits for a word, in microseconds."""

    @property
    def listens(self) -> bool:
        """Whether a service manager started the device, and no person who waits for an answer."""
        return bool(self._address)

    def tell(self, *states: str) -> None:
        """Send what is so, such as ``READY=1``; where nobody listens, nothing happens."""
        if not self._address:
            return
        # A manager that does not listen just now must not end the device.
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaker:
            speaker.setblocking(False)
            speaker.sendto("\n".join(states).encode(), self._address)

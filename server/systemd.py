"""What systemd and this process say to each other: passed sockets, "ready", "alive", "stopping".

Source: sd_listen_fds(3), sd_notify(3).
"""

import asyncio
import os
import socket
from collections.abc import Mapping
from typing import Final

_FIRST: Final = 3


def passed_sockets(environment: Mapping[str, str], pid: int) -> list[socket.socket]:
    """Return the listening sockets that were passed to this process; the caller closes them."""
    if environment.get("LISTEN_PID") != str(pid):
        return []
    count = int(environment.get("LISTEN_FDS", "0"))
    passed = [socket.socket(fileno=number) for number in range(_FIRST, _FIRST + count)]
    for each in passed:
        os.set_inheritable(each.fileno(), False)
        each.setblocking(False)
    return passed


async def stay_alive(environment: Mapping[str, str]) -> None:
    """Tell systemd that the event loop turns, four times as often as it asks for; returns at once if it asks for nothing."""
    asked = environment.get("WATCHDOG_USEC", "")
    if not asked.isdecimal():
        return
    while True:
        notify(environment, "WATCHDOG=1")
        await asyncio.sleep(int(asked) / 4e6)


def notify(environment: Mapping[str, str], state: str) -> None:
    """Tell systemd; nothing happens where nobody listens."""
    path = environment.get("NOTIFY_SOCKET", "")
    if not path:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaker:
        # "@" stands for the NUL byte of an abstract socket's name.
        speaker.sendto(state.encode(), "\0" + path[1:] if path.startswith("@") else path)

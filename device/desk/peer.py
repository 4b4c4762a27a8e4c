"""One connection of a server: who may have one, what waits to be sent to it, bounded, and the descriptors that go along.

Source: unix(7), SCM_RIGHTS.
"""

import array
import os
import pwd
import socket
from collections import deque
from typing import Final

from device.config import ConfigError
from device.contract.link import Down, encode
from device.contract.parts import in_parts

MAX_WAITING: Final = 128  # packets; with descriptors, so it bounds those too
MAX_WAITING_BYTES: Final = 2 << 20
LATE_BYTES: Final = 256 << 10
"""A server that lets so much wait gets no more pictures up to a keyframe: what it is late with must not hold back answers."""


class Peer:
    """One connection of a server."""

    def __init__(self, connection: socket.socket, number: int) -> None:
        self.connection = connection
        self.descriptor = connection.fileno()
        self.number = number
        self.channels: set[int] = set()
        self.waiting: deque[tuple[bytes, int | None]] = deque()
        self._waiting_bytes = 0
        self._is_late = False

    def queue(self, message: Down, descriptor: int | None = None) -> bool:
        """Queue a packet; False means the peer does not read and must go (the descriptor is closed)."""
        if len(self.waiting) >= MAX_WAITING or self._waiting_bytes >= MAX_WAITING_BYTES:
            if descriptor is not None:
                os.close(descriptor)
            return False
        packet = encode(message)
        self.waiting.append((packet, descriptor))
        self._waiting_bytes += len(packet)
        return True

    def show(self, channels: list[int], keyframe: bool | None, data: bytes) -> None:
        """Queue a sealed picture whole, or leave it out together with what follows up to a keyframe; sound stands by itself."""
        messages = in_parts(channels, keyframe, data)
        is_full = self._waiting_bytes > LATE_BYTES or len(self.waiting) + len(messages) > MAX_WAITING // 2
        if keyframe is None:
            if is_full:
                return
        elif is_full or (self._is_late and not keyframe):
            self._is_late = True
            return
        else:
            self._is_late = False
        for message in messages:
            self.queue(message)

    def flush(self) -> None:
        """Send what the kernel takes now."""
        while self.waiting:
            packet, descriptor = self.waiting[0]
            rights = (
                []
                if descriptor is None
                else [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))]
            )
            try:
                self.connection.sendmsg([packet], rights, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
            except BlockingIOError:
                return
            self.waiting.popleft()
            self._waiting_bytes -= len(packet)
            if descriptor is not None:
                os.close(descriptor)

    def close(self) -> None:
        """Close the connection and every descriptor that was not sent."""
        self.connection.close()
        for _, descriptor in self.waiting:
            if descriptor is not None:
                os.close(descriptor)


def uids_of(server_user: str) -> set[int]:
    """Return who may connect to the link."""
    uids = {os.getuid()}
    if server_user:
        try:
            uids.add(pwd.getpwnam(server_user).pw_uid)
        except KeyError as error:
            raise ConfigError(
                f"link.server_user is {server_user!r}: there is no such user",
                hint="leave it out, or create the user",
            ) from error
    return uids

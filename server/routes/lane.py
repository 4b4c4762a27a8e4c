"""Sealed pictures and sound on their way to one browser: bounded, and always the newest that it can show.

A browser that does not keep up loses what waits, and goes on with the next keyframe: it holds up nobody, and costs no more
memory than anybody else. Sound stands by itself: of it the oldest is lost. Nothing in either is read.

Pure, but for one socket option.
"""

import asyncio
import socket
from collections import deque
from typing import Final

from device.contract.link import MAX_LIVE_BYTES

LANE_BYTES: Final = 2 * MAX_LIVE_BYTES
LANE_FRAMES: Final = 30
LANE_SOUNDS: Final = 25
UNSENT_BYTES: Final = 65_536


class Lane:
    """What waits for one browser."""

    def __init__(self) -> None:
        self._pictures: deque[bytes] = deque()
        self._sounds: deque[bytes] = deque(maxlen=LANE_SOUNDS)
        self._size_bytes = 0
        self._is_late = False

    def put(self, picture: bytes, keyframe: bool | None) -> None:
        """Add a picture; when too much waits, forget all of it up to a keyframe. Without ``keyframe`` it is sound."""
        if keyframe is None:
            self._sounds.append(picture)
            return
        if len(self._pictures) >= LANE_FRAMES or self._size_bytes + len(picture) > LANE_BYTES:
            self._pictures.clear()
            self._size_bytes = 0
            self._is_late = True
        if self._is_late and not keyframe:
            return
        self._is_late = False
        self._pictures.append(picture)
        self._size_bytes += len(picture)

    def take(self) -> bytes | None:
        """Return the oldest that waits, sound before pictures, or None."""
        if self._sounds:
            return self._sounds.popleft()
        if not self._pictures:
            return None
        picture = self._pictures.popleft()
        self._size_bytes -= len(picture)
        return picture


def short_of_breath(transport: asyncio.Transport) -> None:
    """Have the kernel take little ahead of the network: what lies in its buffer can no longer be left out for being late."""
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)

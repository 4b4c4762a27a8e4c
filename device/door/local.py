"""The device's end of the socket for whoever is at the Pi itself: one question, one answer, and the connection is over.

Root may ask, and the device's own user; the server's may not even connect. Who says nothing holds a seat until others want it,
and nothing waits for anybody.

Source: unix(7), SO_PEERCRED; docs/FORMAT.md, "At the Pi".
"""

import contextlib
import logging
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

from device.contract.forms import UNREADABLE
from device.contract.local import MAX_LOCAL_BYTES, Answer, Question, Unread, decode_question, encode
from device.door.errors import DoorError

SEATS: Final = 4

logger = logging.getLogger(__name__)


class Local:
    """The listening socket and who sits there. One thread."""

    def __init__(self, path: Path, answer: Callable[[Question], Answer]) -> None:
        """Listen on ``path``, in the place of what an earlier run left there.

        Raises:
            DoorError: it cannot be listened on.
        """
        self._path = path
        self._answer = answer
        self._seats: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.setblocking(False)
        try:
            # Whoever runs there has the state directory's lock, and that is this device.
            path.unlink(missing_ok=True)
            self._listener.bind(os.fspath(path))
            path.chmod(0o600)
            self._listener.listen(SEATS)
        except OSError as error:
            self._listener.close()
            raise DoorError(
                f"cannot listen on {path}: {error.strerror or error}",
                hint="the directory must exist and be writable, and the path shorter than 108 bytes",
            ) from error

    @property
    def descriptors(self) -> list[int]:
        """What is ready to be read when somebody comes or asks."""
        return [self._listener.fileno(), *(seat.fileno() for seat in self._seats)]

    def attend(self) -> None:
        """Let in who came, and answer who asked."""
        with contextlib.suppress(BlockingIOError, ConnectionError):
            self._seat(self._listener.accept()[0])
        for seat in list(self._seats):
            try:
                question = seat.recv(MAX_LOCAL_BYTES)
                if question:
                    seat.send(encode(self._answered(question)))
            except BlockingIOError:
                continue
            except OSError as error:
                logger.info("at the Pi: gone reason=%s", error.strerror)
            self._leave(seat)

    def close(self) -> None:
        """Close every connection and remove the socket file."""
        for seat in list(self._seats):
            self._leave(seat)
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _seat(self, connection: socket.socket) -> None:
        pid, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if uid not in (0, os.getuid()):
            logger.warning("at the Pi: refused uid=%d pid=%d", uid, pid)
            connection.close()
            return
        connection.setblocking(False)
        if len(self._seats) == SEATS:
            self._leave(self._seats[0])
        self._seats.append(connection)

    def _answered(self, question: bytes) -> Answer:
        try:
            asked = decode_question(question)
        except UNREADABLE:
            return Unread()
        return self._answer(asked)

    def _leave(self, seat: socket.socket) -> None:
        self._seats.remove(seat)
        seat.close()

"""The edge of ``arrivals``: a listening socket, its seats, and the handshake of whoever got one.

asyncio's own server accepts whatever comes and knows of it after the handshake; here the seat comes first.

Source: accept(2), socket(7) SO_LINGER: a connection that is refused leaves nothing behind.
"""

import asyncio
import logging
import socket
import ssl
import struct
from collections.abc import Callable
from typing import Final

from server.arrivals.arrivals import Arrivals, Refusal, Tally
from server.arrivals.limits import Seat

HANDSHAKE_S: Final = 3.0
AT_ONCE: Final = 64  # accepted before others get a turn
PAUSE_S: Final = 0.5
_FAREWELL_S: Final = 1.0
_RESET: Final = struct.pack("ii", 1, 0)

logger = logging.getLogger(__name__)

Factory = Callable[[Callable[[], None]], asyncio.Protocol]
"""Makes the protocol of a connection, which calls what it is given when the connection is gone."""


class Accepting:
    """Accepts the connections of one socket until it is closed. Used from the loop's thread alone."""

    def __init__(
        self,
        listening: socket.socket,
        arrivals: Arrivals,
        factory: Factory,
        tally: Tally,
        tls: ssl.SSLContext | None,
    ) -> None:
        """Begin.

        Args:
            listening: does not block; the caller closes it.
            arrivals: shared by all sockets.
            factory: makes a protocol for each connection.
            tally: told of what was refused.
            tls: of each connection; None for none.
        """
        self._listening = listening
        self._arrivals = arrivals
        self._factory = factory
        self._tally = tally
        self._tls = tls
        self._loop = asyncio.get_running_loop()
        self._shaking: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        self._begin()

    def close(self) -> None:
        """Accept no more, and end the handshakes under way."""
        self._loop.remove_reader(self._listening)
        if self._pause is not None:
            self._pause.cancel()
        for task in self._shaking:
            task.cancel()

    def _begin(self) -> None:
        self._pause = None
        self._loop.add_reader(self._listening, self._accept)

    def _accept(self) -> None:
        for _ in range(AT_ONCE):
            try:
                connection, address = self._listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionError):
                return
            except OSError as error:  # no descriptors or no memory: the queue stays, and is looked at again
                self._tally.count(f"errno_{error.errno}", self._loop.time())
                self._loop.remove_reader(self._listening)
                self._pause = self._loop.call_later(PAUSE_S, self._begin)
                return
            self._take(connection, str(address[0]))

    def _take(self, connection: socket.socket, peer: str) -> None:
        seat = self._arrivals.arrive(peer, self._loop.time())
        if isinstance(seat, Refusal):
            self._tally.count(seat.value, self._loop.time())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            connection.close()
            return
        connection.setblocking(False)
        task = self._loop.create_task(self._greet(connection, seat))
        self._shaking.add(task)
        task.add_done_callback(self._shaking.discard)

    async def _greet(self, connection: socket.socket, seat: Seat) -> None:
        held = [seat]

        def leave() -> None:
            while held:
                self._arrivals.leave(held.pop())

        try:
            await self._loop.connect_accepted_socket(
                lambda: self._factory(leave),
                connection,
                ssl=self._tls,
                ssl_handshake_timeout=HANDSHAKE_S if self._tls else None,
                ssl_shutdown_timeout=_FAREWELL_S if self._tls else None,
            )
        except OSError as error:  # most of them: a scanner, a closed tab, a browser that does not trust us
            logger.debug("handshake failed reason=%s", type(error).__name__)
            leave()
        except BaseException:
            leave()
            raise

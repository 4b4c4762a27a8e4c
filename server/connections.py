"""TCP connections: who may have one, how many, for how long without a word.

aiohttp's own protocol class, with three answers changed: a peer that is not of this network, or has too many connections, is
dropped before a byte is read; a broken request is answered in our words and costs one log line at DEBUG, so that nobody
floods the journal with it; data that nobody takes ends the connection after a while, by the kernel.

Source: tcp(7), TCP_USER_TIMEOUT.
"""

import asyncio
import logging
import socket
from typing import Final

from aiohttp import web

from server.answers import dress, explain
from server.errors import Refused
from server.lan import is_lan
from server.limits import Seats

TOTAL: Final = 192
EACH: Final = (
    48  # eight WebSockets, four recordings, and a browser's six connections for the page, for a few tabs
)
IDLE_S: Final = 15.0  # from the first packet to a whole request, and between two
STALL_MS: Final = 30_000
MAX_LINE_BYTES: Final = 2_048
MAX_HEADERS: Final = 48

logger = logging.getLogger(__name__)


class Connection(web.RequestHandler):
    """One TCP connection."""

    def __init__(
        self, manager: web.Server, seats: Seats, *, is_tls: bool, loop: asyncio.AbstractEventLoop
    ) -> None:
        """Prepare for a connection.

        Args:
            manager: of an ``AppRunner``.
            seats: shared by all connections.
            is_tls: whether answers say so.
            loop: that runs.
        """
        super().__init__(
            manager,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]  # documented to switch it off
            keepalive_timeout=IDLE_S,
            lingering_time=0,  # a body is refused, not read
            max_line_size=MAX_LINE_BYTES,
            max_field_size=MAX_LINE_BYTES,
            max_headers=MAX_HEADERS,
        )
        self._seats = seats
        self._is_tls = is_tls
        self._seat: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection, or drop it."""
        address = transport.get_extra_info("peername")
        peer = str(address[0]) if address else ""
        if not is_lan(peer) or not self._seats.take(peer):
            logger.debug("connection dropped peer=%s", peer)
            if isinstance(transport, asyncio.Transport):
                transport.abort()
            return
        self._seat = peer
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALL_MS)
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Give the seat back."""
        if self._seat is not None:
            self._seats.leave(self._seat)
            self._seat = None
            super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - the base class passes it; it may quote the request
    ) -> web.StreamResponse:
        """Answer a request that could not be parsed, or cut an answer that broke under way.

        Raises:
            ConnectionError: an answer was under way; the connection is closed.
        """
        if status >= 500 and not isinstance(exc, ConnectionError):
            logger.error("answer broke off reason=%s", type(exc).__name__, exc_info=exc)
        else:
            logger.debug("bad request reason=%s", type(exc).__name__)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer was under way") from exc
        response = explain(Refused(status, "bad_request", "This is not a request that the door understands."))
        response.force_close()
        dress(response, is_tls=self._is_tls)
        return response

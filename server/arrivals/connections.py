"""TCP connections: for how long without a word, with how long a head.

aiohttp's own protocol class, with three answers changed: a broken request is answered in our words and costs one log line at
DEBUG, so that nobody floods the journal with it; a head that is too long is told so, with the most likely reason, which is
another program's cookies at the same host name; data that nobody takes ends the connection after a while, by the kernel.
Who may have a connection at all is decided before (``arrivals``).

Source: tcp(7), TCP_USER_TIMEOUT; RFC 6585 §5 (431); RFC 6265 §8.5 (cookies are not kept apart by port).
"""

import asyncio
import logging
import re
import socket
from collections.abc import Callable
from typing import Final

from aiohttp import web

from server.answers import dress, explain, explain_to_a_person
from server.errors import Refused

IDLE_S: Final = 15.0  # from the first packet to a whole request, and between two
STALL_MS: Final = 30_000
MAX_LINE_BYTES: Final = 2_048
MAX_FIELD_BYTES: Final = len("Cookie: ") + 8_192
MAX_HEAD_BYTES: Final = 16_384
MAX_HEADERS: Final = 48
_END: Final = b"\r\n\r\n"
_PERSON: Final = re.compile(rb"\r\naccept:[^\r\n]*\btext/html\b", re.IGNORECASE)
_SENTENCE: Final = (
    "Your browser sends more along than this door reads. Most likely these are cookies that another program left under the "
    "same name or address. Delete the cookies of this address in your browser, and come again."
)

logger = logging.getLogger(__name__)


class Connection(web.RequestHandler):
    """One TCP connection."""

    def __init__(
        self, manager: web.Server, leave: Callable[[], None], *, is_tls: bool, loop: asyncio.AbstractEventLoop
    ) -> None:
        """Prepare for a connection.

        Args:
            manager: of an ``AppRunner``.
            leave: gives its seat back; called once it is gone.
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
            max_field_size=MAX_HEAD_BYTES,
            max_headers=MAX_HEADERS,
        )
        self._leave = leave
        self._is_tls = is_tls
        self._begun = b""  # of a head that is not whole yet
        self._head = b""  # the longest of those that came last
        self._is_overlong = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection."""
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALL_MS)
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Give the seat back."""
        self._leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, but no head that is longer than any browser's: a guest's many fields would fill the memory."""
        if self._is_overlong:
            return
        if not self._upgraded:
            heads = (self._begun + data).split(_END)
            self._begun, self._head = heads[-1], max(heads, key=len)
            if _is_too_long(self._head):
                self._is_overlong, self._begun = True, b""
                data = b"\0"  # which no head may hold: the parser gives up, and it is answered like any broken request
        super().data_received(data)

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
        if self._is_overlong:
            refused = Refused(431, "head_too_long", _SENTENCE)
        else:
            refused = Refused(status, "bad_request", "This is not a request that the door understands.")
        is_person = refused.status == 431 and _PERSON.search(self._head) is not None
        response = explain_to_a_person(refused) if is_person else explain(refused)
        response.force_close()
        dress(response, is_tls=self._is_tls)
        return response


def _is_too_long(head: bytes) -> bool:
    if len(head) <= MAX_FIELD_BYTES:
        return False
    _, *fields = head.split(b"\r\n")  # the first line has its own measure, and is no cookie's
    return len(head) > MAX_HEAD_BYTES or any(len(field) > MAX_FIELD_BYTES for field in fields)

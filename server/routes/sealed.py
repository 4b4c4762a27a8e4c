"""One-time ticket → descriptor → bytes: ciphertext on its way to the browser that may open it.

The device opens the file and passes the descriptor; nothing here knows a path. A clip that gives way meanwhile is emptied by
the device, and ends here in the middle: a sentence if nothing was sent yet, else the connection, as its length was promised.

Reading is by ``pread`` in two threads of its own, so that a slow card stalls no WebSocket, in chunks that bound the memory of a
stream. ``sendfile`` would save a copy on loopback and is no use under TLS, which is how phones come.

Source: RFC 9110 §14 (Range), docs/FORMAT.md "HTTP".
"""

import asyncio
import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from aiohttp import web

from device.contract.client import LinkClient
from device.contract.errors import LinkError, TicketDenied
from device.contract.link import TICKET_CHARACTERS
from server.arrivals.limits import Rates, Seats
from server.arrivals.neighbours import Neighbours
from server.errors import Refused

CHUNK_BYTES: Final = 131_072
STALL_S: Final = 30.0  # a reader that takes nothing for this long has gone, whatever its socket says
STREAMS: Final = 16
STREAMS_EACH: Final = 4  # a player keeps one or two
REDEEMS_PER_S: Final = 16.0
REDEEMS_BURST: Final = 64.0

_TICKET: Final = re.compile(rf"[A-Za-z0-9_-]{{{TICKET_CHARACTERS}}}", re.ASCII)
_RANGE: Final = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))", re.ASCII)


class Sealed:
    """Serves tickets of one link."""

    def __init__(self, link: LinkClient, neighbours: Neighbours, clock_s: Callable[[], float]) -> None:
        """Prepare.

        Args:
            link: to the device.
            neighbours: tell where a reader was heard.
            clock_s: monotonic seconds.
        """
        self._link = link
        self._clock_s = clock_s
        self._seats = Seats(STREAMS, STREAMS_EACH, STREAMS_EACH, STREAMS_EACH, STREAMS // 2, neighbours)
        self._rates = Rates(REDEEMS_PER_S, REDEEMS_BURST, neighbours)
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="sealed")

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer ``GET /sealed/{ticket}``.

        Raises:
            Refused: not a ticket, too many at a time, no device, or a range that is not in the file.
        """
        peer = request.remote or ""
        ticket = request.match_info["ticket"]
        if _TICKET.fullmatch(ticket) is None:
            raise _no_such_ticket()
        if not self._rates.of(peer, self._clock_s()).try_take(self._clock_s()):
            raise _too_many()
        with self._seats.seat(peer, _too_many):
            try:
                descriptor, size_bytes = await self._link.redeem(ticket)
            except TicketDenied as error:
                raise _no_such_ticket() from error
            except LinkError as error:
                raise unavailable(error) from error
            try:
                return await self._stream(request, descriptor, size_bytes)
            finally:
                os.close(descriptor)

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _stream(self, request: web.Request, descriptor: int, size_bytes: int) -> web.StreamResponse:
        # If-Range names a version; there is no name for one here, so it never matches and the whole file is sent.
        wanted = (
            None if "If-Range" in request.headers else parse_range(request.headers.get("Range"), size_bytes)
        )
        span = wanted or range(size_bytes)
        response = web.StreamResponse(
            status=200 if wanted is None else 206,
            headers={"Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"},
        )
        response.content_length = len(span)
        if wanted is not None:
            response.headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size_bytes}"
        if request.method == "HEAD":
            await response.prepare(request)
            return response
        position = span.start
        chunk = await self._read(descriptor, position, span.stop)
        if span and not chunk:
            raise Refused(410, "gave_way", "This recording gave way to newer ones a moment ago.")
        await response.prepare(request)
        while chunk:
            async with asyncio.timeout(STALL_S):
                await response.write(chunk)
            position += len(chunk)
            chunk = await self._read(descriptor, position, span.stop)
        if position < span.stop:
            response.force_close()
            if request.transport is not None:
                request.transport.close()  # no mark of an end: a browser must not take half of it for the whole
            return response
        await response.write_eof()
        return response

    async def _read(self, descriptor: int, position: int, stop: int) -> bytes:
        """Return the next bytes; none are left at ``stop``, or if the clip gave way."""
        want = min(CHUNK_BYTES, stop - position)
        # Cancelled meanwhile, the read may meet a closed descriptor; nobody sees what it returns then.
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, os.pread, descriptor, want, position
        )


def parse_range(header: str | None, size_bytes: int) -> range | None:
    """Return the one range that is asked for, or None for the whole file.

    A header that is malformed or asks for several ranges is ignored, as RFC 9110 §14.2 allows.

    Raises:
        Refused: the range holds no byte of the file.
    """
    match = _RANGE.fullmatch(header) if header is not None else None
    if match is None:
        return None
    first, last, suffix = match.groups()
    if first is None:
        found = range(max(0, size_bytes - int(suffix)), size_bytes)
    elif last is not None and int(last) < int(first):
        return None
    else:
        found = range(int(first), min(size_bytes, int(last) + 1 if last is not None else size_bytes))
    if not found:
        raise Refused(
            416,
            "no_such_range",
            "The recording has no such part.",
            {"Content-Range": f"bytes */{size_bytes}"},
        )
    return found


def unavailable(error: LinkError) -> Refused:
    """Return the refusal for a device that cannot be asked now."""
    sentence = f"{str(error).capitalize()}: {error.hint}." if error.hint else f"{str(error).capitalize()}."
    return Refused(503, "door_starting", sentence, {"Retry-After": "2"})


def _no_such_ticket() -> Refused:
    return Refused(
        404, "no_such_ticket", "This ticket is not, or no longer, valid. Ask the door for the clip again."
    )


def _too_many() -> Refused:
    return Refused(
        429, "too_many", "Too many recordings are being fetched at once. Wait a moment.", {"Retry-After": "2"}
    )

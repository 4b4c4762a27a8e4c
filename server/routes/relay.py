"""WebSocket ↔ link: door messages, carried unread.

One WebSocket is one channel. Up: text of at most 16 KiB and moments of a voice, at one rate; who sends faster is read more
slowly, so TCP holds the sender back and nothing piles up here, and a moment that had to wait is left out. Down: a bounded
outbox; while much of it waits nothing more is read from that browser, and one whose outbox still fills up is cut off. Sealed
pictures wait in a lane of their own. Heartbeats find browsers that vanished. Silence is allowed: a page in a background tab
only listens.

Source: RFC 6455; docs/FORMAT.md, "Door messages".
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, Literal

from aiohttp import WSCloseCode, WSMsgType, web

from device.contract.client import LinkClient
from device.contract.errors import LinkError
from device.contract.link import MAX_CHANNELS, MAX_DOWN_BYTES, MAX_TALK_BYTES, MAX_UP_BYTES
from device.contract.messages import is_reply
from server.arrivals.limits import Rates, Seats, TokenBucket
from server.arrivals.neighbours import Neighbours
from server.errors import Refused
from server.routes.lane import Lane, short_of_breath
from server.routes.sealed import unavailable

SOCKETS_EACH: Final = 8
SOCKETS_RESERVE: Final = 24
SOCKET_PER_S: Final = 30.0  # a page that catches up on its ledger asks as fast as it gets answers
SOCKET_BURST: Final = 60.0
PEER_PER_S: Final = 60.0
PEER_BURST: Final = 120.0
STRANGERS_PER_S: Final = 60.0
STRANGERS_BURST: Final = (
    90.0  # all together, or what they ask at once fills the link's 128 packets, and the device drops it
)
HEARTBEAT_S: Final = 20.0
OUTBOX_BYTES: Final = 8 * MAX_DOWN_BYTES
OUTBOX_FRAMES: Final = 256
FAREWELL_S: Final = 2.0

_CARRIED: Final = frozenset({WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING, WSMsgType.PONG})

logger = logging.getLogger(__name__)


class Outbox:
    """Door messages on their way down to one browser."""

    def __init__(self, cut: Callable[[], None]) -> None:
        """Prepare an empty one.

        Args:
            cut: ends the connection without a word; for a browser that would not read one.
        """
        self._cut = cut
        self._frames: deque[bytes] = deque()
        self._size_bytes = 0
        self._changed = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._verdict: tuple[int, bytes] | None = None
        self._lane = Lane()

    def show(self, picture: bytes, keyframe: bool | None) -> None:
        """Add a sealed picture, or sound; a browser that does not keep up misses some, and is not cut off for it."""
        self._lane.put(picture, keyframe)
        self._changed.set()

    def put(self, frame: bytes) -> None:
        """Add a message; a browser that lets too many wait is given up."""
        if self._size_bytes + len(frame) > OUTBOX_BYTES or len(self._frames) >= OUTBOX_FRAMES:
            logger.debug("socket closed reason=slow")
            self._cut()
            return
        self._frames.append(frame)
        self._account(len(frame))
        self._changed.set()

    def end(self, code: int, reason: bytes) -> None:
        """Have the WebSocket closed once everything before is sent; the first verdict stands."""
        self._verdict = self._verdict or (code, reason)
        self._changed.set()
        self._has_room.set()

    async def room(self) -> None:
        """Wait until so little waits that more may be asked for."""
        await self._has_room.wait()

    async def send(self, socket: web.WebSocketResponse[Literal[False]]) -> None:
        """Send until the end, then close."""
        while self._frames or self._verdict is None:
            if self._frames:
                frame = self._frames.popleft()
                await socket.send_frame(frame, WSMsgType.TEXT)
                self._account(-len(frame))
            elif (picture := self._lane.take()) is not None:
                await socket.send_frame(picture, WSMsgType.BINARY)
            else:
                self._changed.clear()
                await self._changed.wait()
        code, reason = self._verdict
        await socket.close(code=code, message=reason, drain=False)

    def _account(self, change_bytes: int) -> None:
        self._size_bytes += change_bytes
        if self._size_bytes > MAX_DOWN_BYTES and self._verdict is None:
            self._has_room.clear()
        else:
            self._has_room.set()


class Relay:
    """Carries every WebSocket of one link."""

    def __init__(
        self,
        link: LinkClient,
        neighbours: Neighbours,
        clock_s: Callable[[], float],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare.

        Args:
            link: to the device.
            neighbours: learn where a reader was heard.
            clock_s: monotonic seconds.
            pause: waits for so many seconds.
        """
        self._link = link
        self._clock_s = clock_s
        self._pause = pause
        self._neighbours = neighbours
        self._seats = Seats(
            MAX_CHANNELS, SOCKETS_EACH, SOCKETS_EACH, 2 * SOCKETS_EACH, SOCKETS_RESERVE, neighbours
        )
        self._rates = Rates(PEER_PER_S, PEER_BURST, neighbours)
        self._strangers = TokenBucket(STRANGERS_PER_S, STRANGERS_BURST)
        self._outboxes: set[Outbox] = set()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer ``GET /door``.

        Raises:
            Refused: no handshake, too many sockets, or no device.
        """
        socket: web.WebSocketResponse[Literal[False]] = web.WebSocketResponse(
            timeout=FAREWELL_S,
            heartbeat=HEARTBEAT_S,
            autoping=False,  # a ping costs a token like any message
            compress=False,  # what is inside is sealed or signed: nothing to gain
            max_msg_size=MAX_UP_BYTES + 1,
            decode_text=False,
        )
        if request.transport is None or not socket.can_prepare(request):
            raise Refused(426, "websocket_only", "This address speaks WebSocket.", {"Upgrade": "websocket"})
        outbox, peer = Outbox(request.transport.abort), request.remote or ""

        def down(frame: bytes) -> None:
            if is_reply(frame):
                self._neighbours.heard(peer)
            outbox.put(frame)

        with self._seats.seat(peer, _too_many):
            try:
                channel = self._link.open_channel(
                    down,
                    lambda: outbox.end(WSCloseCode.TRY_AGAIN_LATER, b"the door is starting"),
                    outbox.show,
                )
            except LinkError as error:
                raise unavailable(error) from error
            self._outboxes.add(outbox)
            try:
                await socket.prepare(request)
                short_of_breath(request.transport)
                await self._carry(socket, channel, outbox, peer)
            finally:
                self._outboxes.discard(outbox)
                self._link.close_channel(channel)
        return socket

    def close(self) -> None:
        """Have every WebSocket closed: the server stops."""
        for outbox in self._outboxes:
            outbox.end(WSCloseCode.GOING_AWAY, b"the door is going to sleep")

    async def _carry(
        self, socket: web.WebSocketResponse[Literal[False]], channel: int, outbox: Outbox, peer: str
    ) -> None:
        sender = asyncio.create_task(outbox.send(socket))
        try:
            code, reason = await self._up(socket, channel, outbox, peer)
            outbox.end(code, reason)
            await asyncio.wait({sender}, timeout=2 * FAREWELL_S)
        finally:
            sender.cancel()
            # The browser is gone in the middle of a message, which is how most of them leave.
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await sender

    async def _up(
        self, socket: web.WebSocketResponse[Literal[False]], channel: int, outbox: Outbox, peer: str
    ) -> tuple[int, bytes]:
        """Carry messages up until there are no more; return how to say goodbye."""
        bucket = TokenBucket(SOCKET_PER_S, SOCKET_BURST)
        while True:
            message = await socket.receive()
            if message.type not in _CARRIED:
                return WSCloseCode.OK, b""
            now_s = self._clock_s()
            wait_s = max(bucket.take(now_s), self._rates.of(peer, now_s).take(now_s))
            if not self._neighbours.knows(peer):
                wait_s = max(wait_s, self._strangers.take(now_s))
            if wait_s > 0:
                await self._pause(wait_s)
            await outbox.room()
            match message.type:
                case WSMsgType.TEXT:
                    try:
                        self._link.send_frame(channel, message.data)
                    except LinkError as error:
                        return WSCloseCode.TRY_AGAIN_LATER, str(error).encode()
                case WSMsgType.PING:
                    await socket.pong(message.data)
                case WSMsgType.BINARY if len(message.data) > MAX_TALK_BYTES:
                    return WSCloseCode.MESSAGE_TOO_BIG, b"a moment of a voice is shorter"
                case WSMsgType.BINARY if wait_s <= 0:
                    # One that had to wait is late, and left out.
                    self._link.send_talk(channel, message.data)


def _too_many() -> Refused:
    return Refused(429, "too_many", "Too many pages are open. Close one of them.", {"Retry-After": "5"})

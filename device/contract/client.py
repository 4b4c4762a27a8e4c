"""The server's end of the link: many channels and tickets over one unix socket, in one event loop.

``run`` connects, serves until the device is gone, and connects again, for ever. While there is no device every call says
so at once (``DoorStarting``) instead of waiting: the browser knows best when to try again. When the device goes, every
channel closes and every waiting ticket fails; nothing is carried over to the next device, which knows none of it.

Nothing is trusted to be well-formed: a packet that breaks the contract ends the connection. A descriptor belongs to
whoever ``redeem`` returned it to, and is closed here in every other case.

Source: docs/FORMAT.md, "Link"; unix(7).
"""

import asyncio
import itertools
import logging
import os
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.contract.errors import DoorStarting, LinkFull
from device.contract.forms import UNREADABLE
from device.contract.link import (
    MAX_CHANNELS,
    MAX_DOWN_BYTES,
    MAX_UP_BYTES,
    Close,
    Denied,
    Frame,
    Live,
    Open,
    Redeem,
    Redeemed,
    Rung,
    Talk,
    Up,
    decode_down,
    encode,
    receive_packet,
)
from device.contract.parts import Parts
from device.contract.settling import settle

RETRY_S: Final = 0.5  # a device needs seconds to start; the page must not wait much longer than it
ANSWER_S: Final = 10.0  # the device answers a ticket from memory; longer means that it hangs
MAX_WAITING: Final = 256  # packets: four for each channel
MAX_TICKETS: Final = 64

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Channel:
    on_frame: Callable[[bytes], None]
    on_close: Callable[[], None]
    on_live: Callable[[bytes, bool | None], None]


class LinkClient:
    """The link. Every method belongs to the event loop that ``run`` runs in."""

    def __init__(self, path: Path, *, retry_s: float = RETRY_S) -> None:
        """Prepare a client of the socket ``path``; nothing connects before ``run``, which tries again every ``retry_s``."""
        self._path = path
        self._retry_s = retry_s
        self._socket: socket.socket | None = None
        self._gone = asyncio.Event()
        self._waiting: deque[bytes] = deque()
        self._channels: dict[int, _Channel] = {}
        self._tickets: dict[int, asyncio.Future[tuple[int, int]]] = {}
        self._numbers = itertools.count(1)
        self._parts = Parts()
        self._on_ring: Callable[[], None] = lambda: None
        self._on_state: Callable[[bool], None] = lambda _: None

    def tell(self, on_ring: Callable[[], None], on_state: Callable[[bool], None]) -> None:
        """Call ``on_ring`` when somebody rings, ``on_state`` when the device is there or gone; neither must block."""
        self._on_ring, self._on_state = on_ring, on_state

    async def run(self) -> None:
        """Keep the link up until cancelled; then close it."""
        was_up = True
        while True:
            try:
                self._connect()
            except OSError as error:
                if was_up:
                    logger.warning("link down path=%s reason=%s", self._path, error.strerror or error)
                was_up = False
            else:
                logger.info("link up")
                was_up = True
                try:
                    await self._gone.wait()
                finally:
                    self._drop("stopping")
            await asyncio.sleep(self._retry_s)

    def open_channel(
        self,
        on_frame: Callable[[bytes], None],
        on_close: Callable[[], None],
        on_live: Callable[[bytes, bool | None], None] = lambda _data, _keyframe: None,
    ) -> int:
        """Return the number of a new channel.

        Args:
            on_frame: called with each door message; must not block.
            on_close: called once if the device or the link ends the channel; not after ``close_channel``.
            on_live: called with each sealed picture and whether it is a keyframe, or sound and None; must not block.

        Raises:
            DoorStarting: no device.
            LinkFull: all channels are in use.
        """
        if self._socket is None:
            raise DoorStarting
        if len(self._channels) >= MAX_CHANNELS:
            raise LinkFull("too many pages are open", hint="close one of them")
        number = next(self._numbers)
        self._send(Open(number))
        self._channels[number] = _Channel(on_frame, on_close, on_live)
        return number

    def send_frame(self, channel: int, data: bytes) -> None:
        """Send one door message.

        Raises:
            DoorStarting: the channel is gone.
            LinkFull: the device does not keep up.
            ValueError: longer than a door message may be (a bug in the caller).
        """
        if len(data) > MAX_UP_BYTES:
            raise ValueError(f"a door message of {len(data)} bytes, at most {MAX_UP_BYTES} go up")
        if channel not in self._channels:
            raise DoorStarting
        self._send(Frame(channel, data))

    def send_talk(self, channel: int, data: bytes) -> None:
        """Send a sealed moment of a voice, or drop it: while others wait it would come late."""
        if channel in self._channels and not self._waiting:
            self._queue(Talk(channel, data))

    def close_channel(self, channel: int) -> None:
        """Forget a channel and what is bound to it; one that is gone already is no error."""
        if self._channels.pop(channel, None) is not None:
            self._queue(Close(channel))  # beyond MAX_WAITING too, or its tickets would stay open for ever

    async def redeem(self, ticket: str) -> tuple[int, int]:
        """Return a read-only descriptor, which the caller closes, and the size of the file in bytes.

        Raises:
            TicketDenied: no such ticket, or no longer.
            DoorStarting: no device.
            LinkFull: too many tickets wait for an answer, or the device does not answer.
        """
        if self._socket is None:
            raise DoorStarting
        if len(self._tickets) >= MAX_TICKETS:
            raise LinkFull("the door is busy")
        number = next(self._numbers)
        self._send(Redeem(number, ticket))
        answer: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()
        self._tickets[number] = answer
        taken = False
        try:
            async with asyncio.timeout(ANSWER_S):
                found = await answer
            taken = True
        except TimeoutError as error:
            raise LinkFull("the door does not answer") from error
        finally:
            del self._tickets[number]
            # The answer may have come in the very moment in which its caller was cancelled.
            if not taken and answer.done() and not answer.cancelled() and answer.exception() is None:
                os.close(answer.result()[0])
        return found

    def _connect(self) -> None:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        try:
            connection.connect(os.fspath(self._path))
        except OSError:
            connection.close()
            raise
        self._gone.clear()
        self._socket = connection
        asyncio.get_running_loop().add_reader(connection, self._readable)
        self._on_state(True)

    def _drop(self, reason: str) -> None:
        """Close the connection, every channel and every waiting ticket."""
        connection, self._socket = self._socket, None
        if connection is None:
            return
        logger.log(logging.INFO if reason == "stopping" else logging.WARNING, "link closed reason=%s", reason)
        loop = asyncio.get_running_loop()
        loop.remove_reader(connection)
        loop.remove_writer(connection)
        connection.close()
        self._waiting.clear()
        self._parts = Parts()
        channels, self._channels = self._channels, {}
        for answer in self._tickets.values():
            if not answer.done():
                answer.set_exception(DoorStarting())
        self._gone.set()
        self._on_state(False)
        for channel in channels.values():
            channel.on_close()

    def _send(self, message: Up) -> None:
        if len(self._waiting) >= MAX_WAITING:
            raise LinkFull("the door is busy")
        self._queue(message)
        if self._socket is None:  # it broke while sending
            raise DoorStarting

    def _queue(self, message: Up) -> None:
        self._waiting.append(encode(message))
        if len(self._waiting) == 1:
            self._writable()

    def _writable(self) -> None:
        """Send what the kernel takes now, and have the rest sent when it takes more."""
        connection = self._socket
        if connection is None:
            return
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                connection.send(self._waiting[0], socket.MSG_NOSIGNAL)
                self._waiting.popleft()
        except BlockingIOError:
            loop.add_writer(connection, self._writable)
            return
        except OSError as error:
            self._drop(type(error).__name__)
            return
        loop.remove_writer(connection)

    def _readable(self) -> None:
        """Take one packet; the loop calls again while there are more."""
        if self._socket is None:
            return
        try:
            packet, descriptors = receive_packet(self._socket)
        except BlockingIOError:
            return
        except OSError as error:
            self._drop(type(error).__name__)
            return
        try:
            is_sound = bool(packet) and self._handle(packet, descriptors)
        except UNREADABLE:
            is_sound = False
        finally:
            for descriptor in descriptors:  # whatever was not handed on
                os.close(descriptor)
        if not is_sound:
            self._drop("protocol" if packet else "gone")

    def _handle(self, packet: bytes, descriptors: list[int]) -> bool:
        """Act on one packet; False means that it breaks the contract. Takes the descriptor that it hands on."""
        message = decode_down(packet)
        if len(descriptors) != isinstance(message, Redeemed):
            return False
        match message:
            case Frame(channel=number, data=data):
                return self._frame(number, data)
            case Live():
                return self._live(message)
            case Close(channel=number):
                if (channel := self._channels.pop(number, None)) is not None:
                    channel.on_close()
            case Rung():
                self._on_ring()
            case Redeemed() | Denied():
                answer = self._tickets.get(message.id)
                return settle(None if answer is None or answer.done() else answer, message, descriptors)
        return True

    def _frame(self, number: int, data: bytes) -> bool:
        if len(data) > MAX_DOWN_BYTES:
            return False
        # A channel that was closed here may still have had frames on their way.
        if (channel := self._channels.get(number)) is not None:
            channel.on_frame(data)
        return True

    def _live(self, part: Live) -> bool:
        whole = self._parts.take(part)
        if whole:
            for number in part.channels:
                if (channel := self._channels.get(number)) is not None:
                    channel.on_live(whole, part.keyframe)
        return whole is not None

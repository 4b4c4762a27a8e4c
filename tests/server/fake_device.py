"""The device's end of the link, driven by a test: it says and hears exactly what the test wants."""

import array
import asyncio
import os
import socket
from pathlib import Path
from typing import TypeVar

from device.contract.client import LinkClient
from device.contract.link import (
    MAX_PACKET_BYTES,
    Down,
    Open,
    Redeem,
    Redeemed,
    Up,
    decode_up,
    encode,
)

M = TypeVar("M", bound=Up)


class FakeDevice:
    """Listens on a real SEQPACKET socket; one server at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: socket.socket | None = None
        self._listener = self._listen()

    def _listen(self) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.setblocking(False)
        listener.bind(str(self.path))
        listener.listen(4)
        return listener

    @property
    def connection(self) -> socket.socket:
        assert self._connection is not None
        return self._connection

    async def accept(self) -> None:
        async with asyncio.timeout(5):
            self._connection, _ = await asyncio.get_running_loop().sock_accept(self._listener)
        self._connection.setblocking(False)

    async def hear(self, kind: type[M]) -> M:
        """Return the next message, which must be of this kind."""
        async with asyncio.timeout(5):
            packet = await asyncio.get_running_loop().sock_recv(self.connection, MAX_PACKET_BYTES)
        assert packet, "the server closed the link"
        message = decode_up(packet)
        assert isinstance(message, kind), message
        return message

    async def hear_open(self) -> int:
        return (await self.hear(Open)).channel

    async def hears_the_end(self) -> bool:
        """Tell whether the server closed the connection."""
        async with asyncio.timeout(5):
            return await asyncio.get_running_loop().sock_recv(self.connection, MAX_PACKET_BYTES) == b""

    def say(self, message: Down) -> None:
        self.say_raw(encode(message))

    def say_raw(self, packet: bytes, descriptors: list[int] | None = None) -> None:
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors or []))
        self.connection.sendmsg([packet], [rights] if descriptors else [])

    async def hand_out(self, file: Path, size_bytes: int | None = None) -> str:
        """Answer the next redeem with this file; return the ticket that was asked for."""
        redeem = await self.hear(Redeem)
        descriptor = os.open(file, os.O_RDONLY)
        size = file.stat().st_size if size_bytes is None else size_bytes
        try:
            self.say_raw(encode(Redeemed(redeem.id, size)), [descriptor])
        finally:
            os.close(descriptor)
        return redeem.ticket

    def vanish(self) -> None:
        """End like a killed device: the connection breaks and nobody listens."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._listener.close()
        self.path.unlink(missing_ok=True)

    async def return_(self) -> None:
        """Start anew."""
        self._listener = self._listen()
        await self.accept()


def open_descriptors() -> int:
    """Return how many descriptors this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


class Heard:
    """What one channel was told."""

    def __init__(self) -> None:
        self.frames: asyncio.Queue[bytes] = asyncio.Queue()
        self.closed = asyncio.Event()
        self.closes = 0

    def on_close(self) -> None:
        self.closes += 1
        self.closed.set()

    async def frame(self) -> bytes:
        async with asyncio.timeout(5):
            return await self.frames.get()

    async def close(self) -> None:
        async with asyncio.timeout(5):
            await self.closed.wait()


def opened(link: LinkClient) -> tuple[int, Heard]:
    heard = Heard()
    return link.open_channel(heard.frames.put_nowait, heard.on_close), heard

"""A whole server on its port, TLS and all, with a real device behind it, and guests who hold connections to it."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from provisioning.reader.reader import DoorClient, ReaderKeys
from server.config import Config, Listen
from server.listener import serving
from server.routes.page import Asset
from tests.support.hijacked import RunningDoor
from tests.support.household import Household

SHELL = b"<!doctype html><title>door</title>" + b" " * 500
PAGE = {"/": Asset.of("index.html", SHELL)}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
IDLE_S = 0.5
GUEST = "127.0.0.66"


@dataclass
class House:
    """A whole server on its port, and the device behind it."""

    port: int
    config: Config
    door: RunningDoor
    tls: ssl.SSLContext
    guests: list[Callable[[], None]] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def connect(
        self, address: str = GUEST, *, tls: bool = True
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        over = {"ssl": self.tls, "server_hostname": "localhost"} if tls else {}
        return await asyncio.open_connection("127.0.0.1", self.port, local_addr=(address, 0), **over)

    async def holds(self, address: str, sent: bytes, *, tls: bool = True) -> bool:
        """Return whether a connection that says this from an address is kept; it is, until the test ends."""
        loop = asyncio.get_running_loop()
        guest = socket.socket()
        guest.setblocking(False)
        guest.bind((address, 0))
        try:
            await loop.sock_connect(guest, ("127.0.0.1", self.port))
            if tls:
                _, writer = await asyncio.open_connection(
                    sock=guest, ssl=self.tls, server_hostname="localhost"
                )
                writer.write(sent)
                self.guests.append(writer.transport.abort)
                self.writers.append(writer)
                return True
            await loop.sock_sendall(guest, sent)
            for _ in range(10):  # the server runs in this loop: it has accepted or refused by then
                await asyncio.sleep(0)
            guest.recv(1)
        except BlockingIOError:
            self.guests.append(guest.close)
            return True
        except (OSError, ssl.SSLError):
            pass
        guest.close()
        return False

    def reader(self, keys: ReaderKeys) -> DoorClient:
        return DoorClient(f"https://localhost:{self.port}", keys, self.door.born_sha256, self.tls)

    def request(self, method: str = "GET", path: str = "/", *headers: str) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{self.port}", *headers, "", ""]
        return "\r\n".join(lines).encode()

    async def is_served(self, address: str = "127.0.0.1") -> bool:
        """Return whether a connection from an address gets the page."""
        try:
            reader, writer = await self.connect(address)
        except (OSError, ssl.SSLError):
            return False
        try:
            writer.write(self.request())
            async with asyncio.timeout(5):
                return b" 200 " in await reader.readline()
        except ConnectionError:
            return False
        finally:
            writer.transport.abort()


HELLO = bytes.fromhex("16030102000100 01fc0303") + bytes(40)  # the beginning of a ClientHello
SAYS = {
    "no handshake": (b"", False),
    "half a hello": (HELLO, False),
    "no TLS at all": (b"GET / HTTP/1.1\r\n", False),
    "nothing after it": (b"", True),
    "half a header": (b"GET / HTTP/1.1\r\nHost: loc", True),
    "half the next": (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HT", True),
}


@contextlib.asynccontextmanager
async def opened(household: Household, certificates: Path, host: str = "127.0.0.1") -> AsyncIterator[House]:
    door = RunningDoor(household)
    config = Config(door.path, Listen(host, 0), certificates, frozenset({"localhost"}))
    try:
        async with serving(config, PAGE, {}) as running:
            house = House(
                running.ports[0], config, door, ssl.create_default_context(cafile=certificates / "ca.pem")
            )
            yield house
            for guest in house.guests:
                guest()
    finally:
        door.close()

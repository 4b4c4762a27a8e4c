"""A guest on the Wi-Fi below the door's messages: every route and method, slow connections, too many of them.

The server is whole here, its connections too, and a real device stands behind it. TLS is in tests/server/test_tls.py.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from device.contract.client import LinkClient
from server import connections
from server.app import make_app
from server.config import Config, Listen
from server.connections import EACH
from server.listener import serving
from server.page import Asset
from tests.support.hijacked import RunningDoor
from tests.support.household import Household

SHELL = b"<!doctype html><title>door</title>" + b" " * 500
PAGE = {"/": Asset.of("index.html", SHELL)}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
IDLE_S = 0.3


@dataclass
class House:
    """A whole server on its port, and the device behind it."""

    port: int
    config: Config
    door: RunningDoor

    async def connect(self, address: str = "127.0.0.1") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port, local_addr=(address, 0))

    def request(self, method: str = "GET", path: str = "/", *headers: str) -> bytes:
        lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{self.port}", *headers, "", ""]
        return "\r\n".join(lines).encode()

    async def is_served(self, address: str = "127.0.0.1") -> bool:
        """Return whether a connection from an address gets the page."""
        reader, writer = await self.connect(address)
        try:
            writer.write(self.request())
            async with asyncio.timeout(5):
                return b" 200 " in await reader.readline()
        except ConnectionError:
            return False
        finally:
            writer.transport.abort()


@pytest.fixture
async def house(household: Household, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(connections, "IDLE_S", IDLE_S)
    door = RunningDoor(household)
    config = Config(door.path, Listen("127.0.0.1", 0), None, frozenset({"localhost"}))
    try:
        async with serving(config, PAGE, {}) as running:
            yield House(running.ports[0], config, door)
    finally:
        door.close()


async def test_no_route_and_no_method_gives_a_guest_more_than_the_shell(house: House) -> None:
    """Whatever routes there will be: each is asked by every method, bare and as our own page would ask."""
    door, phone = house.door, house.door.join("A name that no guest may read")
    door.clip(b"sealed film")
    before = door.ledger.chain.head
    app = make_app(house.config, LinkClient(house.config.link), PAGE)
    paths = [resource.canonical for resource in app.router.resources()]
    assert {"/", "/door", "/sealed/{ticket}"} <= set(paths)
    paths = [path.replace("{ticket}", "t" * 43).replace("{path}", "ledger") for path in paths]
    own = (f"Origin: http://localhost:{house.port}", "Sec-Fetch-Site: same-origin")
    for path in [*paths, "/ledger", "/head", "/settings", "/spool/number", "/device.key", "/authority.pem"]:
        for method in METHODS:
            for headers in ((), own):
                status, body = await _asked(house, house.request(method, path, *headers, "Connection: close"))
                assert status == 200 if (method in ("GET", "HEAD") and path == "/") else status >= 400
                assert body in (b"", SHELL) or set(json.loads(body)) == {"code", "sentence"}, (method, path)
                assert phone.label.encode() not in body
    assert door.ledger.chain.head == before


async def _asked(house: House, request: bytes) -> tuple[int, bytes]:
    reader, writer = await house.connect()
    try:
        writer.write(request)
        async with asyncio.timeout(5):
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]), body
    finally:
        writer.close()


@pytest.mark.parametrize("sent", ["nothing", "half a header", "a header, letter by letter", "half the next"])
async def test_a_guest_who_is_slow_is_cut_off(house: House, sent: str) -> None:
    """Or a few hundred of them would hold every connection for ever."""
    reader, writer = await house.connect()
    begins = {
        "nothing": b"",
        "half a header": house.request()[:-4],
        "a header, letter by letter": b"GET / HTTP/1.1\r\nX: ",
        "half the next": house.request() + b"GET / HT",
    }
    writer.write(begins[sent])
    async with asyncio.timeout(20 * IDLE_S):
        while True:
            with contextlib.suppress(TimeoutError):
                if not await asyncio.wait_for(reader.read(65_536), IDLE_S / 10):
                    break
            if sent == "a header, letter by letter":
                writer.write(b"x")
    writer.transport.abort()
    assert await house.is_served()


async def test_a_guest_who_takes_every_connection_leaves_others_theirs(house: House) -> None:
    taken, dropped = [], 0
    for _ in range(EACH + 20):
        reader, writer = await house.connect()
        writer.write(house.request())
        try:
            async with asyncio.timeout(5):
                dropped += not await reader.readline()
        except ConnectionError:
            dropped += 1
        taken.append(writer)
    assert dropped >= 20
    assert not await house.is_served()
    assert await house.is_served("127.0.0.2"), "somebody at another address"
    for writer in taken:
        writer.transport.abort()

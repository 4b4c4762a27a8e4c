"""A running server on loopback with a driven device behind it, and a client that sends exactly the bytes it is told."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from server.config import Config, Listen
from server.listener import Serving, serving
from server.routes.page import Asset
from tests.server.fake_device import FakeDevice

PAGE = {
    "/": Asset.of("index.html", b"<!doctype html><title>door</title>" + b" " * 500),
    "/assets/main.js": Asset.of("main.js", b"export {};" * 50),
    "/assets/icon.png": Asset.of("icon.png", b"\x89PNG"),
}


@dataclass
class Answer:
    """One HTTP answer, as it came."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def refusal(self) -> str:
        """The code of a refusal, whose form is checked."""
        assert self.headers["content-type"].startswith("application/json")
        told: dict[str, Any] = json.loads(self.body)
        assert set(told) == {"code", "sentence"}
        assert told["sentence"].endswith(".")
        return str(told["code"])


@dataclass
class Running:
    """A server that runs, and its device."""

    port: int
    device: FakeDevice

    async def send(self, raw: bytes) -> Answer:
        """Send these bytes on a new connection and return the first answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(raw)
            async with asyncio.timeout(5):
                return await read_answer(reader, raw.startswith(b"HEAD "))
        finally:
            writer.close()
            await writer.wait_closed()

    async def get(self, path: str, *headers: str, method: str = "GET", host: str | None = None) -> Answer:
        """Ask for a path with exactly these headers besides Host."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host or f'localhost:{self.port}'}", *headers, "", ""]
        return await self.send("\r\n".join(lines).encode("latin-1"))


async def read_answer(reader: asyncio.StreamReader, is_head: bool = False) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(head[0].split(" ")[1])
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    length = 0 if is_head or status in (101, 304) else int(headers.get("content-length", "0"))
    return Answer(status, headers, await reader.readexactly(length))


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    device = FakeDevice(tmp_path / "link")
    config = Config(device.path, Listen("127.0.0.1", 0), None, frozenset({"door.local"}))
    async with serving(config, PAGE, {}) as server:
        await device.accept()
        yield Running(_port(server), device)
    device.vanish()


def _port(server: Serving) -> int:
    [port] = server.ports
    return port

"""A door that cannot be asked: a sentence that says what is missing, and what to do."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

import provisioning.reader.reader
from provisioning.cli import run
from provisioning.reader.member import Member
from provisioning.reader.reader import DoorClient, DoorError, ReaderKeys
from server.config import Config, Listen
from server.listener import serving
from server.routes.page import Asset
from tests.system.device_process import free_port

PAGE = {"/": Asset.of("index.html", b"<!doctype html>")}


async def told(url: str, tls: ssl.SSLContext | None = None) -> DoorError:
    with pytest.raises(DoorError) as caught:
        async with DoorClient(url, ReaderKeys("Laptop"), None, tls):
            pass
    assert caught.value.hint
    assert url in str(caught.value)
    return caught.value


async def test_a_server_whose_door_is_not_there(tmp_path: Path) -> None:
    async with serving(Config(tmp_path / "link", Listen("127.0.0.1", 0)), PAGE, {}) as server:
        [port] = server.ports
        error = await told(f"http://localhost:{port}")
    assert "the server is there, and the door behind it is not" in str(error)
    assert "is the device running" in error.hint


async def test_an_address_at_which_nothing_answers() -> None:
    error = await told(f"http://localhost:{free_port()}")
    assert "nothing answers" in str(error)


@pytest.fixture
async def other() -> AsyncIterator[str]:
    """Return the address of a web server that is no doorward."""

    async def silent(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.receive()
        await socket.receive()  # until the other side is gone
        return socket

    app = web.Application()
    app.router.add_get("/silent/door", silent)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"localhost:{port}"
    await runner.cleanup()


async def test_a_server_that_is_no_door(other: str) -> None:
    assert "a server answered 404" in str(await told(f"http://{other}"))


async def test_a_server_that_speaks_no_tls(other: str) -> None:
    assert "speaks no TLS" in str(await told(f"https://{other}", ssl.create_default_context()))


async def test_a_door_that_says_nothing(other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provisioning.reader.reader, "PATIENCE_S", 0.05)
    with pytest.raises(DoorError, match="has not answered") as caught:
        async with DoorClient(f"http://{other}/silent", ReaderKeys("Laptop"), None):
            pass
    assert "is the device running" in caught.value.hint


def test_the_command_prints_no_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = tmp_path / "laptop.key"
    key.write_bytes(Member("http://localhost", ReaderKeys("Laptop"), bytes(32)).text())
    url = f"http://localhost:{free_port()}"
    assert run(["settings", "show", "--url", url, "--key", str(key)]) == 1
    error, hint = capsys.readouterr().err.splitlines()
    assert error.startswith(f"error: {url}: nothing answers")
    assert hint.startswith("hint: check the address")

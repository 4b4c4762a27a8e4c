"""A hostile web server, a witness of what the door's own server did, and a careless server that lets everybody in."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiohttp import web

import server.listener
from device.contract.client import LinkClient
from device.contract.link import Up
from provisioning.demo.demo import Stage
from server.app import make_app
from server.config import Config, Listen
from server.routes.page import Asset, load_page

PATIENCE_S = 30.0


class Hostile(BaseHTTPRequestHandler):
    """The attacker's web server; what its page does is told by the test."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>cats</title><body>")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def hostile(port: int = 0) -> Iterator[int]:
    listening = ThreadingHTTPServer(("127.0.0.1", port), Hostile)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield listening.server_port
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


@dataclass
class Witness:
    """What the server did.

    Attributes:
        answers: method, path, status and code of a refusal (empty for anything else).
        served: the page's files that a handler looked for.
        told: kinds of the messages that went to the device.
    """

    answers: list[tuple[str, str, int, str]] = field(default_factory=list)
    served: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    heard: threading.Event = field(default_factory=threading.Event)

    async def note(self, request: web.Request, response: web.StreamResponse) -> None:
        if (request.path, response.status) == ("/favicon.ico", 404):
            return  # Chromium asks by itself, of whatever document it shows: here of a refusal
        code = ""
        if isinstance(response, web.Response) and response.content_type == "application/json":
            code = json.loads(response.text or "{}").get("code", "")
        self.answers.append((request.method, request.path, response.status, code))
        self.heard.set()


class WatchedPage(dict[str, Asset]):
    def __init__(self, page: dict[str, Asset], witness: Witness) -> None:
        super().__init__(page)
        self.witness = witness

    def get(self, path: str, default: Any = None) -> Any:
        if path != "/favicon.ico":
            self.witness.served.append(path)
        return super().get(path, default)


@contextmanager
def in_a_thread(serve: Any) -> Iterator[None]:
    """Run an async context manager in a loop of its own while the ``with`` block lasts."""
    ready = threading.Event()
    stop: list[Any] = []

    async def life() -> None:
        stopped = asyncio.Event()
        stop.extend((asyncio.get_running_loop(), stopped))
        async with serve():
            ready.set()
            await stopped.wait()

    thread = threading.Thread(target=asyncio.run, args=(life(),), daemon=True)
    thread.start()
    assert ready.wait(PATIENCE_S)
    try:
        yield
    finally:
        stop[0].call_soon_threadsafe(stop[1].set)
        thread.join()


@contextmanager
def served(stage: Stage, port: int) -> Iterator[Witness]:
    """Serve the staged device with the real server on a port, and watch."""
    witness = Witness()

    class WatchedLink(LinkClient):
        def _queue(self, message: Up) -> None:
            witness.told.append(type(message).__name__)
            super()._queue(message)

    def watched_app(config: Config, link: LinkClient, page: dict[str, Asset]) -> web.Application:
        app = make_app(config, link, page)
        app.on_response_prepare.append(witness.note)
        return app

    config = Config(
        stage.processes.socket_path, Listen("127.0.0.1", port), None, frozenset({"localhost", "door.local"})
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server.listener, "LinkClient", WatchedLink)
        patch.setattr(server.listener, "make_app", watched_app)
        with in_a_thread(
            lambda: server.listener.serving(config, WatchedPage(dict(load_page()), witness), {})
        ):
            yield witness


CARELESS_PAGE = """<!doctype html><p>secret</p><script>
const other = window.opener ?? (parent === self ? null : parent); other?.postMessage(["secret"], "*");
</script>"""
TONE = b"RIFF" + (836).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little") + bytes.fromhex(
    "01000100401f0000401f000001000800"
) + b"data" + (800).to_bytes(4, "little") + b"\x80" * 800  # fmt: skip


async def careless(request: web.Request) -> web.StreamResponse:
    """Answer everybody, the way a badly made door would."""
    if "upgrade" in request.headers.get("Connection", "").lower():
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(message.data)
        return socket
    headers = {
        "Access-Control-Allow-Origin": request.headers.get("Origin", "*"),
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "DELETE",
        "Access-Control-Allow-Headers": "X-Doorward, Range",
    }
    kind, body = "text/html", CARELESS_PAGE.encode()
    if request.headers.get("Accept") == "text/event-stream":
        kind, body = "text/event-stream", b"data: secret\n\n"
    elif request.path.endswith(".js"):
        kind, body = "text/javascript", b'self.postMessage?.(["ran"])'
    elif request.path.endswith(".css"):
        kind, body = "text/css", b"p { color: red }"
    elif request.path.endswith(".svg"):
        kind, body = "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' width='5' height='5'/>"
    elif request.path.startswith("/sealed/"):
        kind, body = "audio/wav", TONE
    return web.Response(body=body, content_type=kind, headers=headers)


@contextmanager
def carelessly_served(port: int) -> Iterator[threading.Event]:
    heard = threading.Event()

    async def note(_request: web.Request, _response: web.StreamResponse) -> None:
        heard.set()

    @asynccontextmanager
    async def serving() -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", careless)
        app.on_response_prepare.append(note)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
        await runner.cleanup()

    with in_a_thread(serving):
        yield heard

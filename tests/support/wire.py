"""A wire between browsers and a server that a test pulls, holds, cuts and squeezes: TCP on loopback, bytes unread.

The browser finds it where the page's address leads to; the server listens on the same port of another address (`beside`), because
it takes only requests that name the port they came in on.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Self, TypeVar

import pytest

from provisioning.demo import demo

SERVER = "127.0.0.2"
BROWSERS = ("127.0.0.1", "::1")
PART_BYTES = 4_096
ANSWER_S = 10.0

Answer = TypeVar("Answer")


def beside(patch: pytest.MonkeyPatch) -> None:
    """Have every demo that starts from here on leave localhost to a wire."""
    patch.setattr(demo, "LOOPBACK", (SERVER,))


class _Line:
    """One connection of a browser, and the one to the server that belongs to it."""

    def __init__(self, browser: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.ends = (browser, server)
        self.is_dead = False


class Wire:
    """All connections to one port. Its methods are called by the test's thread, and return once it is so."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._lines: set[_Line] = set()
        self._open = asyncio.Event()
        self._kbit_s: float | None = None
        self._takes = True
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wire", daemon=True)
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._open.set()
        self._thread.start()
        self._run(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ANSWER_S)
        self._loop.close()

    @property
    def lines(self) -> int:
        """How many connections there are, dead ones not counted."""
        return self._call(lambda: sum(not line.is_dead for line in self._lines))

    def stall(self) -> None:
        """Hold every byte, both ways, until `flow`; nothing is lost, and new connections are held too."""
        self._call(self._open.clear)

    def flow(self) -> None:
        """Let everything pass, as fast as it comes."""

        def freely() -> None:
            self._kbit_s, self._takes = None, True
            self._open.set()

        self._call(freely)

    def squeeze(self, kbit_s: float) -> None:
        """Let pass no more than this, each way and on each connection."""

        def slowly() -> None:
            self._kbit_s = kbit_s

        self._call(slowly)

    def die(self) -> None:
        """Leave every connection half open: neither end hears another byte, nor that the other is gone. New ones live."""

        def silently() -> None:
            for line in self._lines:
                line.is_dead = True

        self._call(silently)

    def reset(self) -> None:
        """Cut every connection with a reset."""

        def abruptly() -> None:
            for line in self._lines:
                for end in line.ends:
                    _abort(end)

        self._call(abruptly)

    def refuse(self) -> None:
        """Cut every connection, and each new one, until `flow`."""

        def close() -> None:
            self._takes = False

        self._call(close)
        self.reset()

    def _call(self, work: Callable[[], Answer]) -> Answer:
        async def now() -> Answer:
            return work()

        return self._run(now())

    def _run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(ANSWER_S)

    async def _listen(self) -> None:
        for host in BROWSERS:
            self._servers.append(await asyncio.start_server(self._joined, host, self._port))

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for line in self._lines:
            for end in line.ends:
                _abort(end)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._relay(reader, writer)
        except asyncio.CancelledError:
            pass  # the wire is taken down
        finally:
            self._tasks.discard(task)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._open.wait()
            if not self._takes:
                _abort(writer)
                return
            far_reader, far_writer = await asyncio.open_connection(SERVER, self._port)
        except OSError:
            _abort(writer)  # nobody serves there now
            return
        line = _Line(writer, far_writer)
        self._lines.add(line)
        try:
            await asyncio.gather(
                self._pass(reader, far_writer, line),
                self._pass(far_reader, writer, line),
            )
        finally:
            self._lines.discard(line)
            for end in line.ends:
                end.close()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, line: _Line) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(PART_BYTES):
                await self._open.wait()
                if self._kbit_s is not None:
                    await asyncio.sleep(len(data) * 8 / 1000 / self._kbit_s)
                if not line.is_dead:
                    sink.write(data)
                    await sink.drain()
            await self._open.wait()
            if not line.is_dead and sink.can_write_eof():
                sink.write_eof()


def _abort(end: asyncio.StreamWriter) -> None:
    """Close with a reset instead of an end."""
    held = end.get_extra_info("socket")
    if held is not None:
        with contextlib.suppress(OSError):
            held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.transport.abort()


@contextlib.contextmanager
def wired(port: int) -> Iterator[Wire]:
    """Yield a wire to the server on a port; `beside` comes before the server starts."""
    with Wire(port) as wire:
        yield wire

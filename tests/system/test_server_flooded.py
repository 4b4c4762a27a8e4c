"""The server's process under a guest's flood over TLS: its memory, its descriptors, its journal, and what the household gets."""

import asyncio
import contextlib
import resource
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from device.contract import commands, replies
from provisioning.card.certs import issue
from provisioning.reader.reader import DoorClient, ReaderKeys
from server.arrivals.arrivals import SPARE, STRANGER
from server.routes.page import load_page
from tests.support.hijacked import RunningDoor
from tests.support.household import Household
from tests.system.device_process import PATIENCE_S, ROOT, free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
GUEST = "127.0.0.66"
DESCRIPTORS = 160
FLOOD = 1_500
MOST_KB = 80_000
HALF_A_HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"".join(
    f"X-{n}: {'x' * 7_000}\r\n".encode() for n in range(2)
)


class Flooded:
    """A server's process with few descriptors, its door, and a guest."""

    def __init__(self, household: Household, base: Path) -> None:
        issue(base / "tls", "localhost")
        self.tls = ssl.create_default_context(cafile=base / "tls" / "ca.pem")
        self.household, self.door, self.port = household, RunningDoor(household), free_port()
        self.journal = base / "journal"
        with self.journal.open("wb") as journal:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server", "--link", str(self.door.path), "--tls", str(base / "tls"),
                 "--listen", f"127.0.0.1:{self.port}", "--name", "localhost"],
                cwd=ROOT, stdout=journal, stderr=journal, preexec_fn=_few_descriptors,
            )  # fmt: skip
        self.guests: list[socket.socket] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.made = 0

    @property
    def descriptors(self) -> int:
        return sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())

    @property
    def peak_kb(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))

    async def flood(self, *, shakes_hands: bool) -> None:
        """Connect for as long as the test lasts, and never hang up before the kernel has no more."""
        while True:
            self.made += 1
            with contextlib.suppress(OSError):
                await (self._shakes_hands() if shakes_hands else self._says_nothing())

    async def _says_nothing(self) -> None:
        guest = socket.socket()
        self.guests.append(guest)
        if len(self.guests) > 200:
            self.guests.pop(0).close()
        guest.setblocking(False)
        guest.bind((GUEST, 0))
        await asyncio.get_running_loop().sock_connect(guest, ("127.0.0.1", self.port))

    async def _shakes_hands(self) -> None:
        _, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, local_addr=(GUEST, 0), ssl=self.tls, server_hostname="localhost"
        )
        self.writers.append(writer)
        writer.write(HALF_A_HEAD)

    async def loads_every_page(self) -> None:
        """Load all that the page consists of, over connections of its own."""
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=self.tls)) as session:
            for path in load_page():
                async with session.get(f"https://localhost:{self.port}{path}") as response:
                    assert response.status == 200
                    assert await response.read()

    def reader(self, keys: ReaderKeys) -> DoorClient:
        return DoorClient(f"https://localhost:{self.port}", keys, self.door.born_sha256, self.tls)


def _few_descriptors() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))


@pytest.fixture
async def flooded(household: Household, tmp_path: Path) -> AsyncIterator[Flooded]:
    flooded = Flooded(household, tmp_path)
    try:
        async with asyncio.timeout(PATIENCE_S):
            while "link up" not in flooded.journal.read_text():
                assert flooded.process.poll() is None, flooded.journal.read_text()
                await asyncio.sleep(0.05)
        yield flooded
    finally:
        for writer in flooded.writers:
            writer.transport.abort()
        flooded.writers.clear()
        for guest in flooded.guests:
            guest.close()
        flooded.process.terminate()
        flooded.process.wait(PATIENCE_S)
        flooded.door.close()


@pytest.mark.parametrize("shakes_hands", [False, True])
async def test_a_flood_over_tls_costs_the_household_nothing(flooded: Flooded, shakes_hands: bool) -> None:
    keys = ReaderKeys("Phone")
    async with flooded.reader(keys) as door:
        await door.pair(flooded.household.card.admit)
        before = flooded.descriptors
        guest = asyncio.create_task(flooded.flood(shakes_hands=shakes_hands))
        wanted = FLOOD if not shakes_hands else 300
        loads = 0
        while flooded.made < wanted or loads < 3:
            await flooded.loads_every_page()
            assert await door.ask(commands.AskHead(), replies.HeadBody) is not None
            assert flooded.descriptors <= before + STRANGER + 8
            assert flooded.descriptors < DESCRIPTORS - SPARE // 2
            loads += 1
            await asyncio.sleep(0)
        async with flooded.reader(keys) as again:
            await again.follow_ledger()
        guest.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await guest
        assert flooded.process.poll() is None
        assert flooded.peak_kb < MOST_KB
        listening, up, *more = flooded.journal.read_text().splitlines()
        assert "listening" in listening
        assert "link up" in up
        assert len(more) <= 2, "a line a minute"
        assert GUEST not in "".join(more), "who was here is nobody's business"

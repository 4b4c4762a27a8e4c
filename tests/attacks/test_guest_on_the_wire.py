"""A guest on the Wi-Fi below the door's messages: every route and method, slow connections, too many of them, before TLS too.

The server is whole here, its TLS as well, and a real device stands behind it. The household is at 127.0.0.1, guests elsewhere.
"""

import asyncio
import contextlib
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from device.contract import commands, messages, replies
from device.contract.client import LinkClient
from device.contract.link import MAX_CHANNELS
from provisioning.certs import issue
from provisioning.reader import DoorClient, ReaderKeys
from server import accepting, connections, listener
from server.app import make_app
from server.arrivals import RESERVE, STRANGER, TOTAL
from server.config import Config, Listen
from server.listener import serving
from server.page import Asset
from server.relay import SOCKETS_RESERVE
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


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("house") / "tls"
    issue(directory, "localhost")
    return directory


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


@pytest.fixture
async def house(
    household: Household, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    """One that waits for everybody for as long as a test takes."""
    monkeypatch.setattr(accepting, "HANDSHAKE_S", 100.0)
    async with opened(household, certificates) as house:
        yield house


@pytest.fixture
async def hasty_house(
    household: Household, certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    """One that waits for nobody longer than half a second."""
    monkeypatch.setattr(connections, "IDLE_S", IDLE_S)
    monkeypatch.setattr(accepting, "HANDSHAKE_S", IDLE_S)
    async with opened(household, certificates) as house:
        yield house


async def test_no_route_and_no_method_gives_a_guest_more_than_the_shell(house: House) -> None:
    """Whatever routes there will be: each is asked by every method, bare and as our own page would ask."""
    door, phone = house.door, house.door.join("A name that no guest may read")
    door.clip(b"sealed film")
    before = door.ledger.chain.head
    assert house.config.tls is not None
    certificate = (house.config.tls / "ca.pem").read_bytes()
    app = make_app(house.config, LinkClient(house.config.link), PAGE)
    paths = [resource.canonical for resource in app.router.resources()]
    assert {"/", "/door", "/sealed/{ticket}", "/doorward.crt"} <= set(paths)
    paths = [path.replace("{ticket}", "t" * 43).replace("{path}", "ledger") for path in paths]
    addresses = (f"127.1.{number >> 8}.{number & 255}" for number in range(1, 60_000))  # or it is too hasty
    own = (f"Origin: https://localhost:{house.port}", "Sec-Fetch-Site: same-origin")
    for path in [*paths, "/ledger", "/head", "/settings", "/spool/number", "/device.key", "/authority.pem"]:
        for method in METHODS:
            for headers in ((), own):
                request = house.request(method, path, *headers, "Connection: close")
                status, body = await _asked(house, request, next(addresses))
                public = path in ("/", "/doorward.crt")
                assert status == 200 if (method in ("GET", "HEAD") and public) else status >= 400
                assert body in (b"", SHELL, certificate) or set(json.loads(body)) == {"code", "sentence"}, (
                    method,
                    path,
                )
                assert phone.label.encode() not in body
    assert door.ledger.chain.head == before


async def _asked(house: House, request: bytes, address: str = GUEST) -> tuple[int, bytes]:
    reader, writer = await house.connect(address)
    try:
        writer.write(request)
        async with asyncio.timeout(5):
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]), body
    finally:
        writer.close()


HELLO = bytes.fromhex("16030102000100 01fc0303") + bytes(40)  # the beginning of a ClientHello
SAYS = {
    "no handshake": (b"", False),
    "half a hello": (HELLO, False),
    "no TLS at all": (b"GET / HTTP/1.1\r\n", False),
    "nothing after it": (b"", True),
    "half a header": (b"GET / HTTP/1.1\r\nHost: loc", True),
    "half the next": (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HT", True),
}


@pytest.mark.parametrize("sent", [*SAYS, "a header, letter by letter", "a hello, byte by byte"])
async def test_a_guest_who_is_slow_is_cut_off(hasty_house: House, sent: str) -> None:
    """Or a few hundred of them would hold every connection for ever, before the handshake or after it."""
    begins = {
        **SAYS,
        "a header, letter by letter": (b"GET / HTTP/1.1\r\nX: ", True),
        "a hello, byte by byte": (HELLO[:9], False),
    }
    first, tls = begins[sent]
    reader, writer = await hasty_house.connect(tls=tls)
    writer.write(first)
    async with asyncio.timeout(40 * IDLE_S):
        while True:
            try:
                if not await asyncio.wait_for(reader.read(65_536), IDLE_S / 10):
                    break
            except TimeoutError:
                if "by" in sent:
                    writer.write(b"x" if tls else b"\0")
            except ConnectionError:
                break
    writer.transport.abort()
    assert await hasty_house.is_served(GUEST)


@pytest.mark.parametrize("says", [says for says in SAYS if says != "no TLS at all"])  # which ends by itself
async def test_a_guest_who_takes_every_connection_over_tls_leaves_others_theirs(
    house: House, says: str
) -> None:
    """A seat is taken when the connection comes, not when its handshake ends: an unfinished one is counted like any other."""
    sent, tls = SAYS[says]
    held = [await house.holds(GUEST, sent, tls=tls) for _ in range(STRANGER + 12)]
    assert sum(held) == STRANGER
    assert not await house.is_served(GUEST)
    assert await house.is_served("127.0.0.2"), "somebody at another address"
    assert await house.is_served()
    house.guests.pop(0)()
    async with asyncio.timeout(10):
        while not await house.is_served(GUEST):
            await asyncio.sleep(0)


async def test_a_guest_who_shakes_hands_again_and_again_is_made_to_wait(house: House) -> None:
    """Each handshake costs us a signature; a guest who hangs up at once would have as many as the Pi can compute."""
    served = [await house.is_served(GUEST) for _ in range(120)]
    assert served[:40] == [True] * 40
    assert not all(served)
    assert await house.is_served("127.0.0.2")


async def test_a_guest_with_many_addresses_shuts_out_strangers_and_no_phone_that_was_heard(
    house: House,
) -> None:
    """On IPv4 one can answer for as many addresses as one likes. What is kept in reserve is for where a reader was."""
    keys = ReaderKeys("Phone")
    async with house.reader(keys) as door:
        await door.pair(house.door.household.card.admit)
        for number in range(1, 16):
            for _ in range(12):
                await house.holds(f"127.2.0.{number}", b"", tls=False)
        assert len(house.guests) == TOTAL - RESERVE - 1, "the member's own connection came as a stranger's"
        assert not await house.is_served("127.3.0.1"), "a phone that nobody has heard of waits: admitted"
        assert await house.is_served()
        async with house.reader(keys) as again:
            assert (await again.ask(commands.AskHead(), replies.HeadBody)) is not None
        assert (await door.ask(commands.AskHead(), replies.HeadBody)) is not None


async def test_a_flood_of_sockets_and_words_leaves_the_household_its_door(house: House) -> None:
    """Sockets and what is said on them are counted by address, over TLS too."""
    keys = ReaderKeys("Phone")
    async with house.reader(keys) as door:
        await door.pair(house.door.household.card.admit)
        upgrade = house.request(
            "GET",
            "/door",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        )
        statuses = []
        for number in range(1, 13):
            for _ in range(9):
                try:
                    reader, writer = await house.connect(f"127.4.0.{number}")
                    writer.write(upgrade)
                    statuses.append(int((await reader.readline()).split(b" ")[1]))
                except (OSError, ssl.SSLError, IndexError):
                    continue
                house.guests.append(writer.transport.abort)
                house.writers.append(writer)
                hello = messages.encode(messages.Hello(1))
                writer.write((bytes([0x81, 0x80 | len(hello)]) + bytes(4) + hello) * 30)
        assert statuses.count(101) <= MAX_CHANNELS - SOCKETS_RESERVE
        assert statuses.count(429) >= 12, "one address gets only so many"
        length = len(house.door.ledger.chain)
        async with house.reader(keys) as again:
            await again.follow_ledger()
        assert (await door.ask(commands.AskDays(), replies.Days)) is not None
        assert len(house.door.ledger.chain) >= length
        assert await house.is_served()


class Elsewhere(socket.socket):
    """A listening socket whose peers come from an address of the test's choice."""

    peer = ""

    def accept(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, _ = super().accept()
        return connection, (self.peer, 40_000)


@pytest.mark.parametrize(
    ("peer", "served"),
    [
        ("8.8.8.8", False), ("100.64.0.1", False), ("172.32.0.1", False), ("::ffff:8.8.8.8", False), ("2001:db8::1", False),
        ("2a00::1", False), ("64:ff9b::808:808", False), ("192.168.1.9", True), ("::ffff:192.168.1.9", True),
        ("fe80::1%eth0", True), ("fd00::7", True), ("169.254.7.7", True),
    ],
)  # fmt: skip  # a list of addresses
async def test_a_peer_from_elsewhere_is_dropped_before_a_byte_of_tls(
    household: Household, certificates: Path, monkeypatch: pytest.MonkeyPatch, peer: str, served: bool
) -> None:
    """A router that forwards the port shows the internet nothing, not even that somebody speaks TLS here."""

    def bound(listen: Listen) -> socket.socket:
        listening = Elsewhere(socket.AF_INET, socket.SOCK_STREAM)
        listening.peer = peer
        listening.bind((listen.host, listen.port))
        listening.setblocking(False)
        return listening

    monkeypatch.setattr(listener, "_bind", bound)
    async with opened(household, certificates) as house:
        assert await house.is_served() is served
        assert await house.holds(GUEST, HELLO, tls=False) is served


async def test_ipv6_and_ipv4_mapped_peers_are_served_over_tls(
    household: Household, certificates: Path
) -> None:
    async with opened(household, certificates, "::") as house:
        assert await house.is_served(), "comes as ::ffff:127.0.0.1"
        reader, writer = await asyncio.open_connection(
            "::1", house.port, ssl=house.tls, server_hostname="localhost"
        )
        writer.write(house.request())
        assert b" 200 " in await reader.readline()
        writer.transport.abort()

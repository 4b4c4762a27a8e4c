"""A guest on the Wi-Fi below the door's messages: every route and method, slow connections, too many of them, before TLS too.

The server is whole here, its TLS as well, and a real device stands behind it. The household is at 127.0.0.1, guests elsewhere.
"""

import asyncio
import json
import socket
from pathlib import Path

import pytest

from device.contract.client import LinkClient
from server import listener
from server.app import make_app
from server.config import Listen
from server.routes.validity import load_validity
from tests.support.household import Household
from tests.support.whole_server import GUEST, HELLO, IDLE_S, METHODS, PAGE, SAYS, SHELL, House, opened


async def test_no_route_and_no_method_gives_a_guest_more_than_the_shell(house: House) -> None:
    """Whatever routes there will be: each is asked by every method, bare and as our own page would ask."""
    door, phone = house.door, house.door.join("A name that no guest may read")
    door.clip(b"sealed film")
    before = door.ledger.chain.head
    assert house.config.tls is not None
    certificate = (house.config.tls / "ca.pem").read_bytes()
    until = load_validity(house.config.tls)["/certificates"].body
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
                public = path in ("/", "/doorward.crt", "/certificates")
                assert status == 200 if (method in ("GET", "HEAD") and public) else status >= 400
                assert body in (b"", SHELL, certificate, until) or set(json.loads(body)) == {
                    "code",
                    "sentence",
                }, (
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

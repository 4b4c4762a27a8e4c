"""TLS: 1.3 only, the leaf that fits the time, and certificates that cannot be used."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from provisioning.card.certs import LEAF, issue, make
from server.certificates.tls import TlsUnusable, choose, load_leaves
from server.certificates.validity import NotACertificate, validity
from server.config import BadSetting, Config, Listen, check_exposure, parse_listen, parse_name
from server.listener import PortUnusable, serving
from tests.server.conftest import PAGE
from tests.server.fake_device import FakeDevice

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("house") / "tls"
    issue(directory, "door.local")
    return directory


def client(certificates: Path, version: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certificates / "ca.pem")
    context.minimum_version = context.maximum_version = version
    return context


async def connected(certificates: Path, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return a connection to door.local at this port, its certificate verified."""
    tls = client(certificates, ssl.TLSVersion.TLSv1_3)
    return await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname="door.local")


async def test_only_tls_1_3_is_spoken_and_the_name_verifies(certificates: Path, tmp_path: Path) -> None:
    device = FakeDevice(tmp_path / "link")
    config = Config(device.path, Listen("127.0.0.1", 0), certificates, frozenset({"door.local"}))
    async with serving(config, PAGE, {}) as server:
        to = {"host": "127.0.0.1", "port": server.ports[0], "server_hostname": "door.local"}
        reader, writer = await asyncio.open_connection(ssl=client(certificates, ssl.TLSVersion.TLSv1_3), **to)
        writer.write(
            f"GET / HTTP/1.1\r\nHost: door.local:{server.ports[0]}\r\nConnection: close\r\n\r\n".encode()
        )
        answer = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"Strict-Transport-Security: max-age=63072000" in answer
        # The alert and the end of the connection race each other.
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection(ssl=client(certificates, ssl.TLSVersion.TLSv1_2), **to)
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.open_connection(
                ssl=client(certificates, ssl.TLSVersion.TLSv1_3), **{**to, "server_hostname": "127.0.0.1"}
            )
    device.vanish()


def test_the_leaf_follows_the_time(certificates: Path) -> None:
    leaves = load_leaves(certificates)
    begins = leaves[0].not_before_utc
    chosen = [choose(leaves, begins + timedelta(days=day)).path.stem for day in range(1, 3650, 50)]
    assert chosen == sorted(chosen)
    assert len(set(chosen)) == len(leaves)
    for day in range(1, 3650, 50):
        at_utc = begins + timedelta(days=day)
        assert choose(leaves, at_utc).margin(at_utc) > timedelta(days=14) or day == 1


def test_beyond_the_last_leaf_it_says_so(certificates: Path) -> None:
    leaves = load_leaves(certificates)
    with pytest.raises(TlsUnusable, match="has expired"):
        choose(leaves, leaves[-1].not_after_utc + timedelta(days=1))
    with pytest.raises(TlsUnusable, match="is not valid yet"):
        choose(leaves, leaves[0].not_before_utc - timedelta(days=1))


def test_certificates_that_cannot_be_used_are_named(certificates: Path, tmp_path: Path) -> None:
    with pytest.raises(TlsUnusable, match="cannot read"):
        load_leaves(tmp_path / "nowhere")
    with pytest.raises(TlsUnusable, match="holds no certificate"):
        load_leaves(tmp_path)
    (tmp_path / "leaf-00.pem").write_bytes((certificates / "leaf-00.pem").read_bytes())
    with pytest.raises(TlsUnusable, match=r"leaf-00.pem with its key"):
        load_leaves(tmp_path)
    (tmp_path / "leaf-00.key").write_bytes((certificates / "leaf-01.key").read_bytes())
    with pytest.raises(TlsUnusable, match=r"leaf-00.pem with its key"):
        load_leaves(tmp_path)
    (tmp_path / "leaf-00.pem").write_text("hello")
    with pytest.raises(TlsUnusable, match=r"leaf-00.pem with its key"):
        load_leaves(tmp_path)


def test_our_reading_of_a_validity_agrees_with_a_library() -> None:
    authority, leaves = make("door.local", NOW)
    for pem in (authority, *(leaf.certificate for leaf in leaves)):
        certificate = x509.load_pem_x509_certificate(pem)
        expected = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
        assert validity(ssl.PEM_cert_to_DER_cert(pem.decode())) == expected
    assert expected[1] - expected[0] < LEAF


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_no_certificate(data: bytes) -> None:
    with pytest.raises(NotACertificate):
        validity(data)


@pytest.mark.parametrize("text", ["127.0.0.1:80", "localhost:8300", "[::1]:443", "0.0.0.0:443", "[::]:443"])
def test_addresses_to_listen_on(text: str) -> None:
    assert parse_listen(text).port == int(text.rpartition(":")[2])


@pytest.mark.parametrize(
    "text",
    ["", "8300", "door.local:80", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "::1:80", "[127.0.0.1]:80"],
)
def test_what_is_no_address_to_listen_on(text: str) -> None:
    with pytest.raises(BadSetting, match="not an address and a port"):
        parse_listen(text)


def test_names(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse_name("Door.Local.") == "door.local"
    for text in ("", "-door", "door_local", "192.168.1.7", "a" * 64, "dör.local"):
        with pytest.raises(BadSetting):
            parse_name(text)


def test_plain_http_stays_on_this_computer() -> None:
    check_exposure("127.0.0.1", is_tls=False)
    check_exposure("0.0.0.0", is_tls=True)
    for host in ("0.0.0.0", "192.168.1.7", "::"):
        with pytest.raises(BadSetting, match="plain HTTP"):
            check_exposure(host, is_tls=False)


async def test_a_port_in_use_is_said_and_nothing_listens(tmp_path: Path) -> None:
    device = FakeDevice(tmp_path / "link")
    async with serving(Config(device.path, Listen("127.0.0.1", 0)), PAGE, {}) as server:
        with pytest.raises(PortUnusable, match="Address already in use"):
            async with serving(Config(device.path, Listen("127.0.0.1", server.ports[0])), PAGE, {}):
                pass
    device.vanish()


async def test_nothing_to_listen_on_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="nothing to listen on"):
        async with serving(Config(tmp_path / "link"), PAGE, {}):
            pass

"""The house's own certificate: what may be offered, to whom, and what is never served."""

from pathlib import Path

import pytest

from provisioning.card.certs import issue
from server.certificates.tls import TlsUnusable
from server.config import Config, Listen
from server.listener import serving
from server.routes.authority import MAX_BYTES, PATH, load_authority
from tests.server.certificates.test_tls import connected
from tests.server.conftest import PAGE, read_answer
from tests.server.fake_device import FakeDevice


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("house") / "tls"
    issue(directory, "door.local")
    return directory


def test_without_tls_or_without_an_authority_there_is_nothing_to_offer(tmp_path: Path) -> None:
    assert load_authority(None) == {}
    assert load_authority(tmp_path) == {}


def test_what_is_offered_is_the_file_to_the_byte(certificates: Path) -> None:
    [(path, asset)] = load_authority(certificates).items()
    assert (path, asset.content_type) == (PATH, "application/x-x509-ca-cert")
    assert asset.body == (certificates / "ca.pem").read_bytes()


def test_a_key_is_never_offered_whatever_file_it_is_in(certificates: Path, tmp_path: Path) -> None:
    whole, key = (certificates / "ca.pem").read_bytes(), (certificates / "leaf-00.key").read_bytes()
    for content in (
        key,
        whole + key,
        key + whole,
        whole + whole,
        whole + b"# a remark\n",
        b"",
        b"hello",
        whole[:-30],
        whole.replace(b"CERTIFICATE", b"PRIVATE KEY"),
        whole.ljust(MAX_BYTES + 1),
        b"\xff" + whole,
    ):
        (tmp_path / "ca.pem").write_bytes(content)
        with pytest.raises(TlsUnusable, match="one certificate and nothing else"):
            load_authority(tmp_path)


async def test_only_our_own_page_is_led_to_it(certificates: Path, tmp_path: Path) -> None:
    device = FakeDevice(tmp_path / "link")
    config = Config(device.path, Listen("127.0.0.1", 0), certificates, frozenset({"door.local"}))
    ours = "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"
    async with serving(config, PAGE, {}) as server:
        for method, more, status in (
            ("GET", ours, 200),
            ("HEAD", "", 200),
            ("GET", ours.replace("same-origin", "cross-site"), 403),
            ("GET", "Origin: https://evil.example\r\n", 403),
            ("POST", ours, 405),
        ):
            reader, writer = await connected(certificates, server.ports[0])
            writer.write(
                f"{method} {PATH} HTTP/1.1\r\nHost: door.local:{server.ports[0]}\r\n{more}\r\n".encode()
            )
            answer = await read_answer(reader, method == "HEAD")
            writer.transport.abort()
            assert answer.status == status, (method, more)
            if status == 200:
                assert answer.headers["content-type"] == "application/x-x509-ca-cert"
                assert "content-disposition" not in answer.headers, "a download goes to the files"
    device.vanish()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").mkdir()
    with pytest.raises(TlsUnusable, match=r"ca\.pem: Is a directory"):
        load_authority(tmp_path)

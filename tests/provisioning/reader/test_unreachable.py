"""Why no door answers, in our words: no library's, no number of a system."""

import socket
import threading
from pathlib import Path

import pytest

from provisioning.card.certs import issue
from provisioning.cli import run
from provisioning.reader.member import Member
from provisioning.reader.reader import ReaderKeys

JARGON = ("Errno", "ssl:", "_ssl.c", "[", "Cannot connect", "ClientConnector", "Traceback")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "laptop.key"
    path.write_bytes(Member("http://localhost", ReaderKeys("Laptop"), bytes(32)).text())
    return path


def told(key: Path, url: str, capsys: pytest.CaptureFixture[str], *more: str) -> list[str]:
    assert run(["settings", "wake", "--url", url, "--key", str(key), *more]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert not any(word in line for line in lines for word in JARGON), lines
    return lines


def test_nobody_listens(key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        assert told(key, url, capsys) == [
            f"error: {url}: nothing answers: “Connection refused”",
            "hint: check the address, and whether the door is running",
        ]


def test_a_name_that_nobody_knows(key: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (error, hint) = told(key, "http://nobody.invalid", capsys)
    assert error == "error: http://nobody.invalid: nobody on this network knows the name"
    assert "mDNS" in hint


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 404 Not Found\r\n\r\n"])
def test_something_else_listens(key: Path, capsys: pytest.CaptureFixture[str], answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def once() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)
            server.close()  # whoever tries once more is not kept waiting

        thread = threading.Thread(target=once, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        lines = told(key, url, capsys)
        thread.join()
    assert lines[0].startswith(f"error: {url}: ")
    assert lines[1].startswith("hint: ")


def test_a_file_that_is_no_certificate(key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    authority = tmp_path / "ca.crt"
    for content in ("", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        authority.write_text(content)
        error, hint = told(key, "https://localhost:1", capsys, "--ca", str(authority))
        assert error == f"error: {authority}: this is no certificate of a house's authority"
        assert "doorward card wrote it" in hint
    issue(tmp_path / "tls", "localhost")
    assert (
        "nothing answers"
        in told(key, "https://localhost:1", capsys, "--ca", str(tmp_path / "tls" / "ca.pem"))[0]
    )


@pytest.mark.parametrize(
    "url", ["door", "ftp://door", "https://", "https://door.local/page", "https://do or"]
)
def test_an_address_that_is_none_is_refused_before_anything_is_asked(
    key: Path, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    assert run(["settings", "wake", "--url", url, "--key", str(key)]) == 2
    assert f"'{url}' is no address such as https://door.local" in capsys.readouterr().err

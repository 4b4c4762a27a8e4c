"""Where a command's file goes: through links, into pipes and devices, to standard output, never over what is no plain file."""

import contextlib
import hashlib
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioning.card.card import read_card_file
from provisioning.cli import run
from provisioning.commands.output import NoOutput, Output
from provisioning.house.proof import check_proof
from tests.provisioning.conftest import Furnished


def opened(furnished: Furnished, out: str, *more: str, clip: int = 1) -> int:
    return run(
        ["clips", "open", str(furnished.state), str(clip), "-i", str(furnished.card_file), "-o", out, *more]
    )


@pytest.fixture
def film(furnished: Furnished, tmp_path: Path) -> bytes:
    out = tmp_path / "whole.mp4"
    assert opened(furnished, str(out)) == 0
    return out.read_bytes()


def test_a_file_is_replaced_when_it_is_asked_for(furnished: Furnished, film: bytes, tmp_path: Path) -> None:
    out = tmp_path / "taken"
    out.write_text("old")
    assert opened(furnished, str(out), "--force") == 0
    assert out.read_bytes() == film


def test_a_link_is_written_through(furnished: Furnished, film: bytes, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    for name, target in (("there", "elsewhere/old"), ("dangling", "elsewhere/new")):
        (tmp_path / name).symlink_to(target)
    (tmp_path / "elsewhere" / "old").write_text("old")
    assert opened(furnished, str(tmp_path / "there"), "--force") == 0
    assert opened(furnished, str(tmp_path / "dangling")) == 0
    for name in ("there", "dangling"):
        assert (tmp_path / name).is_symlink()
        assert (tmp_path / name).read_bytes() == film
        assert (tmp_path / name).resolve().parent == tmp_path / "elsewhere"


def test_standard_output_gets_the_film_and_nothing_else(
    furnished: Furnished, film: bytes, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    for name in ("-", "/dev/stdout"):
        capfdbinary.readouterr()
        assert opened(furnished, name) == 0
        out, err = capfdbinary.readouterr()
        assert out == film
        assert b"standard output: " in err
        assert b"Words of this film: " in err


def spoil(furnished: Furnished) -> None:
    path = furnished.clip(1) / "clip.mp4.age"
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)


def test_not_a_byte_of_a_film_that_does_not_hold_reaches_standard_output(
    furnished: Furnished, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    spoil(furnished)
    assert opened(furnished, "-") == 1
    assert capfdbinary.readouterr().out == b""


@contextlib.contextmanager
def reading(pipe: Path) -> Iterator[list[bytes]]:
    """Read a pipe to its end in a thread, from before anything is written."""
    got: list[bytes] = []
    descriptor = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(descriptor, True)
    holder = os.open(pipe, os.O_WRONLY)  # a pipe that nobody has opened yet ends at once

    def read() -> None:
        with open(descriptor, "rb") as end:  # noqa: PTH123 - a descriptor
            got.append(end.read())

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    try:
        yield got
    finally:
        os.close(holder)
        thread.join()


def test_a_pipe_gets_the_film_once_it_is_verified_and_stays_a_pipe(
    furnished: Furnished, film: bytes, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with reading(pipe) as got:
        assert opened(furnished, str(pipe)) == 0
    assert got == [film]
    spoil(furnished)
    with reading(pipe) as got:
        assert opened(furnished, str(pipe), "--force") == 1
    assert got == [b""]
    assert stat.S_ISFIFO(pipe.lstat().st_mode)


def test_a_device_is_written_to_and_never_replaced(furnished: Furnished) -> None:
    before = Path("/dev/null").stat()
    assert opened(furnished, "/dev/null", "--force") == 0
    after = Path("/dev/null").stat()
    assert stat.S_ISCHR(after.st_mode)
    assert (after.st_ino, after.st_rdev) == (before.st_ino, before.st_rdev)


def test_a_full_device_is_an_error(furnished: Furnished, capsys: pytest.CaptureFixture[str]) -> None:
    assert opened(furnished, "/dev/full") == 1
    assert capsys.readouterr().err.startswith("error: /dev/full: No space left on device\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a link of somebody else")
@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_a_stranger_laid_out_where_everybody_may_is_not_followed(
    furnished: Furnished, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    shared, caught = tmp_path / "shared", tmp_path / "caught"
    shared.mkdir()
    shared.chmod(0o1777)
    out = shared / "film.mp4"
    if kind == "link":
        out.symlink_to(caught)
    else:
        os.mkfifo(out)
    os.lchown(out, 65534, 65534)
    assert opened(furnished, str(out), "--force") == 1
    assert "somebody else made" in capsys.readouterr().err
    assert not caught.exists()


def test_a_terminal_is_not_filled_with_a_film(
    furnished: Furnished, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert opened(furnished, "-") == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "a terminal cannot show this" in captured.err


def test_two_files_cannot_go_where_there_is_room_for_one(
    furnished: Furnished, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = ["clips", "export", str(furnished.state), "1", "-i", str(furnished.card_file), "-o"]
    assert run([*export, "-"]) == 1
    assert "nothing can lie beside it" in capsys.readouterr().err
    card = [
        "card",
        "--name",
        "Door",
        "--state",
        str(tmp_path / "new"),
        "--url",
        "https://door.local",
        "-o",
        "-",
    ]
    assert run([*card, "--tls", str(tmp_path / "tls")]) == 1
    assert "nothing can lie beside it" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "tls").exists()


def test_an_export_whose_proof_has_no_place_writes_nothing(
    furnished: Furnished, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, proof = tmp_path / "film.mp4", tmp_path / "film.mp4.proof"
    proof.write_text("of another film")
    export = ["clips", "export", str(furnished.state), "1", "-i", str(furnished.card_file), "-o", str(out)]
    assert run(export) == 1
    assert f"{proof} is there already" in capsys.readouterr().err
    assert not out.exists()
    assert run([*export, "--force"]) == 0
    check_proof(proof.read_bytes(), hashlib.sha256(out.read_bytes()).digest())


def test_a_card_can_be_printed_without_touching_a_disk(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    card = [
        "card",
        "--name",
        "Door",
        "--state",
        str(tmp_path / "state"),
        "--url",
        "https://door.local",
        "-o",
        "-",
    ]
    assert run(card) == 0
    out, err = capfdbinary.readouterr()
    assert out.startswith(b"%PDF")
    assert b"Its card: standard output" in err
    assert {path.name for path in tmp_path.iterdir()} == {"state"}


def test_a_card_that_was_to_replace_another_leaves_it_if_no_door_is_born(
    furnished: Furnished, tmp_path: Path
) -> None:
    old = tmp_path / "card.txt"
    assert furnished.card_file != old
    old.write_text("another card")
    card = ["card", "--name", "Door", "--url", "https://door.local", "-o", str(tmp_path / "card.pdf")]
    assert run([*card, "--state", str(furnished.state), "--file", str(old), "--force"]) == 1
    assert old.read_text() == "another card"
    assert not (tmp_path / "card.pdf").exists()
    assert run([*card, "--state", str(tmp_path / "new"), "--file", str(old), "--force"]) == 0
    read_card_file(old)


def test_what_comes_to_stand_there_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    out = Output(str(tmp_path / "film.mp4"))
    out.check()

    def write() -> None:
        with out.opened() as file:
            file.write(b"film")
            (tmp_path / "film.mp4").write_text("somebody else's")

    with pytest.raises(NoOutput, match="is there already"):
        write()
    assert (tmp_path / "film.mp4").read_text() == "somebody else's"
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]

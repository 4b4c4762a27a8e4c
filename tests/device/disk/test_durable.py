"""Files that are whole or not there, and nobody else's before they are."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.disk.durable import TEMP_PREFIX, replacing, sweep, write_file


@pytest.fixture(autouse=True)
def careless_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_has_its_mode_before_its_first_byte_and_a_name_that_nobody_could_know(tmp_path: Path) -> None:
    names = set()
    for _ in range(20):
        with replacing(tmp_path / "secret") as descriptor:
            [temp] = tmp_path.glob(TEMP_PREFIX + "*")
            assert (mode(temp), temp.stat().st_size) == (0o600, 0)
            os.write(descriptor, b"secret")
            names.add(temp.name)
    assert len(names) == 20
    assert all(len(name) == len(TEMP_PREFIX) + 16 for name in names)
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    assert (mode(tmp_path / "secret"), (tmp_path / "secret").read_bytes()) == (0o600, b"secret")


@pytest.mark.parametrize("kind", ["file", "link", "pipe"])
def test_a_temp_file_that_somebody_made_first_is_never_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Even if they guessed its name."""
    monkeypatch.setattr("secrets.token_hex", lambda _: "0" * 16)
    theirs, elsewhere = tmp_path / f"{TEMP_PREFIX}{'0' * 16}", tmp_path / "elsewhere"
    if kind == "file":
        theirs.write_bytes(b"")
    elif kind == "link":
        theirs.symlink_to(elsewhere)
    else:
        os.mkfifo(theirs)
    with pytest.raises(FileExistsError):
        write_file(tmp_path / "secret", b"secret")
    assert not (tmp_path / "secret").exists()
    assert not elsewhere.exists()
    assert os.path.lexists(theirs), "it is not ours to remove either"


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_stood_at_the_name_is_replaced_and_not_written_to(tmp_path: Path, kind: str) -> None:
    path, elsewhere = tmp_path / "secret", tmp_path / "elsewhere"
    elsewhere.write_bytes(b"theirs")
    if kind == "link":
        path.symlink_to(elsewhere)
    else:
        path.write_bytes(b"theirs")
    with (elsewhere if kind == "link" else path).open("rb") as theirs:
        write_file(path, b"secret")
        assert theirs.read() == b"theirs"
    assert elsewhere.read_bytes() == b"theirs"
    assert (path.is_symlink(), path.read_bytes(), mode(path)) == (False, b"secret", 0o600)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_file_that_fails_or_is_interrupted_leaves_the_old_one_and_no_other(
    tmp_path: Path, error: BaseException
) -> None:
    write_file(tmp_path / "secret", b"old")

    def fail() -> None:
        with replacing(tmp_path / "secret") as descriptor:
            os.write(descriptor, b"half of the n")
            raise error

    with pytest.raises(type(error)):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    assert (tmp_path / "secret").read_bytes() == b"old"


def test_what_a_power_cut_leaves_is_swept(tmp_path: Path) -> None:
    (tmp_path / f"{TEMP_PREFIX}0123456789abcdef").write_bytes(b"half")
    (tmp_path / f"{TEMP_PREFIX}directory").mkdir()
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [f"{TEMP_PREFIX}directory"]

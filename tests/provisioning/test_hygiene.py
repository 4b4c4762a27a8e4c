"""Everything with a secret that the owner's command writes is the owner's alone, under a careless umask and in a shared place."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioning.cli import run
from provisioning.places import NotOurs, private_directory
from tests.provisioning.conftest import Furnished

SECRET = ("AGE-SECRET-KEY", "ADMIT1", "PRIVATE KEY", "ftyp")
PUBLIC = {"card.authority.crt", "card.authority.txt"}


@pytest.fixture(autouse=True)
def careless_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def made(base: Path, *, tls: bool = True, out: str = "card") -> None:
    arguments = [
        "card",
        "--name",
        "Front door",
        "--state",
        base / "new" / "state",
        "--url",
        "https://door.local",
    ]
    arguments += ["--out", base / f"{out}.pdf", "--file", base / f"{out}.txt"]
    arguments += ["--tls", base / "certificates" / "tls"] if tls else []
    assert run([str(argument) for argument in arguments]) == 0


def test_what_a_birth_writes_is_the_owners_alone(tmp_path: Path) -> None:
    made(tmp_path)
    for path in tmp_path.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o644 if path.name in PUBLIC else 0o700 if path.is_dir() else 0o600), path
    assert not [path for path in PUBLIC if any(word in (tmp_path / path).read_text() for word in SECRET)]


def test_a_film_and_its_proof_are_the_owners_alone(furnished: Furnished, tmp_path: Path) -> None:
    out = tmp_path / "film.mp4"
    for command in ("open", "export"):
        arguments = ["clips", command, furnished.state, 1, "-i", furnished.card_file, "-o", out, "--force"]
        assert run([str(argument) for argument in arguments]) == 0
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("film*")} == {0o600}
    assert list(tmp_path.glob(".new-*")) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of another user")
def test_a_card_never_goes_into_a_file_that_somebody_else_made_first(tmp_path: Path) -> None:
    """In a directory that others may write to, each name that the old way would take, and the last one, is theirs."""
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o777)
    theirs = []
    for name in (".new-card.txt", ".new-card.pdf"):
        path = shared / name
        path.write_text("theirs")
        os.chown(path, 65534, 65534)
        theirs.append(os.open(path, os.O_RDONLY))
    made(shared, tls=False)
    for descriptor in theirs:
        assert os.pread(descriptor, 100, 0) == b"theirs"
        os.close(descriptor)
    for name in ("card.txt", "card.pdf"):
        found = (shared / name).stat()
        assert (found.st_uid, stat.S_IMODE(found.st_mode)) == (os.geteuid(), 0o600)


def test_a_door_is_not_born_where_others_may_put_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o777)
    arguments = [
        "card",
        "--name",
        "D",
        "--state",
        state,
        "--url",
        "https://d.local",
        "--out",
        tmp_path / "c.pdf",
    ]
    assert run([str(argument) for argument in arguments]) == 1
    assert "other users may write there" in capsys.readouterr().err
    assert list(state.iterdir()) == []
    assert not (tmp_path / "c.pdf").exists()


@pytest.mark.parametrize(("mode", "is_ours"), [(0o700, True), (0o755, True), (0o775, True), (0o777, False)])
def test_a_directory_is_ours_if_nobody_else_may_write_to_it(tmp_path: Path, mode: int, is_ours: bool) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(mode)
    if is_ours:
        private_directory(home)
    else:
        with pytest.raises(NotOurs):
            private_directory(home)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory to another group")
def test_a_directory_of_another_group_that_may_write_to_it_is_not_ours(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o775)
    os.chown(home, -1, 65534)
    with pytest.raises(NotOurs):
        private_directory(home)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OSError, match="a directory belongs here"):
        private_directory(tmp_path / "link")

"""Every command is held to the newest line that this computer has seen of a door, and remembers a newer one. One file a door."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.trust.ledger import Chain, split
from provisioning.cli import run
from provisioning.demo.demo import Options, Stage, staged
from provisioning.house.house import House
from provisioning.reader import witness
from tests.provisioning.conftest import Furnished

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with staged(Options("scene", False, tmp_path_factory.mktemp("door") / "state", port)) as stage:
        yield stage


def card(door: Stage) -> str:
    return str(door.state.parent / "state-card" / "card.txt")


@pytest.fixture(scope="module")
def key(door: Stage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader of this door, who joined from a computer that remembers nothing yet."""
    home = tmp_path_factory.mktemp("elsewhere")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_STATE_HOME", str(home))
        out = home / "laptop.key"
        command = ["join", "--url", door.url, "--card", card(door), "--name", "Laptop", "-o", str(out)]
        assert run(command) == 0
    return out


def commands(door: Stage, key: Path, out: Path) -> dict[str, list[str]]:
    at, with_card = ["--url", door.url], ["--url", door.url, "--card", card(door)]
    return {
        "readers list": ["readers", "list", *with_card],
        "readers remove": ["readers", "remove", "Nobody", *with_card],
        "settings show": ["settings", "show", *at, "--key", str(key)],
        "settings snooze": ["settings", "snooze", "1", *at, "--key", str(key)],
        "join": ["join", *with_card, "--name", "Other", "-o", str(out / "other.key")],
        "new-card": [
            *["new-card", *at, "--name", "x", "--out", str(out / "new.pdf"), "--text", str(out / "new.txt")],
        ],
        "replace-card": ["replace-card", *with_card, "--name", "x", "--out", str(out / "card.pdf")],
        "verify": ["verify", str(door.state), "-i", card(door)],
        "grant": ["grant", str(door.state), "-i", card(door), "--to", "Laptop", "-o", str(out / "grant")],
    }


NAMES = (
    "readers list", "readers remove", "settings show", "settings snooze", "join", "new-card", "replace-card", "verify", "grant",
)  # fmt: skip  # a list of commands


def remembered(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "xdg" / "doorward").glob("*"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seen", ["longer", "forked", "unreadable"])
def test_a_past_that_is_not_the_one_that_was_seen_is_an_error(
    door: Stage, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, seen: str
) -> None:
    chain = House(door.state).chain
    witness.remember(chain)
    (path,) = remembered(tmp_path)
    born = chain.born_sha256.hex()
    other = "00" * 32
    line = {
        "longer": f"{len(chain) + 10_000} {other} {born}\n",
        "forked": f"1 {other} {born}\n",
        "unreadable": "what?\n",
    }[seen]
    if name == "new-card" and seen != "unreadable":
        # Nobody has a key that asks for the record: only the line in which the door was born can be held to what was seen.
        line = f"{len(chain)} {other} {other}\n"
    path.write_text(line)
    lines = len(chain)
    assert run(commands(door, key, tmp_path)[name]) == 1
    told = "".join(capsys.readouterr())
    assert "this computer" in told
    assert "in force" not in told.replace("is not in force", "")
    assert path.read_text() == line, "what was seen is not forgotten"
    assert [reader.label for reader in House(door.state).chain.roster.readers] == ["Laptop"]
    assert not (tmp_path / "grant").exists()
    assert lines <= len(House(door.state).chain)


@pytest.mark.parametrize("name", ["readers list", "settings show", "settings snooze", "verify", "grant"])
def test_what_holds_is_remembered_in_one_file_whatever_command_saw_it(
    door: Stage, key: Path, tmp_path: Path, name: str
) -> None:
    code = run(commands(door, key, tmp_path)[name])
    assert code == 0 or name == "grant", "a door without a clip has nothing to grant"
    (path,) = remembered(tmp_path)
    seq, digest, born = path.read_text().split()
    chain = House(door.state).chain
    assert chain.holds(int(seq), bytes.fromhex(digest))
    assert bytes.fromhex(born) == chain.born_sha256
    assert int(seq) > 1


def test_an_older_copy_is_not_kept_in_the_place_of_what_was_seen(
    furnished: Furnished, tmp_path: Path
) -> None:
    """A copy from last week is honest, and shorter than what was seen since."""
    house = House(furnished.state)
    witness.remember(house.chain)
    (path,) = remembered(tmp_path)
    kept = path.read_text()
    ledger = furnished.state / "ledger"
    ledger.write_bytes(b"".join(ledger.read_bytes().splitlines(keepends=True)[:-2]))
    (furnished.state / "head").unlink()
    assert run(["verify", str(furnished.state), "-i", str(furnished.card_file)]) == 1
    assert path.read_text() == kept


def test_an_older_head_is_not_remembered_in_the_place_of_a_newer_one(
    furnished: Furnished, tmp_path: Path
) -> None:
    lines, _ = split((furnished.state / "ledger").read_bytes())
    older, whole = Chain(), Chain()
    for raw in lines:
        whole.add(raw)
    for raw in lines[:-2]:
        older.add(raw)
    witness.remember(whole)
    (path,) = remembered(tmp_path)
    kept = path.read_text()
    witness.remember(older)
    assert path.read_text() == kept


def test_a_memory_in_whose_place_something_else_stands_is_not_as_if_there_were_none(
    furnished: Furnished, tmp_path: Path
) -> None:
    chain = House(furnished.state).chain
    witness.remember(chain)
    (path,) = remembered(tmp_path)
    for data in (b"\xff\xfe", None):
        path.unlink()
        if data is None:
            path.mkdir()
        else:
            path.write_bytes(data)
        assert "cannot be read" in witness.doubt(chain)

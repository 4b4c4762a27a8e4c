"""One sealed film by itself: opened, verified as far as it can be, and told no further."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from device.sealing.identities import HybridIdentity
from provisioning.cli import run
from provisioning.house.genuine import read_record
from provisioning.house.house import House
from provisioning.house.proof import prove
from provisioning.house.words import film_words
from tests.provisioning.conftest import Furnished, says_anew

WITHOUT = "who sealed it, only the door's directory or a proof can tell"


@pytest.fixture
def alone(furnished: Furnished, tmp_path: Path) -> Path:
    """Clip 1, away from its door."""
    path = tmp_path / "alone" / "clip.mp4.age"
    path.parent.mkdir()
    shutil.copy(furnished.clip(1) / "clip.mp4.age", path)
    return path


def opened(furnished: Furnished, film: Path, out: Path, *more: str) -> int:
    return run(["clips", "open", str(film), "-i", str(furnished.card_file), "-o", str(out), *more])


def test_a_sealed_film_opens_alone_and_says_the_words_of_the_drill(
    furnished: Furnished, alone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.mp4"
    assert opened(furnished, alone, out) == 0
    told = capsys.readouterr()
    assert f"{out}: {out.stat().st_size:,} bytes, whole" in told.out
    assert f"Words of this film: {film_words(hashlib.sha256(out.read_bytes()).digest())}" in told.out
    assert "genuine" not in told.out
    assert WITHOUT in told.err


def test_a_proof_beside_it_is_held_to_it(
    furnished: Furnished, alone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = str(furnished.card_file)
    film = alone.with_name("clip.mp4")
    assert run(["clips", "export", str(furnished.state), "1", "-i", key, "-o", str(film)]) == 0
    words = capsys.readouterr().out.split("key reads: ")[1].strip()
    assert opened(furnished, alone, tmp_path / "out.mp4") == 0
    told = capsys.readouterr()
    assert f"The proof beside it holds. Sealed by the device whose key reads {words}." in told.out
    assert WITHOUT not in told.err
    says_anew(furnished, plaintext_sha256=bytes(32))
    house = House(furnished.state, [furnished.household.card.open])
    film.with_name("clip.mp4.proof").write_bytes(prove(house, read_record(house, 3)))
    assert opened(furnished, alone, tmp_path / "other.mp4") == 1
    assert "the film is not the one that the proof is of" in capsys.readouterr().err
    assert not (tmp_path / "other.mp4").exists()


@pytest.mark.parametrize(
    ("cut", "says"), [(-1, "clip.mp4.age: "), (-70_000, "cut short"), (40, "clip.mp4.age")]
)
def test_what_is_not_whole_is_written_only_if_one_insists(
    furnished: Furnished, alone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], cut: int, says: str
) -> None:
    alone.write_bytes(alone.read_bytes()[:cut])
    out = tmp_path / "out.mp4"
    assert opened(furnished, alone, out) == 1
    assert says in capsys.readouterr().err
    assert not out.exists()
    insisted = opened(furnished, alone, out, "--anyway")
    assert insisted == (1 if cut > 0 else 0)
    assert out.exists() == (cut < 0)
    assert cut > 0 or "not whole" in capsys.readouterr().out


def test_a_strangers_key_or_another_file_opens_nothing(
    furnished: Furnished, alone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = furnished.key_file(HybridIdentity.generate())
    out = tmp_path / "out.mp4"
    assert run(["clips", "open", str(alone), "-i", str(other), "-o", str(out)]) == 1
    assert "does not open" in capsys.readouterr().err
    alone.write_bytes(b"a letter")
    assert opened(furnished, alone, out) == 1
    assert capsys.readouterr().err.startswith(f"error: {alone}")
    assert not out.exists()


def test_a_film_that_lies_in_its_doors_directory_is_held_to_the_doors_record(
    furnished: Furnished, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = furnished.clip(3) / "clip.mp4.age"
    assert opened(furnished, film, tmp_path / "out.mp4") == 0
    assert "genuine" in capsys.readouterr().out
    says_anew(furnished, plaintext_sha256=bytes(32))
    assert opened(furnished, film, tmp_path / "other.mp4") == 1
    assert "is not what the door recorded" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"), [(["DIR"], "name the clip too"), (["FILE", "3"], "is one film")]
)
def test_a_directory_has_clips_and_a_film_has_none(
    furnished: Furnished, alone: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    named = {"DIR": str(furnished.state), "FILE": str(alone)}
    words = [named.get(word, word) for word in arguments]
    assert run(["clips", "open", *words, "-i", str(furnished.card_file), "-o", "x.mp4"]) == 2
    assert says in capsys.readouterr().err


def test_check_finds_the_proof_beside_the_film(
    furnished: Furnished, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = tmp_path / "film.mp4"
    key = str(furnished.card_file)
    assert run(["clips", "export", str(furnished.state), "1", "-i", key, "-o", str(film)]) == 0
    assert run(["clips", "check", str(film)]) == 0
    (tmp_path / "film.mp4.proof").rename(tmp_path / "elsewhere")
    capsys.readouterr()
    assert run(["clips", "check", str(film)]) == 1
    assert "film.mp4.proof" in capsys.readouterr().err
    assert run(["clips", "check", str(film), str(tmp_path / "elsewhere")]) == 0


def test_a_past_that_is_not_the_one_that_was_seen_is_told_when_a_clip_is_opened_or_exported(
    furnished: Furnished, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = str(furnished.card_file)
    assert run(["verify", str(furnished.state), "-i", key]) == 0
    (seen,) = (tmp_path / "xdg" / "doorward").iterdir()
    _, _, born = seen.read_text().split(" ")
    seen.write_text(f"3 {'0' * 64} {born}")
    for command in ("open", "export"):
        capsys.readouterr()
        out = str(tmp_path / f"{command}.mp4")
        assert run(["clips", command, str(furnished.state), "1", "-i", key, "-o", out]) == 1
        assert "warning: this computer has seen another line 3" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["ledger", "head", "epochs", "event", "begun", "clip.mp4.age", "spool"])
def test_a_pipe_in_the_place_of_a_file_of_the_door_holds_nobody_up(
    furnished: Furnished, tmp_path: Path, place: str
) -> None:
    path = (furnished.clip(3) if place in ("event", "begun", "clip.mp4.age") else furnished.state) / place
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    os.mkfifo(path)
    key = str(furnished.card_file)
    for words in (
        ["verify", "DIR"],
        ["clips", "list", "DIR"],
        ["grant", "DIR", "--to", "1", "-o", "OUT", "--force"],
    ):
        named = {"DIR": str(furnished.state), "OUT": str(tmp_path / "grant")}
        assert run([*(named.get(word, word) for word in words), "-i", key]) in (0, 1)

"""Whether a new door hears is for its owner to say, at set-up, with a sentence on what it means."""

import io
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from provisioning.cli import run
from provisioning.install.plan import Wishes
from provisioning.install.ssh import Unreachable
from tests.provisioning.install.conftest import PI, new
from tests.provisioning.install.stranger import Stranger


@pytest.mark.parametrize(
    ("words", "attended", "answer", "hears"),
    [
        ([], True, "y\n", "default"),
        ([], True, "\n", ""),
        ([], False, "y\n", ""),
        (["--yes"], True, "y\n", ""),
        (["--microphone", "plughw:CARD=Device"], True, "", "plughw:CARD=Device"),
    ],
)
def test_whether_a_new_door_hears_is_asked_once_and_no_is_the_answer(
    stranger: Stranger,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    attended: bool,
    answer: str,
    hears: str,
) -> None:
    stranger.is_a(PI)
    wanted: list[str] = []

    def put(_ssh: object, _facts: object, wishes: Wishes, *_: object) -> NoReturn:
        wanted.append(wishes.microphone)
        raise Unreachable("enough", hint="")

    monkeypatch.setattr("provisioning.commands.install.put_onto", put)
    monkeypatch.setattr("provisioning.commands.install.is_attended", lambda: attended)
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    assert run([*new(tmp_path), *words]) == 1
    assert wanted == [hears]
    asked = "consent of everybody who is heard" in capsys.readouterr().err
    assert asked is (attended and words == [])


def test_a_door_that_lives_there_is_asked_nothing(
    stranger: Stranger, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger.is_a(replace(PI, born="ab" * 32, name="door.local", current="releases/1-a"))
    monkeypatch.setattr("provisioning.commands.install.is_attended", lambda: True)
    run(["install", "pi@door"])
    assert "Shall the door hear" not in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--camera", "a window"], ["--microphone", "x" * 101]])
def test_what_no_door_could_start_with_is_refused_before_anything_is_asked_of_the_pi(
    stranger: Stranger, tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*new(tmp_path), *words]) == 1
    assert "error: a new door: " in capsys.readouterr().err
    assert not (stranger.here / "called").exists()

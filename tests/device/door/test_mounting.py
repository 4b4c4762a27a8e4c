"""What the configuration says is mounted, opened where nothing of it is there: each lack is a sentence, and the rest goes on."""

import os
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.config import Config, Door, Link
from device.contract.settings import Settings
from device.door.mounting import mount, push_of, sounder_of
from device.door.player import Player
from device.door.sounds import SOUNDS
from device.door.voice import Voice
from tests.support.household import DrivenClock


@pytest.fixture(autouse=True)
def _aplay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A program of this name, which nothing is played with here."""
    program = tmp_path / "bin" / "aplay"
    program.parent.mkdir()
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    return


def trouble(door: Door) -> str:
    sounder = sounder_of(door, 0)
    assert sounder is not None
    sounder.close()
    return sounder.trouble


def test_where_nothing_is_mounted_nothing_is_opened() -> None:
    assert push_of(Door(), 0) is None
    assert sounder_of(Door(), 0) is None


@pytest.mark.parametrize("sound", SOUNDS)
def test_each_of_our_sounds_can_be_played(sound: str) -> None:
    assert trouble(Door(chime=sound)) == ""


def test_a_sound_of_the_household_is_read_and_played_as_long_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "own.wav"
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(b"\x01\x10" * 24_000)
    monkeypatch.setattr(Player, "play", lambda _: None)
    sounder = sounder_of(Door(chime=str(file)), 0)
    assert sounder is not None
    assert sounder.trouble == ""
    sounder.close()


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (lambda _: None, "No such file"),
        (lambda file: file.write_bytes(b"no sound"), "no WAV file"),
        (Path.mkdir, "no regular file"),
        (lambda file: file.symlink_to("/etc/hostname"), "symbolic links"),
        (lambda file: file.touch() or os.truncate(file, 10**9), "larger than"),
    ],
)
def test_a_sound_that_is_none_is_told_and_nothing_waits_for_it(tmp_path: Path, made, sentence: str) -> None:
    file = tmp_path / "own.wav"
    made(file)
    told = trouble(Door(chime=str(file)))
    assert told.startswith(f"{file}: ")
    assert sentence in told


def test_a_door_without_pins_program_or_card_says_each_and_is_there_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("device.door.line.DEVICES", tmp_path)
    door = Door(button="GPIO17", chime="bell", relay="/dev/gpiochip99:4", loudspeaker="default")
    config = Config(door=door, link=Link(socket=str(tmp_path / "link")))
    panel = mount(config, DrivenClock(), Settings, lambda _: None, tuple, Voice())
    assert [condition.kind for condition in panel.conditions()] == ["button", "chime", "loudspeaker"]
    button, chime, loudspeaker = (record.message for record in caplog.records)
    assert button.startswith("button: GPIO17: no chip has a line of this name; ")
    assert "aplay is not installed" in chime
    assert "/dev/gpiochip99:4: there is no such chip" in chime
    assert "aplay is not installed" in loudspeaker
    panel.close()

"""The player, with ALSA's own program: what it is given is what a card gets, and what it says is a sentence."""

import io
import os
import shutil
import time
import wave
from pathlib import Path

import numpy as np
import pytest

from device.door.errors import DoorError
from device.door.player import PROGRAM, Player
from device.door.sounds import made
from tests.support.waiting import wait_for

SOUND = made("bell", 50)
needs_alsa = pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="alsa-utils is not installed")


def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program of ours in the place of ``aplay``."""
    file = tmp_path / PROGRAM
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


@needs_alsa
def test_a_card_gets_the_whole_sound_each_time_it_is_played(tmp_path: Path) -> None:
    """ALSA's file device is a card that writes down what it plays."""
    card = tmp_path / "card.raw"
    player = Player(SOUND, f"file:{card},raw")
    with wave.open(io.BytesIO(SOUND)) as sound:
        wanted = sound.readframes(sound.getnframes())
    for _ in range(2):
        card.unlink(missing_ok=True)
        player.play()
        wait_for(lambda: player.ended(overdue=False))
        heard = np.frombuffer(card.read_bytes(), "<i2")
        assert np.array_equal(heard[: len(wanted) // 2], np.frombuffer(wanted, "<i2"))
        assert not heard[len(wanted) // 2 :].any(), "what fills the card's last buffer is silence"
    player.close()


@needs_alsa
def test_without_a_card_it_says_so_in_alsas_words_and_can_be_asked_again() -> None:
    player = Player(SOUND, "nosuchcard")
    for _ in range(2):
        player.play()
        with pytest.raises(DoorError, match="not heard: audio open error: No such file or directory") as told:
            wait_for(lambda: player.ended(overdue=False))
        assert "aplay -L" in told.value.hint
    player.close()


def test_a_card_that_hangs_is_ended_when_it_is_overdue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, monkeypatch, f"echo $$ > {tmp_path}/pid; exec sleep 600")
    player = Player(SOUND, "default")
    player.play()
    pid_file = tmp_path / "pid"
    wait_for(lambda: pid_file.exists() and pid_file.read_text().strip())
    assert not player.ended(overdue=False)
    with pytest.raises(DoorError, match="never comes to an end"):
        player.ended(overdue=True)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)
    assert player.ended(overdue=False)
    player.close()


def test_a_new_ring_ends_what_still_plays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, f"echo $$ >> {tmp_path}/pids; exec sleep 600")
    player = Player(SOUND, "default")
    pids = tmp_path / "pids"
    for count in (1, 2):
        player.play()
        wait_for(lambda count=count: pids.exists() and len(pids.read_text().split()) == count)  # type: ignore[misc]
    player.close()
    for pid in pids.read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


def test_what_it_says_reaches_no_journal_as_more_than_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, monkeypatch, r"printf 'aplay: main:831: no \033[31mcard\n' >&2; exit 1")
    player = Player(SOUND, "default")
    player.play()
    with pytest.raises(DoorError) as told:
        wait_for(lambda: player.ended(overdue=False))
    assert str(told.value) == "the chime was not heard: no [31mcard"
    player.close()


def test_without_the_program_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DoorError, match="aplay is not installed") as told:
        Player(SOUND, "default")
    assert "alsa-utils" in told.value.hint


def test_to_begin_takes_no_time_that_a_relay_could_miss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, monkeypatch, "exec sleep 600")
    player = Player(SOUND, "default")
    begun = time.thread_time()
    player.play()
    assert time.thread_time() - begun < 0.2, "its own time, and no waiting for a card"
    player.close()

"""The loudspeaker, with ALSA's own program: what is said is what a card gets, and what is wrong is a sentence."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from device.door.errors import DoorError
from device.door.loudspeaker import Loudspeaker
from device.door.player import PROGRAM
from device.door.voice import FRAME_BYTES
from tests.support.waiting import wait_for

needs_alsa = pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="alsa-utils is not installed")
RNG = np.random.default_rng(15)


def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program of ours in the place of ``aplay``."""
    file = tmp_path / PROGRAM
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


def says(loudspeaker: Loudspeaker, sound: bytes) -> None:
    wait_for(lambda: loudspeaker.write(sound))


@needs_alsa
def test_a_card_gets_each_moment_in_order_and_nothing_else(tmp_path: Path) -> None:
    """ALSA's file device is a card that writes down what it plays."""
    card = tmp_path / "card.raw"
    loudspeaker = Loudspeaker(f"file:{card},raw")
    for _ in range(2):
        card.unlink(missing_ok=True)
        moments = [RNG.bytes(FRAME_BYTES) for _ in range(25)]
        loudspeaker.begin()
        for moment in moments:
            says(loudspeaker, moment)
        loudspeaker.finish()
        wait_for(lambda: loudspeaker.ended(overdue=False))
        heard, said = card.read_bytes(), b"".join(moments)
        assert heard[: len(said)] == said
        assert not any(heard[len(said) :]), "what fills the card's last buffer is silence"
    loudspeaker.close()


@needs_alsa
def test_without_a_card_it_says_so_in_alsas_words_and_writing_does_no_harm() -> None:
    loudspeaker = Loudspeaker("nosuchcard")
    for _ in range(2):
        loudspeaker.begin()
        with pytest.raises(
            DoorError, match="nobody was heard: audio open error: No such file or dir"
        ) as told:
            wait_for(lambda: [loudspeaker.write(bytes(FRAME_BYTES)), loudspeaker.ended(overdue=False)][1])
        assert "aplay -L" in told.value.hint
        assert not loudspeaker.write(bytes(FRAME_BYTES))
    loudspeaker.close()


def test_a_card_that_takes_nothing_is_never_waited_for_and_holds_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, monkeypatch, f"echo $$ > {tmp_path}/pid; exec sleep 600")
    loudspeaker = Loudspeaker("default")
    loudspeaker.begin()
    assert loudspeaker.write(bytes(FRAME_BYTES))
    assert not loudspeaker.write(bytes(FRAME_BYTES)), "one waits, and no more"
    pid_file = tmp_path / "pid"
    wait_for(lambda: pid_file.exists() and pid_file.read_text().strip())
    loudspeaker.finish()
    assert not loudspeaker.ended(overdue=False)
    with pytest.raises(DoorError, match="never comes to an end"):
        loudspeaker.ended(overdue=True)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)
    loudspeaker.close()


def test_many_talks_leave_no_descriptor_and_no_process_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, monkeypatch, "exec cat >/dev/null")
    loudspeaker = Loudspeaker("default")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        loudspeaker.begin()
        says(loudspeaker, bytes(FRAME_BYTES))
    loudspeaker.finish()
    wait_for(lambda: loudspeaker.ended(overdue=False))
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    loudspeaker.close()


def test_without_the_program_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DoorError, match="aplay is not installed") as told:
        Loudspeaker("default")
    assert "alsa-utils" in told.value.hint

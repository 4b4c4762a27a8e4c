"""The microphone, with ALSA's own program: what a card gives is what is heard, and what it says against that is a sentence."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from device.hearing.errors import HearingError
from device.hearing.microphone import PIPE_BYTES, PROGRAM, Microphone
from device.hearing.sound import MOMENT_BYTES
from tests.support.waiting import wait_for

needs_alsa = pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="alsa-utils is not installed")


def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program of ours in the place of ``arecord``."""
    file = tmp_path / PROGRAM
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


@needs_alsa
def test_what_a_card_gives_is_heard_to_the_last_bit(tmp_path: Path) -> None:
    """ALSA's file device is a card that hears what was written down."""
    spoken = np.random.default_rng(3).integers(-20_000, 20_000, 32_000).astype("<i2").tobytes()
    (tmp_path / "spoken.raw").write_bytes(spoken)
    card = f"{{type file file /dev/null infile {tmp_path}/spoken.raw format raw slave.pcm null}}"
    microphone = Microphone(f"plug:{{SLAVE={card}}}")
    heard = b"".join(microphone.moment() for _ in range(50))
    microphone.close()
    assert heard == spoken


@needs_alsa
def test_without_a_card_it_says_so_in_alsas_words() -> None:
    microphone = Microphone("nosuchcard")
    with pytest.raises(
        HearingError, match="nothing is heard: audio open error: No such file or directory"
    ) as told:
        microphone.moment()
    assert "arecord -L" in told.value.hint
    microphone.close()


def test_a_card_that_is_pulled_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, f"head -c {MOMENT_BYTES + 100} /dev/zero; exit 1")
    microphone = Microphone("default")
    assert microphone.moment() == bytes(MOMENT_BYTES)
    with pytest.raises(HearingError, match="the sound card is gone"):
        microphone.moment()
    microphone.close()


def test_a_card_that_hangs_is_told_and_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("device.hearing.microphone.SILENT_S", 0.1)
    program(tmp_path, monkeypatch, f"echo $$ > {tmp_path}/pid; exec sleep 600")
    microphone = Microphone("default")
    pid_file = tmp_path / "pid"
    wait_for(lambda: pid_file.exists() and pid_file.read_text().strip())
    with pytest.raises(HearingError, match="'default' gives no sound"):
        microphone.moment()
    microphone.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


def test_whoever_does_not_listen_holds_the_program_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A recorder that stalls costs a pipe's room, not memory: the program is stopped in the midst of its writing."""
    counting = f"""
import os, sys
os.set_blocking(1, False)
written = 0
try:
    while True: written += os.write(1, bytes(1024))
except BlockingIOError: pass
open('{tmp_path}/written.new', 'w').write(str(written))
os.rename('{tmp_path}/written.new', '{tmp_path}/written')
os.set_blocking(1, True)
os.write(1, bytes(65536))
"""
    (tmp_path / "counting.py").write_text(counting)
    program(tmp_path, monkeypatch, f"exec python3 {tmp_path}/counting.py")
    microphone = Microphone("default")
    wait_for((tmp_path / "written").exists)
    microphone.close()
    assert int((tmp_path / "written").read_text()) == PIPE_BYTES


def test_what_it_says_reaches_no_journal_as_more_than_letters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, monkeypatch, r"printf 'arecord: main:831: no \033[31mcard\n' >&2; exit 1")
    microphone = Microphone("default")
    with pytest.raises(HearingError) as told:
        microphone.moment()
    assert str(told.value) == "nothing is heard: no [31mcard"
    microphone.close()


def test_without_the_program_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HearingError, match="arecord is not installed") as told:
        Microphone("default")
    assert "alsa-utils" in told.value.hint


def test_what_cannot_be_started_is_told_and_leaves_no_descriptor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, monkeypatch, "")
    (tmp_path / PROGRAM).write_bytes(b"\x7fELF, cut short")
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(HearingError, match="cannot be started"):
        Microphone("default")
    assert len(list(Path("/proc/self/fd").iterdir())) == before

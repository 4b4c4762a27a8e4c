"""ALSA's programs where the kernel gives no more files: it costs the part, and leaves no file open."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from device.door.loudspeaker import Loudspeaker
from device.door.player import Player
from device.door.sounder import Sounder
from device.door.speech import Speech
from device.door.voice import Voice
from device.hearing.microphone import Microphone
from tests.support.mounted import Relay

FULL = os.strerror(errno.EMFILE)


def loudspeaker() -> None:
    playing = Loudspeaker("default")
    try:
        playing.begin()
    finally:
        playing.close()


OPENS: dict[str, Callable[[], object]] = {
    "chime": lambda: Player(b"RIFF", "default"),
    "loudspeaker": loudspeaker,
    "microphone": lambda: Microphone("default"),
}
CALLS = {"chime": "memfd_create", "loudspeaker": "pipe2", "microphone": "pipe2"}


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("aplay", "arecord"):
        (tmp_path / name).write_text("#!/bin/sh\nexec sleep 60\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


def no_more(monkeypatch: pytest.MonkeyPatch, call: str, after: int) -> None:
    """Have the kernel refuse one kind of file, once it gave ``after`` of them."""
    given, real = iter(range(after)), getattr(os, call)

    def refuses(*arguments: Any) -> Any:
        if next(given, None) is None:
            raise OSError(errno.EMFILE, FULL)
        return real(*arguments)

    monkeypatch.setattr(os, call, refuses)


def files() -> int:
    """Return how many this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.usefixtures("programs")
@pytest.mark.parametrize("part", OPENS)
def test_a_part_that_cannot_be_opened_leaves_no_file_open(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    no_more(monkeypatch, CALLS[part], after=1 if part == "chime" else 0)
    before = files()
    with pytest.raises(OSError, match=FULL):
        OPENS[part]()
    assert files() == before


def test_a_kernel_that_gives_no_more_costs_voice_and_chime_and_not_the_door() -> None:
    """Their thread takes the device with it, and the device the recording."""

    def refused() -> NoReturn:
        raise OSError(errno.EMFILE, FULL)

    speech = Speech(Voice(), refused, 100, 0)
    sounder = Sounder(refused, Relay, 300_000, 0)
    speech.attend(1)
    sounder.ring(1, sounds=True)
    assert (speech.trouble, sounder.trouble) == (FULL, FULL)

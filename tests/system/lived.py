"""A door that has lived: paired, watched, killed, started again, with copies of what a thief would have found at two moments."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from device.contract import commands, replies
from provisioning.card.card import Card
from provisioning.demo.demo import Options, Stage, staged
from provisioning.reader.reader import DoorClient, ReaderKeys
from tests.system.device_process import THREE_CHUNKS, free_port, running_bytes, wait_for

NOWHERE = ("socket:", "anon_inode:", "pipe:", "/dev/null")
STANDARD = {"0", "1", "2"}  # whoever starts the process gives it these


@dataclass
class Lived:
    """What is left of it, and who could open it.

    Attributes:
        home: everything that its processes wrote, and nothing else.
        in_mid_clip: a copy of ``home`` from while a clip was running.
        card_home: where the demo keeps the card.
        written: files that the processes had open for writing in mid clip.
    """

    home: Path
    in_mid_clip: Path
    card_home: Path
    card: Card
    reader: ReaderKeys
    written: set[str]

    @property
    def state(self) -> Path:
        return self.home / "door" / "state"


def live(base: Path) -> Lived:
    """Return a door after three lives; the last two clips are one whole and one cut by kill -9."""
    home, card_home = base / "home", base / "home" / "door" / "state-card"
    (home / "temp").mkdir(parents=True)
    keys = ReaderKeys("Phone")
    options = Options("scene", lan=False, state=home / "door" / "state", port=free_port())
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("TMPDIR", str(home / "temp"))
        patched.setattr(tempfile, "tempdir", None)
        with staged(options) as stage:
            asyncio.run(_visit(stage, keys, pairs=True))
            _until_recording(stage)
            with _standing_still(stage):
                written = {path for pid in _pids(stage) for path in _open_for_writing(pid)}
                shutil.copytree(home, base / "in mid clip", ignore=_sockets_and_card)
        with staged(options) as stage:
            asyncio.run(_visit(stage, keys, fetches=1))
            _until_recording(stage)
            os.kill(stage.processes._running["device"].pid, signal.SIGKILL)
        with staged(options) as stage:
            asyncio.run(_visit(stage, keys, fetches=2))
    card_home.rename(base / "card")
    return Lived(home, base / "in mid clip", base / "card", stage.card, keys, written)


async def _visit(stage: Stage, keys: ReaderKeys, *, pairs: bool = False, fetches: int = 0) -> None:
    async with DoorClient(stage.url, keys, stage.born_sha256) as door:
        if pairs:
            await door.pair(stage.card.admit_key())
        await door.follow_ledger()
        days = await door.ask(commands.AskDays(), replies.Days)
        for day in days.days:
            await door.ask(commands.AskDay(day.day, 0), replies.DayEvents)
        if fetches:
            await door.fetch(fetches)


def _until_recording(stage: Stage) -> None:
    wait_for(lambda: running_bytes(stage.state) >= THREE_CHUNKS, "a clip that is running")


def _pids(stage: Stage) -> list[int]:
    return [process.pid for process in stage.processes._running.values()]


@contextmanager
def _standing_still(stage: Stage) -> Iterator[None]:
    for pid in _pids(stage):
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in _pids(stage):
            os.kill(pid, signal.SIGCONT)


def _open_for_writing(pid: int) -> Iterator[str]:
    """Yield every file that a process could write to, deleted ones and memory files included."""
    for link in Path(f"/proc/{pid}/fd").iterdir():
        flags = Path(f"/proc/{pid}/fdinfo/{link.name}").read_text().split("flags:")[1].split()[0]
        target = str(link.readlink())
        if (
            link.name not in STANDARD
            and int(flags, 8) & os.O_ACCMODE != os.O_RDONLY
            and not target.startswith(NOWHERE)
        ):
            yield target


def _sockets_and_card(directory: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "state-card" or (Path(directory) / name).is_socket()]

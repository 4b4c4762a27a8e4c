"""``doorward demo`` as its user runs it: two processes that come and go together, and nothing left of them."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from provisioning.card import read_card_file
from provisioning.house import House
from tests.system.device_process import PATIENCE_S, ROOT, THREE_CHUNKS, free_port, running_bytes, wait_for
from tests.system.reading import verdict_of


class Demo:
    """One ``doorward demo`` with a temporary directory of its own, by which its processes are known."""

    def __init__(self, tmp_path: Path, *arguments: str, port: int | None = None) -> None:
        self.temp = tmp_path / "temp"
        self.temp.mkdir(exist_ok=True)
        self.port = free_port() if port is None else port
        self.words = tmp_path / "words"
        command = [sys.executable, "-c", "from provisioning.cli import main; main()", "demo"]
        with self.words.open("wb") as words:
            self.process = subprocess.Popen(
                [*command, "--camera", "scene", "--port", str(self.port), *arguments],
                cwd=ROOT,
                env={**os.environ, "TMPDIR": str(self.temp), "COLUMNS": "110"},
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.words.read_text()

    def until(self, what: str) -> None:
        """Wait until it says something."""
        wait_for(lambda: what in self.said() or self.process.poll() is not None, f"{what!r}:\n{self.said()}")
        assert what in self.said()

    def running(self) -> dict[int, str]:
        """Return every process that was started by it, with its command line."""
        mark = f"TMPDIR={self.temp}\0".encode()
        found = {}
        for home in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # gone in between, or another user's
                if mark in (home / "environ").read_bytes() + b"\0":
                    found[int(home.name)] = (home / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found

    def child(self, module: str) -> int:
        return next(pid for pid, command in self.running().items() if f" -m {module} " in command)

    def end(self, number: signal.Signals) -> int:
        """Send a signal and return the exit code; nothing may be left, neither running nor on the disk."""
        self.process.send_signal(number)
        return self.exit_code()

    def exit_code(self) -> int:
        code = self.process.wait(PATIENCE_S)
        assert self.running() == {}
        assert list(self.temp.iterdir()) == []
        return code


@contextmanager
def demo(tmp_path: Path, *arguments: str, port: int | None = None) -> Iterator[Demo]:
    """Yield a demo; afterwards nothing of it runs."""
    started = Demo(tmp_path, *arguments, port=port)
    try:
        yield started
    finally:
        for pid in started.running():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        started.process.wait(PATIENCE_S)


def test_a_port_in_use_is_told_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with demo(tmp_path, port=port) as refused:
            assert refused.exit_code() == 1
            assert refused.said().splitlines() == [
                f"error: port {port} cannot be used: Address already in use",
                "hint: choose another one with --port",
            ]


def test_a_camera_that_is_not_there_is_told_by_the_device_and_nothing_goes_on(tmp_path: Path) -> None:
    with demo(tmp_path, "--camera", "usb:63") as refused:
        assert refused.exit_code() == 1
        assert "error: no camera: /dev/video63 is not there" in refused.said()
        assert "error: the device process did not start" in refused.said()
        assert "Traceback" not in refused.said()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_both_processes_go_with_the_demo_and_leave_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with demo(tmp_path) as door:
        door.until("Ctrl-C stops it")
        with urllib.request.urlopen(f"http://localhost:{door.port}/", timeout=PATIENCE_S) as page:
            assert page.status == 200
        assert len(door.running()) == 3
        assert door.end(number) == 0
        assert "error" not in door.said()


@pytest.mark.parametrize("module", ["server", "device"])
def test_a_process_that_dies_ends_the_demo_which_says_so(tmp_path: Path, module: str) -> None:
    with demo(tmp_path) as door:
        door.until("Ctrl-C stops it")
        os.kill(door.child(module), signal.SIGKILL)
        assert door.exit_code() == 1
        assert f"error: the {module} process ended by itself" in door.said()


def test_a_check_that_is_ended_leaves_nothing(tmp_path: Path) -> None:
    with demo(tmp_path, "--check") as door:
        door.until("A door is running")
        assert door.end(signal.SIGTERM) == 1
        assert "Traceback" not in door.said()


@pytest.mark.slow
def test_a_named_state_is_the_same_door_with_its_clips_at_the_next_run(tmp_path: Path) -> None:
    state = tmp_path / "home" / "state"
    links = []
    with demo(tmp_path, "--state", str(state)) as door:
        wait_for(lambda: running_bytes(state) >= THREE_CHUNKS, "a clip that is running")
        links += re.findall("#card=[0-9A-Z]+", door.said())
        assert door.end(signal.SIGINT) == 0
        assert "clip 1 is sealed" in door.said()
    with demo(tmp_path, "--state", str(state)) as door:
        door.until("Ctrl-C stops it")
        links += re.findall("#card=[0-9A-Z]+", door.said())
        assert door.end(signal.SIGINT) == 0
    assert len(set(links)) == 1
    assert len(links) == 2
    card, _ = read_card_file(state.with_name("state-card") / "card.txt")
    house = House(state, [card.open])
    assert house.troubles == []
    assert verdict_of(house, 1) == "genuine"

"""A real ``python -m device`` for tests: a process group of its own, its words in a file, and waits that end."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from device.sealing.stream import CHUNK_BYTES

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0
LOOK_EVERY_S = 0.01
THREE_CHUNKS = 3 * (CHUNK_BYTES + 16)


def wait_for(condition: Callable[[], object], what: str, within_s: float = PATIENCE_S) -> None:
    """Return as soon as a condition holds, and fail with ``what`` if it never does."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {within_s:.0f} s in vain: {what}"
        time.sleep(LOOK_EVERY_S)


def free_port() -> int:
    """Return a TCP port of loopback that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def group_is_gone(group: int) -> bool:
    """Return whether no process of a group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


class DeviceProcess:
    """One device that runs on a state directory."""

    def __init__(self, state: Path, arguments: tuple[str, ...]) -> None:
        self.state = state
        self.socket = state.parent / f"{state.name}.link"
        self.voice = state.parent / f"{state.name}.stderr"
        module = [sys.executable, "-m", "device"]
        self.command = [*module, "--state", str(state), "--socket", str(self.socket), *arguments]
        with self.voice.open("wb") as voice:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=voice,
                stderr=voice,
                start_new_session=True,
            )

    def said(self) -> str:
        return self.voice.read_text()

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for something that only a running device can bring about."""
        wait_for(lambda: condition() or self.process.poll() is not None, f"{what}; it said:\n{self.said()}")
        assert condition(), f"the device ended ({self.process.returncode}) before {what}:\n{self.said()}"

    def until_serving(self) -> None:
        """Wait until the start is over, recovery included; the socket file alone may be a killed device's."""
        self.until(lambda: answers(self.socket), "it listens")

    def until_recording(self, size_bytes: int) -> None:
        """Wait until a running clip has this many bytes of ciphertext on the disk."""
        self.until(lambda: running_bytes(self.state) >= size_bytes, f"{size_bytes} bytes of a clip")

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def exit_code(self) -> int:
        """Return the exit code, once the whole group is gone."""
        code = self.process.wait(PATIENCE_S)
        assert group_is_gone(self.process.pid), "something of the device goes on running"
        return code


def answers(path: Path) -> bool:
    """Return whether a device listens on a socket."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as link:
        link.connect(str(path))
        return True
    return False


def running_bytes(state: Path) -> int:
    """Return how much ciphertext the running clip has on the disk; zero if there is none."""
    with contextlib.suppress(FileNotFoundError):  # published between the look and the measuring
        return sum(path.stat().st_size for path in state.glob("spool/recording/*/clip.mp4.age"))
    return 0


@contextmanager
def device(state: Path, *arguments: str) -> Iterator[DeviceProcess]:
    """Yield a device; afterwards nothing of it runs, whatever the test did."""
    started = DeviceProcess(state, arguments)
    try:
        yield started
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.process.pid, signal.SIGKILL)
        started.process.wait(PATIENCE_S)


def refusal(state: Path, *arguments: str) -> str:
    """Return what a device says that cannot start: an error, a hint, no trace, nothing left listening."""
    with device(state, *arguments) as refused:
        code, said = refused.exit_code(), refused.said()
        assert not refused.socket.exists(), "it left its socket behind"
    assert code == 1, f"exit code {code}:\n{said}"
    error, hint = said.splitlines()
    assert error.startswith("error: ")
    assert hint.startswith("hint: ")
    return said

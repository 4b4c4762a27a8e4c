"""Device and server as two processes, joined by the unix socket only: started, watched, stopped in order."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from provisioning.errors import ProvisioningError

START_S: Final = 30.0
STOP_S: Final = 20.0  # a running clip is finished and sealed within this


class ProcessFailed(ProvisioningError, RuntimeError):
    """One of the two processes did not start, or ended by itself; it said why on standard error."""


@dataclass
class Processes:
    """Both processes of one door."""

    state: Path
    socket_path: Path
    listen: str
    device_arguments: Sequence[str] = ()
    server_arguments: Sequence[str] = ()
    _running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self) -> None:
        """Start the device, then the server, each once the one before it answers.

        Raises:
            ProcessFailed: one of them ended; nothing is left running.
        """
        host, _, port = self.listen.rpartition(":")
        check_port_free(host, int(port))
        common = ["--state", str(self.state), "--socket", str(self.socket_path)]
        link = ["--link", str(self.socket_path), "--listen", self.listen]
        try:
            self._spawn("device", [*common, *self.device_arguments])
            self._until("device", self._link_answers)
            self._spawn("server", [*link, *self.server_arguments])
            self._until("server", lambda: _connects(host, int(port)))
        except BaseException:
            self.stop()
            raise

    def check(self) -> None:
        """Raise if one of them is gone.

        Raises:
            ProcessFailed: it ended by itself.
        """
        for name, process in self._running.items():
            if process.poll() is not None:
                raise ProcessFailed(f"the {name} process ended by itself (exit code {process.returncode})")

    def stop(self) -> None:
        """Stop the server, then the device, which finishes a running clip; after this nothing runs any more."""
        for name in ("server", "device"):
            process = self._running.pop(name, None)
            if process is None:
                continue
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def peak_mb(self, name: str) -> float:
        """Return the most memory that a running process has held, in MB (10^6 bytes)."""
        status = Path(f"/proc/{self._running[name].pid}/status").read_text(encoding="ascii")
        kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
        return kib * 1024 / 1e6

    def _spawn(self, name: str, arguments: list[str]) -> None:
        # A group of its own: Ctrl-C reaches the demo alone, which then stops both in order.
        self._running[name] = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", name, *arguments],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "MALLOC_ARENA_MAX": "2"},
        )

    def _until(self, name: str, answers: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_S
        while not answers():
            if self._running[name].poll() is not None:
                raise ProcessFailed(f"the {name} process did not start", hint="its own error stands above")
            if time.monotonic() > deadline:
                raise ProcessFailed(f"the {name} process did not answer within {START_S:.0f} s")
            time.sleep(0.05)

    def _link_answers(self) -> bool:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as link:
            link.connect(str(self.socket_path))
            return True
        return False


def check_port_free(host: str, port: int) -> None:
    """Check that nothing listens on a TCP port yet.

    Raises:
        ProcessFailed: something does, or the port may not be used.
    """
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise ProcessFailed(
            f"port {port} cannot be used: {error.strerror}", hint="choose another one with --port"
        ) from error


def _connects(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False

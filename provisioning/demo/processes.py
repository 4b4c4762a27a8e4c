"""Device and server as two processes, joined by the unix socket only: started, watched, stopped in order."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from provisioning.demo.handing import handed, taken
from provisioning.errors import ProvisioningError

START_S: Final = 30.0
STOP_S: Final = 20.0  # a running clip is finished and sealed within this


MAX_PLACE_BYTES: Final = 80
"""Of a directory in which a unix socket is to lie: Linux takes 107 bytes with the socket's own name."""


@contextlib.contextmanager
def socket_directory(wished: Path, short: Path = Path("/tmp")) -> Iterator[Path]:  # noqa: S108 - made by mkdtemp, ours alone
    """Yield a directory that a unix socket can lie in: the one that is wished, or one with a shorter name if TMPDIR is long.

    Raises:
        OSError: neither can be.
    """
    if len(os.fsencode(wished)) <= MAX_PLACE_BYTES:
        yield wished
        return
    with tempfile.TemporaryDirectory(prefix="doorward-", dir=short, ignore_cleanup_errors=True) as place:
        yield Path(place)


class ProcessFailed(ProvisioningError, RuntimeError):
    """One of the two processes did not start, or ended by itself; it said why on standard error."""


@dataclass
class Processes:
    """Both processes of one door.

    Attributes:
        state: the device's directory.
        socket_path: of the unix socket between them; the server's word that it is ready arrives beside it.
        sockets: where the page is served, listening; the caller closes them. Another start takes the same places again.
        device_arguments: further ones of its command line.
        server_arguments: the same.
    """

    state: Path
    socket_path: Path
    sockets: Sequence[socket.socket]
    device_arguments: Sequence[str] = ()
    server_arguments: Sequence[str] = ()
    _running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    _held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def __post_init__(self) -> None:
        self._hosts = [each.getsockname()[0] for each in self.sockets]
        self._port = self.sockets[0].getsockname()[1] if self.sockets else 0

    def start(self) -> None:
        """Start the device, then the server, each once the one before it answers; return when the page is served.

        Raises:
            ProcessFailed: one of them ended; nothing is left running.
        """
        common = ["--state", str(self.state), "--socket", str(self.socket_path)]
        ready = self.socket_path.with_name("ready")
        try:
            # As long as the server runs: it says here that it stops, too.
            heard = self._held.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            heard.bind(str(ready))
            self._held.callback(ready.unlink, missing_ok=True)
            if any(each.fileno() < 0 for each in self.sockets):
                self.sockets = self._held.enter_context(taken(self._hosts, self._port))
            heard.setblocking(False)
            self._begin("device", [sys.executable, "-m", "device", *common, *self.device_arguments])
            self._until("device", self._link_answers)
            self._serve(ready)
            self._until("server", lambda: _is_ready(heard))
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
        self._held.close()

    def peak_mb(self, name: str) -> float:
        """Return the most memory that a running process has held, in MB (10^6 bytes)."""
        status = Path(f"/proc/{self._running[name].pid}/status").read_text(encoding="ascii")
        kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
        return kib * 1024 / 1e6

    def _serve(self, ready: Path) -> None:
        command = [sys.executable, "-m", "server", "--link", str(self.socket_path), *self.server_arguments]
        numbers = [each.fileno() for each in self.sockets]
        self._begin("server", handed(self.sockets, command), numbers, NOTIFY_SOCKET=str(ready))

    def _begin(self, name: str, command: list[str], numbers: Sequence[int] = (), **environment: str) -> None:
        # A group of its own: Ctrl-C reaches the demo alone, which then stops both in order.
        self._running[name] = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            pass_fds=numbers,
            env={**os.environ, "MALLOC_ARENA_MAX": "2", **environment},
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


def _is_ready(heard: socket.socket) -> bool:
    with contextlib.suppress(BlockingIOError):
        return b"READY=1" in heard.recv(1024).splitlines()
    return False

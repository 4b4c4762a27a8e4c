"""A stand-in for a Pi: Debian 13 with its own sshd, booted in systemd-nspawn without a network, and the owner's ssh to it.

It is no Pi: its processor is this computer's, its archive has no picamera2, and a drawn camera stands in for a real one.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.system.device_process import ROOT, wait_for

HOST = "pi@the-door"
NAME = "door"
# Between the owner's ssh and the machine's sshd: a cable that the test can pull.
CABLE = """
import os, socket, sys, threading
open(os.path.join(sys.argv[1], str(os.getpid())), "w").close()
wire = socket.create_connection(("127.0.0.1", 22))
def carries(read, write):
    while data := read(65536):
        write(data)
    os._exit(0)
threading.Thread(target=carries, args=(wire.recv, lambda data: os.write(1, data)), daemon=True).start()
carries(lambda most: os.read(0, most), wire.sendall)
"""
SSH = """#!/bin/sh
exec /usr/bin/ssh -F {place}/config "$@"
"""
CONFIG = """Host the-door
  IdentityFile {place}/key
  IdentitiesOnly yes
  BatchMode yes
  UserKnownHostsFile {place}/known
  StrictHostKeyChecking accept-new
  LogLevel ERROR
  ProxyCommand {python} {place}/cable.py {leader} {place}/cables
"""
ENTERS = """
import os, sys
cable = [sys.executable, "-c", open(__file__ + ".txt").read(), sys.argv[2]]
os.execvp("nsenter", ["nsenter", f"--target={sys.argv[1]}", "--net", *cable])
"""


def needs_a_machine() -> str:
    """Return where the root is; skip where no machine can be booted, and say why."""
    if os.getuid() != 0:
        pytest.skip("only root boots a machine")
    for program in ("systemd-nspawn", "nsenter", "mount", "ssh", "ssh-keygen", "mmdebstrap"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed; scripts/test installs it")
    made = subprocess.run([ROOT / "scripts" / "trixie"], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        pytest.skip(f"no Debian 13 root can be made here: {made.stderr.strip()[-300:]}")
    return made.stdout.strip()


class Pi:
    """The machine, and the owner's way to it.

    Attributes:
        owner: the owner's directory: keys of ssh, cards.
        root: its file system.
        leader: its first process, as this computer numbers it.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.root = place / "root"
        self.owner = place / "owner"
        self._cables = self.owner / "cables"
        self._nspawn: subprocess.Popen[bytes] | None = None
        self.leader = 0
        self._cables.mkdir(parents=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.owner / "key"], check=True)
        authorized = self.root / "home" / "pi" / ".ssh" / "authorized_keys"
        authorized.parent.mkdir(exist_ok=True)
        shutil.copyfile(self.owner / "key.pub", authorized)
        (self.root / "etc" / "hostname").write_text(f"{NAME}\n")

    def boot(self) -> None:
        """Boot, and wait until its sshd answers."""
        modes = ["--boot", "--register=no", "--keep-unit", "--private-network", "--console=pipe"]
        limits = ["--rlimit=MEMLOCK=infinity", "--resolv-conf=off", "--timezone=off"]
        with (self.place / "console").open("ab") as console:
            self._nspawn = subprocess.Popen(
                [
                    "systemd-nspawn",
                    "--quiet",
                    "-D",
                    self.root,
                    *modes,
                    *limits,
                    f"--machine=pi-{os.getpid()}",
                ],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env={**os.environ, "UNIFIED_CGROUP_HIERARCHY": "1"},
            )
        self.until(lambda: self._find_leader() or self._has_ended(), "the first process")
        if self._has_ended():
            pytest.skip(f"systemd-nspawn boots nothing here: {self.said()}")
        self.until(lambda: self.does("systemctl", "is-active", "ssh", fails=True) == "active", "sshd runs")
        told = {"place": self.owner, "leader": self.leader, "python": sys.executable}
        (self.owner / "config").write_text(CONFIG.format(**told))
        (self.owner / "cable.py").write_text(ENTERS)
        (self.owner / "cable.py.txt").write_text(CABLE)
        (self.owner / "bin").mkdir(exist_ok=True)
        (self.owner / "bin" / "ssh").write_text(SSH.format(**told))
        (self.owner / "bin" / "ssh").chmod(0o755)

    def cut_the_network(self) -> None:
        """Pull every cable to the machine."""
        for cable in self._cables.iterdir():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(cable.name), signal.SIGKILL)
            cable.unlink()

    def cut_the_power(self) -> None:
        """End every process of the machine at once."""
        assert self._nspawn is not None
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.leader, signal.SIGKILL)
        self._nspawn.wait()
        self._nspawn = None

    def close(self) -> None:
        self.cut_the_network()
        if self._nspawn is not None:
            self.cut_the_power()

    def does(self, *command: str | Path, fails: bool = False) -> str:
        """Return what a command prints that root runs in the machine."""
        inside = ["nsenter", f"--target={self.leader}", "--mount", "--net", "--pid", "--ipc", "--uts"]
        done = subprocess.run([*inside, *command], capture_output=True, text=True, check=False)
        assert fails or done.returncode == 0, (command, done.stdout, done.stderr, self.said())
        return done.stdout.strip()

    def is_up(self) -> bool:
        """Return whether device, server and port are all there."""
        units = ("doorward-device.service", "doorward-server.service", "doorward-server.socket")
        return self.does("systemctl", "is-active", *units, fails=True) == "active\nactive\nactive"

    def inside(self, path: str) -> Path:
        """Return a path of the machine's, as this computer reaches it."""
        return Path(f"/proc/{self.leader}/root") / path.lstrip("/")

    def said(self) -> str:
        return (self.place / "console").read_text(errors="replace")[-6000:]

    def until(self, condition: Callable[[], object], what: str, within_s: float = 120.0) -> None:
        try:
            wait_for(condition, what, within_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; it said:\n{self.said()}") from None

    def _has_ended(self) -> bool:
        return self._nspawn is None or self._nspawn.poll() is not None

    def _find_leader(self) -> bool:
        assert self._nspawn is not None
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text().split()
            for child in map(int, children):
                if Path(f"/proc/{child}/comm").read_text() == "systemd\n":
                    self.leader = child
                    return True
        return False


@contextmanager
def booted_pi() -> Iterator[Pi]:
    """A machine on a file system in memory over a root that stays as it is, gone afterwards."""
    root = needs_a_machine()
    place = Path("/run") / f"doorward-pi-{os.getpid()}"
    place.mkdir(mode=0o755)
    mounted: list[Path] = []
    pi = None
    try:
        layers = f"lowerdir={root},upperdir={place}/upper,workdir={place}/work"
        for what, where in (
            (["-t", "tmpfs", "-o", "size=4G,mode=755", "tmpfs"], place),
            (["-t", "overlay", "overlay", "-o", layers], place / "root"),
        ):
            took = subprocess.run(["mount", *what, where], capture_output=True, text=True, check=False)
            if took.returncode != 0:
                pytest.skip(f"nothing can be mounted here: {took.stderr.strip()}")
            mounted.append(where)
            for name in ("upper", "work", "root"):
                (place / name).mkdir(exist_ok=True)
        pi = Pi(place)
        pi.boot()
        yield pi
    finally:
        if pi is not None:
            pi.close()
        for each in reversed(mounted):
            subprocess.run(["umount", "--lazy", each], check=True)
        place.rmdir()

"""A machine that boots: this computer's own system under an overlay, in systemd-nspawn, with our units and whoever uses them.

What nspawn does not enforce (IPAddressDeny, SocketBindDeny, DeviceAllow: they are BPF programs of a real host) is not tried here.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from provisioning.cli import run
from tests.system.device_process import ROOT, wait_for

NAME = "door.local"
PYTHON = "/opt/doorward/current/bin/python"
WRAPPER = """#!/bin/sh
exec env PYTHONPATH=/opt/doorward/current/source:/opt/doorward/current/site PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$@"
"""
# The watchdog of the units waits for a minute: longer than a test should, and longer than a busy machine needs.
DROP_IN = f"""[Service]
WatchdogSec=20s
ExecStartPre={PYTHON} /opt/doorward/attack.py
"""
CONFIG = "camera:\n  source: scene\nlink:\n  server_user: doorward-server\n"
SERVICES = ("doorward-device", "doorward-server")


def needs_a_machine() -> None:
    """Skip where no machine can be booted, and say why."""
    if os.getuid() != 0:
        pytest.skip("only root boots a machine")
    for program in ("systemd-nspawn", "nsenter", "mount"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed; scripts/test installs it")
    asked = "import sys; print(*sys.version_info[:2])"
    found = subprocess.run(["/usr/bin/python3", "-c", asked], capture_output=True, text=True, check=False)
    if found.stdout.split() != [str(part) for part in sys.version_info[:2]]:
        pytest.skip(
            "the system's Python is another one than that of the tests, and cannot load what is installed for it"
        )


class Machine:
    """A system that boots, is cut off and boots again."""

    def __init__(self, place: Path, attack: str) -> None:
        self.place = place
        self.root = place / "root"
        self.card = place / "card.txt"
        self.authority = place / "card.authority.crt"
        self._nspawn: subprocess.Popen[bytes] | None = None
        self.leader = 0
        self._furnish(attack)

    def _furnish(self, attack: str) -> None:
        here = self.root / "opt" / "doorward" / "current"
        for name in ("bin", "source", "site"):
            (here / name).mkdir(parents=True)
        (here / "bin" / "python").write_text(WRAPPER)
        (here / "bin" / "python").chmod(0o755)
        (self.root / "opt" / "doorward" / "attack.py").write_text(attack)
        etc = self.root / "etc"
        for unit in (ROOT / "systemd").iterdir():
            if unit.suffix in (".service", ".socket", ".target"):
                shutil.copyfile(unit, etc / "systemd" / "system" / unit.name)
        for service in SERVICES:
            drop_in = etc / "systemd" / "system" / f"{service}.service.d"
            drop_in.mkdir()
            (drop_in / "test.conf").write_text(DROP_IN)
        for kind in ("sysusers", "tmpfiles"):
            folder = etc / f"{kind}.d"
            folder.mkdir(exist_ok=True)
            shutil.copyfile(ROOT / "systemd" / f"doorward.{kind}", folder / "doorward.conf")
        wants = etc / "systemd" / "system" / "multi-user.target.wants"
        wants.mkdir(exist_ok=True)
        (wants / "doorward.target").symlink_to("/etc/systemd/system/doorward.target")
        (etc / "doorward").mkdir()
        (etc / "doorward" / "doorward.yaml").write_text(CONFIG)
        (etc / "doorward" / "server.env").write_text(f'DOORWARD_NAMES="--name {NAME}"\n')
        tls, state = self.place / "tls", self.root / "var" / "lib" / "doorward"
        made = ["card", "--name", "Front door", "--state", str(state), "--url", f"https://{NAME}"]
        files = ["-o", str(self.place / "card.pdf"), "--file", str(self.card), "--tls", str(tls)]
        assert run([*made, *files]) == 0
        shutil.copytree(tls, etc / "doorward" / "tls")
        hosts = (etc / "hosts").read_text() if (etc / "hosts").exists() else ""
        (etc / "hosts").unlink(missing_ok=True)
        (etc / "hosts").write_text(f"{hosts}\n127.0.0.1 {NAME}\n")

    def boot(self) -> None:
        """Boot, and wait until both services say that they serve."""
        binds = [
            f"--bind-ro={ROOT}:/opt/doorward/current/source",
            f"--bind-ro={sysconfig.get_path('purelib')}:/opt/doorward/current/site",
        ]
        modes = [
            "--boot",
            "--register=no",
            "--keep-unit",
            "--private-network",
            "--console=pipe",
            "--rlimit=MEMLOCK=infinity",
        ]
        with (self.place / "console").open("ab") as console:
            self._nspawn = subprocess.Popen(
                [
                    "systemd-nspawn",
                    "--quiet",
                    "-D",
                    self.root,
                    *binds,
                    *modes,
                    f"--machine=door-{os.getpid()}",
                ],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env={**os.environ, "UNIFIED_CGROUP_HIERARCHY": "1"},
            )
        self._until(lambda: self._find_leader() or self._has_ended(), "the first process")
        if self._has_ended():
            pytest.skip(f"systemd-nspawn boots nothing here: {self.said()}")
        for service in SERVICES:
            self._until(lambda name=service: self.is_active(name), f"{service} serves")

    def _has_ended(self) -> bool:
        return self._nspawn is None or self._nspawn.poll() is not None

    def _find_leader(self) -> bool:
        """Find the machine's first process: what came before it goes on to be it, or ends."""
        assert self._nspawn is not None
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text().split()
            for child in map(int, children):
                if Path(f"/proc/{child}/comm").read_text() == "systemd\n":
                    self.leader = child
                    return True
        return False

    def cut_the_power(self) -> None:
        """End every process of the machine at once."""
        assert self._nspawn is not None
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.leader, signal.SIGKILL)
        self._nspawn.wait()
        self._nspawn = None

    def close(self) -> None:
        if self._nspawn is not None:
            self.cut_the_power()

    def does(self, *command: str | Path, fails: bool = False) -> str:
        """Return what a command prints that root runs in the machine."""
        inside = ["nsenter", f"--target={self.leader}", "--mount", "--net", "--pid", "--ipc", "--uts"]
        done = subprocess.run([*inside, *command], capture_output=True, text=True, check=False)
        assert fails or done.returncode == 0, (command, done.stdout, done.stderr, self.said())
        return done.stdout.strip()

    def doorward(self, *command: str | Path) -> str:
        """Return what the owner's command prints, run in the machine."""
        return self.does(PYTHON, "-c", "from provisioning.cli import main; main()", *command)

    def is_active(self, service: str) -> bool:
        return self.does("systemctl", "is-active", f"{service}.service", fails=True) == "active"

    def shown(self, service: str, what: str) -> str:
        return self.does("systemctl", "show", "--value", "--property", what, f"{service}.service")

    def main_process(self, service: str) -> int:
        return int(self.shown(service, "MainPID"))

    def signals(self, service: str, number: signal.Signals) -> None:
        self.does("kill", f"-{number.value}", str(self.main_process(service)))

    def until_restarted(self, service: str, before: int, within_s: float) -> None:
        """Wait until a service runs as another process than ``before``, and serves."""
        self._until(
            lambda: self.is_active(service) and self.main_process(service) not in (0, before),
            f"{service} is started anew",
            within_s,
        )

    def attacks(self, service: str) -> dict[str, str]:
        """Return what became of each attack from inside a service's sandbox."""
        found = list(
            Path(f"/proc/{self.leader}/root/tmp").glob(f"systemd-private-*-{service}.service-*/tmp/attacked")
        )
        assert found, self.said()
        return dict(json.loads(found[0].read_text()))

    def state(self) -> Path:
        return self.root / "var" / "lib" / "doorward"

    def said(self) -> str:
        return (self.place / "console").read_text(errors="replace")[-6000:]

    def _until(self, condition: Callable[[], object], what: str, within_s: float = 120.0) -> None:
        try:
            wait_for(condition, what, within_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; it said:\n{self.said()}") from None


@contextmanager
def machine(attack: str) -> Iterator[Machine]:
    """A machine on a file system in memory, gone afterwards."""
    needs_a_machine()
    place = Path("/run") / f"doorward-test-{os.getpid()}-{time.monotonic_ns()}"
    place.mkdir(mode=0o755)
    mounted: list[Path] = []
    built = None
    try:
        memory = ["mount", "-t", "tmpfs", "-o", "size=2G,mode=755", "tmpfs", place]
        took = subprocess.run(memory, capture_output=True, text=True, check=False)
        if took.returncode != 0:
            pytest.skip(f"nothing can be mounted here: {took.stderr.strip()}")
        mounted.append(place)
        for name in ("upper", "work", "root"):
            (place / name).mkdir()
        layers = f"lowerdir=/,upperdir={place}/upper,workdir={place}/work"
        took = subprocess.run(
            ["mount", "-t", "overlay", "overlay", "-o", layers, place / "root"],
            capture_output=True,
            text=True,
            check=False,
        )
        if took.returncode != 0:
            pytest.skip(f"no overlay over this computer's system: {took.stderr.strip()}")
        mounted.append(place / "root")
        built = Machine(place, attack)
        yield built
    finally:
        if built is not None:
            built.close()
        for each in reversed(mounted):
            subprocess.run(["umount", "--lazy", each], check=True)
        place.rmdir()

"""Which release runs, and whether it is up: the switch, and what is waited for."""

import shutil
import time
from pathlib import Path
from typing import Final

from provisioning.install.onpi.before import point
from provisioning.install.onpi.orders import Installed
from provisioning.install.onpi.system import Failed, Run
from provisioning.install.onpi.where import SERVICES, SOCKET, TARGET
from provisioning.install.onpi.work import Work

_SEALED_S: Final = 150.0  # a visit that goes on is cut at max_clip_s, 120 s
_LOOK_S: Final = 1.0
_STEADY_LOOKS: Final = 3  # what falls over at once is not up


def switch(work: Work) -> None:
    """Have the release run in place of the one before it: in one rename."""
    for link, target in work.at.links().items():
        work.make_directory(link.parent)
        if not link.is_symlink():
            point(link, target)
    run_release(work, work.orders.release)


def run_release(work: Work, name: str) -> None:
    """Have a release run that is whole."""
    point(work.at.current, Path("releases") / name)
    work.run("sync")
    work.run("systemctl", "daemon-reload")
    work.run("systemd-tmpfiles", "--create", work.at.releases / name / "system" / "doorward.tmpfiles")
    work.run("systemctl", "try-restart", "systemd-journald.service", fails=True)
    work.run("systemctl", "stop", SOCKET, *reversed(SERVICES))
    work.run("systemctl", "reset-failed", SOCKET, *SERVICES, fails=True)
    work.run("systemctl", "start", "--no-block", TARGET)


def up(work: Work, within_s: float = 0.0) -> None:
    """Wait until the door is up: both services say that they serve, stay so, and the page is served over TLS.

    Args:
        work: the run.
        within_s: how long that may take; what the orders say by default.

    Raises:
        Failed: it is not.
    """
    within_s = within_s or work.orders.up_within_s
    name = Installed.read(work.at.installed.read_text()).name
    steady, processes = 0, _main_processes(work.run)
    until = time.monotonic() + within_s
    while True:
        now = _main_processes(work.run)
        steady = steady + 1 if now and now == processes and _page(work, name) else 0
        processes = now
        if steady >= _STEADY_LOOKS:
            return
        if time.monotonic() > until:
            raise Failed(_why_not_up(work, now, within_s))
        time.sleep(_LOOK_S)


def ring(work: Work) -> None:
    """Press the bell of the new door, and wait until the recording of it is sealed."""
    events = "spool/*/*/event"
    there = len(list(work.at.state.glob(events)))
    work.run(work.at.current / "bin" / "doorward", "ring")
    until = time.monotonic() + _SEALED_S
    while len(list(work.at.state.glob(events))) <= there:
        if time.monotonic() > until:
            raise Failed("the door rings, but no recording of it was sealed")
        time.sleep(_LOOK_S)


def tidy(work: Work) -> None:
    """Remove all releases but the one that runs and the one before it."""
    kept = {work.orders.release, work.previous}
    for old in work.at.releases.iterdir():
        if old.name not in kept:
            shutil.rmtree(old)


def _main_processes(run: Run) -> str:
    """Return the numbers of both services' processes; empty while one of them does not serve."""
    told = run("systemctl", "show", "--property=ActiveState,MainPID", *SERVICES)
    return told if told.count("ActiveState=active\n") == len(SERVICES) else ""


def _page(work: Work, name: str) -> bool:
    return work.page_is_served(name, work.at.tls / "ca.pem")


def _why_not_up(work: Work, processes: str, within_s: float) -> str:
    within = f"within {within_s:.0f} s"
    if processes:
        return f"device and server run, but the page is not served {within}"
    for unit in SERVICES:
        if work.run("systemctl", "is-active", unit, fails=True).strip() != "active":
            asked = ["journalctl", "-q", "-b", "-u", unit, "-p", "info", "-o", "cat", "-n", "40"]
            said = [line for line in work.run(*asked, fails=True).splitlines() if "error" in line.lower()]
            return f"{unit} does not come up {within}" + (f": {said[-1].strip()}" if said else "")
    return f"the door does not come up {within}"

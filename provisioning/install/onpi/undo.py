"""The way back: to the release that ran before, or to a system that never had a door."""

import contextlib
import shutil
from pathlib import Path
from typing import Final

from provisioning.install.onpi import kernel
from provisioning.install.onpi.before import put
from provisioning.install.onpi.running import run_release, up
from provisioning.install.onpi.steps import settle_packages
from provisioning.install.onpi.system import Failed
from provisioning.install.onpi.where import DEVICE, SERVER, SERVICES, SOCKET, TARGET
from provisioning.install.onpi.work import Work

_BACK_WITHIN_S: Final = (
    180.0  # it ran before: whoever is busy may take longer, and nothing else is left to try
)


def undo(work: Work, *, brought_door: bool) -> None:
    """Take back what a run did: the release before it runs again, or nothing of us is left but a door that was there before.

    Args:
        work: the run.
        brought_door: whether it was to bring a door.
    """
    if not work.previous:
        remove(work, keep_state=not brought_door)
        return
    is_switched = work.at.current.readlink().name != work.previous
    if is_switched:
        run_release(work, work.previous)
    if work.orders.release != work.previous:
        shutil.rmtree(work.release, ignore_errors=True)
        shutil.rmtree(work.at.releases / f".new-{work.orders.release}", ignore_errors=True)
    if is_switched:
        up(work, _BACK_WITHIN_S)


def remove(work: Work, *, keep_state: bool) -> None:
    """Leave the system as it was before the first installation.

    Args:
        work: the run.
        keep_state: the door's key, record and recordings stay, and its settings; root's alone from now on.
    """
    settle_packages(work)
    work.run("systemctl", "stop", TARGET, SOCKET, *reversed(SERVICES), fails=True)
    for link in work.at.links():
        if link.is_symlink():
            link.unlink()
    work.run("systemctl", "daemon-reload")
    work.run("systemctl", "reset-failed", TARGET, SOCKET, *SERVICES, fails=True)
    work.run("systemctl", "try-restart", "systemd-journald.service", fails=True)
    _kernel_and_swap(work)
    if keep_state:
        _keep(work)
    else:
        _forget(work.at.settings)
        _forget(work.at.state)
    for name in (DEVICE, SERVER):
        work.run("userdel", name, fails=True)
    _forget(work.at.root / "run" / "doorward")
    _packages(work)
    for group in work.before.groups:  # those too that a package made and left
        work.run("groupdel", group, fails=True)
    for directory in reversed(work.before.directories):
        with contextlib.suppress(OSError):  # somebody else has put something there since
            (work.at.root / directory).rmdir()
    _forget(work.at.home)
    work.run("sync")


def _keep(work: Work) -> None:
    """Leave the door to root: its users are gone, and their numbers may be somebody else's tomorrow."""
    for place in (work.at.state, work.at.tls):
        if place.exists():
            work.run("chown", "-R", "root:root", place)
            work.run("chmod", "0700", place)


def _kernel_and_swap(work: Work) -> None:
    if work.before.kernel_line is not None and work.at.kernel_line.exists():
        now = work.at.kernel_line.read_text()
        put(work.at.kernel_line, kernel.without_ours(now, work.before.kernel_line))
        work.at.kernel_line_backup.unlink(missing_ok=True)
        work.restart_wanted = True
    if work.at.swap.exists():
        work.at.swap.unlink()
        work.restart_wanted = True


def _packages(work: Work) -> None:
    """Take away what came with us, unless something that came later needs it."""
    ours = set(work.before.packages)
    if not ours:
        return
    told = work.run("apt-get", "-s", "purge", *sorted(ours), fails=True)
    goes = {line.split()[1] for line in told.splitlines() if line.startswith(("Purg ", "Remv "))}
    if goes <= ours:
        with contextlib.suppress(Failed):  # the door is gone all the same, and packages harm nobody
            work.run("apt-get", "purge", "-q", "-y", "-o", "DPkg::Lock::Timeout=600", *sorted(ours))


def _forget(place: Path) -> None:
    """Remove a directory."""
    if place.is_dir():
        shutil.rmtree(place)

"""The steps of an installation, on the Pi. Each can be done again, and ``undo`` takes each back."""

import json
import os
import shutil
import tarfile
from pathlib import Path
from typing import Final

from provisioning.install.onpi import kernel
from provisioning.install.onpi.before import put
from provisioning.install.onpi.orders import Installed, Orders
from provisioning.install.onpi.system import Failed, Run
from provisioning.install.onpi.where import (
    DEVICE,
    GROUPS,
    LOCKED,
    SERVER,
    WHOLE,
)
from provisioning.install.onpi.work import Work

DOOR: Final = "door.tar"
_OURS: Final = ("device", "server", "provisioning")
# Also writes what Python makes of the sources, which no unit may: a slow Pi starts in half the time.
_TRY: Final = (
    "import device.__main__, device.app, server.__main__, server.listener, provisioning.cli, "
    "provisioning.commands.ring, provisioning.commands.doctor"
)


def claim(work: Work) -> None:
    """Check that nothing in our places is somebody else's: what is undone later is removed.

    Raises:
        Failed: somebody set up a door by hand.
    """
    if work.at.record.exists() or work.at.installed.exists():
        return
    for place in (work.at.home, work.at.settings, work.at.state, *work.at.links()):
        if place.exists():
            raise Failed(f"{place} was put there by hand; move it away first")


def packages(work: Work) -> None:
    """Have Debian's packages installed, and remember which came with it."""
    there = installed_packages(work.run)
    missing = [name for name in work.orders.packages if name not in there]
    if work.before.packages_before is None:
        if not missing:
            return
        work.before.packages_before, work.before.groups_before = sorted(there), sorted(_groups(work.run))
        work.keep()
    asked = ["apt-get", "install", "-q", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=600"]
    try:
        if missing:
            try:
                work.run(*asked, *missing)
            except Failed:  # lists that are old, or an installation that a power cut left half-done
                work.run("dpkg", "--configure", "-a", fails=True)
                work.run("apt-get", "update", "-q")
                work.run(*asked, *missing)
    finally:
        settle_packages(work)


def settle_packages(work: Work) -> None:
    """Note what an installation brought, whether it ended well or not."""
    if work.before.packages_before is not None:
        came = installed_packages(work.run) - set(work.before.packages_before)
        groups = _groups(work.run) - set(work.before.groups_before)
        work.before.packages = sorted({*work.before.packages, *came})
        work.before.groups = sorted({*work.before.groups, *groups})
        work.before.packages_before = None
        work.keep()


def installed_packages(run: Run) -> set[str]:
    """Return the names of all that dpkg has, also half."""
    told = run("dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n")
    words = [line.split() for line in told.splitlines()]
    return {word[0] for word in words if len(word) > 1 and word[1][1:] not in ("n", "c")}


def _groups(run: Run) -> set[str]:
    return {line.split(":")[0] for line in run("getent", "group").splitlines()}


def release(work: Work) -> None:
    """Lay the release beside whatever runs, and try whether it can be loaded here."""
    if (work.release / WHOLE).exists():
        return
    work.at.releases.mkdir(parents=True, exist_ok=True)
    work.keep()
    free = shutil.disk_usage(work.at.releases).free
    if free < work.orders.need_bytes:
        raise Failed(
            f"the card has {free >> 20} MiB left, and the release takes {work.orders.need_bytes >> 20} MiB"
        )
    new = work.at.releases / f".new-{work.orders.release}"
    shutil.rmtree(new, ignore_errors=True)
    work.run("python3", "-m", "venv", "--system-site-packages", "--without-pip", new)
    _packages_of(work, new)
    _unpack(work.carried / work.orders.own, new)
    camera = ", picamera2" if work.orders.is_pi and work.orders.camera.startswith("pi") else ""
    work.run(new / "bin" / "python", "-c", _TRY + camera)
    (new / WHOLE).touch()
    work.run("sync")
    shutil.rmtree(work.release, ignore_errors=True)
    new.rename(work.release)


def _packages_of(work: Work, new: Path) -> None:
    """Lay the locked packages down: as links to those of the release that runs, if it has the same, else from their archive."""
    runs = work.at.releases / work.previous
    told = runs / LOCKED
    if work.previous and told.is_file() and told.read_text() == work.orders.locked:
        shutil.copytree(
            runs / "lib", new / "lib", symlinks=True, ignore=_ours, copy_function=os.link, dirs_exist_ok=True
        )
    else:
        _unpack(work.carried / work.orders.locked, new)
    put(new / LOCKED, work.orders.locked)


def _ours(_directory: str, names: list[str]) -> set[str]:
    """Return what of a directory comes with each release anew."""
    return {name for name in names if name in _OURS or name.startswith("doorward-")}


def _unpack(archive: Path, place: Path) -> None:
    with tarfile.open(archive) as packed:
        packed.extractall(place, filter="data")


def users(work: Work) -> None:
    """Make the two users, and remember which groups came with them."""
    there = _groups(work.run)
    came = [name for name in GROUPS if name not in there and name not in work.before.groups]
    work.before.groups += came
    work.keep()
    work.run("systemd-sysusers", work.release / "system" / "doorward.sysusers")


def door(work: Work) -> None:
    """Have the door live here: the one that was carried, or the one that is here already."""
    work.at.settings.mkdir(exist_ok=True)
    if not work.at.installed.exists():
        work.before.door_begun = True
        work.keep()
        new = work.at.settings / ".new-door"
        for rest in (new, work.at.tls, work.at.state):
            shutil.rmtree(rest, ignore_errors=True)
        new.mkdir(mode=0o700)
        _unpack(work.carried / DOOR, new)
        shutil.move(new / "state", work.at.state)
        (new / "tls").rename(work.at.tls)
        shutil.rmtree(new)
        # Said last: whoever finds a door without this word finds a rest, and no card opens it.
        put(work.at.installed, Installed(work.orders.born, work.orders.name).text())
    work.run("chown", "-R", f"{DEVICE}:{DEVICE}", work.at.state)
    work.run("chown", "-R", f"root:{SERVER}", work.at.tls)
    work.run("chmod", "0700", work.at.state)
    name = Installed.read(work.at.installed.read_text()).name
    texts = {
        "doorward.yaml": _settings(work.orders),
        "server.env": f'DOORWARD_NAMES="--name {name}"\n',
    }
    for file, text in texts.items():
        if not (work.at.settings / file).exists():
            put(work.at.settings / file, text)


def _settings(orders: Orders) -> str:
    """Return a new door's doorward.yaml; what the owner named stands there as JSON, which YAML cannot misread."""
    ears = f"door:\n  microphone: {json.dumps(orders.microphone)}\n" if orders.microphone else ""
    return f"camera:\n  source: {json.dumps(orders.camera)}\n{ears}link:\n  server_user: {SERVER}\n"


def memory(work: Work) -> None:
    """Have the units' memory limits hold, and no swap on the card."""
    if not work.orders.is_pi:
        return
    if work.at.kernel_line.exists():
        now = work.at.kernel_line.read_text()
        if kernel.with_memory_limits(now) != now:
            put(work.at.kernel_line_backup, now)
            work.before.kernel_line = now
            work.keep()
            put(work.at.kernel_line, kernel.with_memory_limits(now))
            work.restart_wanted = True
    if work.at.swap_settings.exists() and not work.at.swap.exists():
        work.make_directory(work.at.swap.parent)
        put(work.at.swap, kernel.SWAP)
        work.restart_wanted = True

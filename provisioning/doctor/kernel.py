"""What the kernel tells of the computer: files of /proc, /sys and /run, read and nothing else.

Power, heat, locked memory and what is known of the time are read by the device's own ``sensors``.

Source: proc(5); Documentation/admin-guide/blockdev/zram.
"""

import os
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Final

from device.health.sensors import ROOT, celsius, is_set, locked_kib, number_of, text_of, throttled
from provisioning.doctor.computer import Computer

_NO_DISK: Final = "none"


def read_computer(pid: int | None, now_utc: datetime, newest_day: date | None, root: Path = ROOT) -> Computer:
    """Return what it tells.

    Args:
        pid: the device's process; None if it does not run.
        now_utc: wall time.
        newest_day: the day of the newest clip.
        root: where ``proc``, ``sys`` and ``run`` lie.
    """
    return Computer(
        throttled=throttled(root),
        celsius=celsius(root),
        swaps=tuple(_swaps(root)),
        locked_kib=None if pid is None else locked_kib(pid, root),
        now_utc=now_utc,
        is_set=is_set(root),
        newest_day=newest_day,
        networks=_networks(root),
    )


def _swaps(root: Path) -> Iterator[str]:
    """Yield what is swapped to and outlasts the plug; zram does only where it has a disk behind it."""
    for line in (text_of(root / "proc/swaps") or "").splitlines()[1:]:
        name = line.split()[0]
        device = os.path.basename(name)  # noqa: PTH119 - a name of the kernel's, no path of ours
        if device.startswith("zram") and "/" not in device:
            behind = text_of(root / "sys/block" / device / "backing_dev")
            if behind in (None, "", _NO_DISK):
                continue
            yield f"{behind} (behind {device})"
        else:
            yield name


def _networks(root: Path) -> dict[str, float | None]:
    strengths: dict[str, float | None] = {}
    for line in (text_of(root / "proc/net/wireless") or "").splitlines()[2:]:
        name, _, rest = line.partition(":")
        columns = rest.split()
        if len(columns) > 2:
            level = number_of(columns[2].rstrip("."))
            strengths[name.strip()] = None if level is None else float(level)
    return {
        path.name: strengths.get(path.name)
        for path in sorted(root.glob("sys/class/net/*"))
        if path.name != "lo" and text_of(path / "operstate") == "up"
    }

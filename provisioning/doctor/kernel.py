"""What the kernel tells of the computer: files of /proc, /sys and /run, read and nothing else.

Source: proc(5); the Raspberry Pi firmware driver's ``get_throttled``; Documentation/driver-api/thermal;
Documentation/admin-guide/blockdev/zram.
"""

import os
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Final

from provisioning.doctor.computer import Computer

ROOT: Final = Path("/")
_MOST: Final = 65_536
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
        throttled=_number(_first(root, "sys/devices/platform/soc*/soc*:firmware/get_throttled"), 16),
        celsius=_celsius(root),
        swaps=tuple(_swaps(root)),
        locked_kib=None if pid is None else _locked_kib(root / f"proc/{pid}/status"),
        now_utc=now_utc,
        is_set=_is_set(root),
        newest_day=newest_day,
        networks=_networks(root),
    )


def text_of(path: Path) -> str | None:
    """Return what a file of the kernel's says; None if there is none, or it may not be read."""
    try:
        with path.open("rb") as file:
            return file.read(_MOST).decode("utf-8", "replace").strip()
    except OSError:
        return None


def _first(root: Path, pattern: str) -> str | None:
    return next((text for path in sorted(root.glob(pattern)) if (text := text_of(path)) is not None), None)


def _number(text: str | None, base: int = 10) -> int | None:
    try:
        return None if text is None else int(text, base)
    except ValueError:
        return None


def _celsius(root: Path) -> float | None:
    """Return the hottest of what calls itself a processor's."""
    found = [
        thousandths / 1000
        for zone in root.glob("sys/class/thermal/thermal_zone*")
        if "cpu" in (text_of(zone / "type") or "").lower()
        and (thousandths := _number(text_of(zone / "temp"))) is not None
    ]
    return max(found, default=None)


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


def _locked_kib(status: Path) -> int | None:
    for line in (text_of(status) or "").splitlines():
        if line.startswith("VmLck:"):
            return _number(line.split()[1])
    return None


def _is_set(root: Path) -> bool | None:
    """Return what systemd-timesyncd noted; None where it does not run."""
    if not (root / "run/systemd/timesync").is_dir():
        return None
    return (root / "run/systemd/timesync/synchronized").exists()


def _networks(root: Path) -> dict[str, float | None]:
    strengths: dict[str, float | None] = {}
    for line in (text_of(root / "proc/net/wireless") or "").splitlines()[2:]:
        name, _, rest = line.partition(":")
        columns = rest.split()
        if len(columns) > 2:
            level = _number(columns[2].rstrip("."))
            strengths[name.strip()] = None if level is None else float(level)
    return {
        path.name: strengths.get(path.name)
        for path in sorted(root.glob("sys/class/net/*"))
        if path.name != "lo" and text_of(path / "operstate") == "up"
    }

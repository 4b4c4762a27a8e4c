"""What the computer tells of power, heat, memory and time: files of /sys, /proc and /run, read and nothing else.

Source: proc(5); systemd-timesyncd(8); the Raspberry Pi firmware driver's ``get_throttled``; Documentation/driver-api/thermal.
"""

from pathlib import Path
from typing import Final

ROOT: Final = Path("/")
_MOST_BYTES: Final = 65_536


def throttled(root: Path = ROOT) -> int | None:
    """Return the firmware's bits; None on a computer that is no Pi. ``root`` is where ``sys`` lies."""
    for path in sorted(root.glob("sys/devices/platform/soc*/soc*:firmware/get_throttled")):
        if (bits := number_of(text_of(path), 16)) is not None:
            return bits
    return None


def celsius(root: Path = ROOT) -> float | None:
    """Return the temperature of the hottest of what calls itself a processor's; None if nothing does."""
    found = [
        thousandths / 1000
        for zone in root.glob("sys/class/thermal/thermal_zone*")
        if "cpu" in (text_of(zone / "type") or "").lower()
        and (thousandths := number_of(text_of(zone / "temp"))) is not None
    ]
    return max(found, default=None)


def locked_kib(pid: int, root: Path = ROOT) -> int | None:
    """Return how much of a process's memory is kept from swap; None if there is none, or it may not be looked at."""
    for line in (text_of(root / f"proc/{pid}/status") or "").splitlines():
        if line.startswith("VmLck:"):
            return number_of(line.split()[1])
    return None


def is_set(root: Path = ROOT) -> bool | None:
    """Return whether systemd-timesyncd heard a time server since the start; None where it does not run."""
    if not (root / "run/systemd/timesync").is_dir():
        return None
    return (root / "run/systemd/timesync/synchronized").exists()


def text_of(path: Path) -> str | None:
    """Return what a file of the kernel's says; None if there is none, or it may not be read."""
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace").strip()
    except OSError:
        return None


def number_of(text: str | None, base: int = 10) -> int | None:
    """Return the number that a text is; None if it is none."""
    try:
        return None if text is None else int(text, base)
    except ValueError:
        return None

"""What systemd tells of our units: asked by ``systemctl show``, which changes nothing.

Source: systemctl(1), systemd-analyze(1).
"""

import re
import shutil
import subprocess
from typing import Final

from provisioning.doctor.parts import Unit

UNITS: Final = ("doorward-device.service", "doorward-server.service")
_WAIT_S: Final = 20.0
_SHOWN: Final = "LoadState,ActiveState,NRestarts"


def read_units() -> list[Unit] | None:
    """Return how our units are; None if no systemd answers."""
    units = []
    for name in UNITS:
        said = _said("systemctl", "show", name, f"--property={_SHOWN}")
        if said is None:
            return None
        told = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
        is_there = told.get("LoadState") == "loaded"
        score = _score(_said("systemd-analyze", "security", name, "--no-pager") or "") if is_there else None
        restarts = told.get("NRestarts", "")
        units.append(
            Unit(
                name,
                is_there,
                told.get("ActiveState", ""),
                int(restarts) if restarts.isdecimal() else 0,
                score,
            )
        )
    return units


def _score(said: str) -> float | None:
    found = re.search(r"exposure level for \S+: ([0-9]+\.[0-9])", said)
    return float(found[1]) if found else None


def _said(program: str, *arguments: str) -> str | None:
    """Return what a program says; None if it is not here, fails or hangs."""
    path = shutil.which(program)
    if path is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - every word of it is ours
            [path, *arguments], capture_output=True, check=True, timeout=_WAIT_S, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")

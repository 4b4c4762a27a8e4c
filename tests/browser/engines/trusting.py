"""Doing what installing the house CA's certificate on a device does."""

import subprocess
from pathlib import Path


def trust(authority: Path, database: Path) -> None:
    """Have an NSS database, Chromium's or a Firefox profile, trust a CA."""
    database.mkdir(parents=True, exist_ok=True)
    for arguments in (["-N", "--empty-password"], ["-A", "-n", "house", "-t", "C,,", "-i", str(authority)]):
        subprocess.run(["certutil", "-d", f"sql:{database}", *arguments], check=True)

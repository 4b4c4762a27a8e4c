"""Grants on the disk: age files that one reader made for another, kept until it asks.

    grants/<16 hex digits of the reader's key hash>/<6 digits>.age

The device can open none of them. A reader's oldest give way, so that nobody fills the card with them.

Source: docs/FORMAT.md, "Grant".
"""

import hashlib
import shutil
from pathlib import Path
from typing import Final

from device.durable import make_directory, write_file

DIRECTORY: Final = "grants"
MAX_GRANTS: Final = 64


class Grants:
    """The directory of grants. One thread."""

    def __init__(self, state: Path) -> None:
        """Open the directory below ``state``, creating it if need be.

        Raises:
            OSError: it cannot be made.
        """
        self._directory = state / DIRECTORY
        make_directory(self._directory)

    def add(self, reader: bytes, file: bytes) -> int:
        """Keep a grant for ``reader`` and return its number.

        Raises:
            OSError: it was not kept.
        """
        home = self._home(reader)
        make_directory(home)
        numbers = self._numbers(home)
        number = numbers[-1] + 1 if numbers else 1
        write_file(home / f"{number:06d}.age", file)
        for old in numbers[: max(0, len(numbers) + 1 - MAX_GRANTS)]:
            (home / f"{old:06d}.age").unlink()
        return number

    def read(self, reader: bytes, start: int, budget_bytes: int) -> tuple[list[tuple[int, bytes]], bool]:
        """Return numbers and files of a reader's grants from ``start`` on that fit, and whether more follow."""
        home = self._home(reader)
        found: list[tuple[int, bytes]] = []
        size_bytes = 0
        for number in (number for number in self._numbers(home) if number >= start):
            data = (home / f"{number:06d}.age").read_bytes()
            size_bytes += len(data)
            if found and size_bytes > budget_bytes:
                return found, True
            found.append((number, data))
        return found, False

    def forget(self, reader: bytes) -> None:
        """Remove what was kept for somebody who left.

        Raises:
            OSError: some of it stays.
        """
        home = self._home(reader)
        if home.exists():
            shutil.rmtree(home)

    def _home(self, reader: bytes) -> Path:
        return self._directory / hashlib.sha256(reader).hexdigest()[:16]

    def _numbers(self, home: Path) -> list[int]:
        if not home.is_dir():
            return []
        return sorted(int(file.stem) for file in home.glob("[0-9]*.age"))

"""Grants on the disk: age files that one reader made for another, kept until it asks.

    grants/<16 hex digits of the reader's key hash>/<6 digits>.age

The device can open none of them. A reader's oldest give way, so that nobody fills the card with them.

Source: docs/FORMAT.md, "Grant".
"""

import hashlib
import logging
import re
import shutil
from pathlib import Path
from typing import Final

from device.contract.commands import MAX_GRANT_BYTES
from device.durable import is_directory, make_directory, read_file, write_file
from device.pages import Page

DIRECTORY: Final = "grants"
MAX_GRANTS: Final = 64
_GRANT: Final = re.compile(r"[0-9]{6}\.age")

logger = logging.getLogger(__name__)


class Grants:
    """The directory of grants, made when it is first needed. One thread."""

    def __init__(self, state: Path) -> None:
        self._directory = state / DIRECTORY

    def add(self, reader: bytes, file: bytes) -> int:
        """Keep a grant for ``reader`` and return its number.

        Raises:
            OSError: it was not kept.
        """
        home = self._home(reader)
        for directory in (self._directory, home):
            make_directory(directory, aside=True)
        numbers = self._numbers(home)
        number = numbers[-1] + 1 if numbers else 1
        write_file(home / f"{number:06d}.age", file)
        for old in numbers[: max(0, len(numbers) + 1 - MAX_GRANTS)]:
            (home / f"{old:06d}.age").unlink()
        return number

    def read(self, reader: bytes, start: int, page: Page) -> tuple[list[tuple[int, bytes]], bool]:
        """Return numbers and files of a reader's grants from ``start`` on that fit, and whether more follow.

        One that cannot be read is left out.
        """
        home = self._home(reader)
        found: list[tuple[int, bytes]] = []
        for number in (number for number in self._numbers(home) if number >= start):
            try:
                data = read_file(home / f"{number:06d}.age", MAX_GRANT_BYTES)
            except OSError as error:
                logger.error("a grant cannot be read: %s", error.strerror)  # noqa: TRY400 - a sentence, not a trace
                continue
            if not page.takes(data):
                return found, True
            found.append((number, data))
        return found, False

    def forget(self, reader: bytes) -> None:
        """Remove what was kept for somebody who left.

        Raises:
            OSError: some of it stays.
        """
        home = self._home(reader)
        if is_directory(home):
            shutil.rmtree(home)

    def _home(self, reader: bytes) -> Path:
        return self._directory / hashlib.sha256(reader).hexdigest()[:16]

    def _numbers(self, home: Path) -> list[int]:
        if not is_directory(home):
            return []
        return sorted(int(file.stem) for file in home.iterdir() if _GRANT.fullmatch(file.name))

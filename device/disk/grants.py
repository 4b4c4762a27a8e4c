"""Grants on the disk: age files that one reader made for another, kept until it asks.

    grants/<16 hex digits of the reader's key hash>    a file of numbered records

The device can open none of them. A reader's oldest give way, so that nobody fills the card with them. One file a reader, so that
the card does not tell when each was given.

Source: docs/FORMAT.md, "Grant".
"""

import hashlib
import logging
import os
from pathlib import Path
from typing import Final

from device.contract.commands import MAX_GRANT_BYTES
from device.contract.pages import Page
from device.disk.durable import erase, make_directory, move_aside, open_file, write_file
from device.disk.records import Records, encode

DIRECTORY: Final = "grants"
MAX_GRANTS: Final = 64
MAX_BYTES: Final = 1 << 20
"""Of a reader's file; 64 of the largest take 0.7 MB."""

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
        make_directory(self._directory, aside=True)
        path = self._path(reader)
        records = self._open(path, os.O_RDWR)
        if records is None:
            if os.path.lexists(path):
                move_aside(path)
            write_file(path, encode(1, file))
            return 1
        try:
            numbers = records.numbers
            number = numbers[-1] + 1 if numbers else 1
            if len(numbers) < MAX_GRANTS:
                records.append(number, file)
                return number
            kept = [(old, records.read(old)) for old in numbers[1 - MAX_GRANTS :]]
        finally:
            records.close()
        write_file(path, b"".join(encode(old, data) for old, data in kept if data) + encode(number, file))
        return number

    def read(self, reader: bytes, start: int, page: Page) -> tuple[list[tuple[int, bytes]], bool]:
        """Return numbers and files of a reader's grants from ``start`` on that fit, and whether more follow.

        One that cannot be read is left out.
        """
        found: list[tuple[int, bytes]] = []
        records = self._open(self._path(reader), os.O_RDONLY)
        if records is None:
            return found, False
        try:
            for number in (number for number in records.numbers if number >= start):
                data = records.read(number)
                if data is None:
                    logger.error("a grant is damaged")
                elif not page.takes(data):
                    return found, True
                else:
                    found.append((number, data))
        except OSError as error:
            logger.error("a grant cannot be read: %s", error.strerror)  # noqa: TRY400 - a sentence, not a trace
        finally:
            records.close()
        return found, False

    def forget(self, reader: bytes) -> None:
        """Remove what was kept for somebody who left.

        Raises:
            OSError: it stays.
        """
        path = self._path(reader)
        if os.path.lexists(path):
            erase(path)

    def _path(self, reader: bytes) -> Path:
        return self._directory / hashlib.sha256(reader).hexdigest()[:16]

    def _open(self, path: Path, flags: int) -> Records | None:
        try:
            return Records(open_file(path, flags), MAX_BYTES, MAX_GRANT_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            logger.error("the grants of a reader cannot be read: %s", error.strerror)  # noqa: TRY400 - a sentence
            return None

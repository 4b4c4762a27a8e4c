"""Numbered records in one file that only grows, so that the file system keeps the time of the last one and of no other.

    NUMBER BASE64 and a newline

A torn or damaged line costs its own record and no other; of two with the same number the later counts. What a power cut left
after the last whole line goes with the next record.

Source: docs/FORMAT.md, "Epoch" and "Grant".
"""

import base64
import binascii
import contextlib
import errno
import os
import re
from typing import Final

from device.disk.durable import write_all

_BLOCK_BYTES: Final = 1 << 20
_LINE: Final = re.compile(rb"([1-9][0-9]{0,15}) ([A-Za-z0-9+/]+={0,2})")


class Records:
    """An open file of them. One thread writes; others may read meanwhile."""

    def __init__(self, descriptor: int, most_bytes: int, most_each_bytes: int) -> None:
        """Take over a descriptor and find where each record lies.

        Args:
            descriptor: of a regular file; readable, and writable for whoever appends.
            most_bytes: no file of ours is larger.
            most_each_bytes: nor a record.

        Raises:
            OSError: it cannot be read, or is larger; the descriptor is closed.
        """
        self._descriptor = descriptor
        self._most_line_bytes = 18 + most_each_bytes * 4 // 3 + 4
        self._places: dict[int, tuple[int, int]] = {}
        self._end = 0
        try:
            self._find(most_bytes)
        except BaseException:
            os.close(descriptor)
            raise

    @property
    def numbers(self) -> list[int]:
        """The numbers of all records, rising."""
        return sorted(self._places)

    def read(self, number: int) -> bytes | None:
        """Return a record, or None if there is none that is whole.

        Raises:
            OSError: it cannot be read.
        """
        place = self._places.get(number)
        if place is None:
            return None
        found = _LINE.fullmatch(os.pread(self._descriptor, place[1], place[0]))
        try:
            return base64.b64decode(found[2], validate=True) if found and int(found[1]) == number else None
        except binascii.Error:
            return None

    def append(self, number: int, data: bytes) -> None:
        """Add a record, durably.

        Raises:
            OSError: it is none; what was written of it is cut off again.
        """
        line = encode(number, data)
        try:
            os.ftruncate(self._descriptor, self._end)
            os.lseek(self._descriptor, self._end, os.SEEK_SET)
            write_all(self._descriptor, line)
            os.fdatasync(self._descriptor)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._end)
            raise
        self._places[number] = (self._end, len(line) - 1)
        self._end += len(line)

    def close(self) -> None:
        """Close the file; a second call is a caller's bug."""
        os.close(self._descriptor)

    def _find(self, most_bytes: int) -> None:
        """Read the file once, block by block: years of records would take a small computer's memory several times over."""
        if os.fstat(self._descriptor).st_size > most_bytes:
            raise OSError(errno.EFBIG, f"larger than {most_bytes:,} bytes")
        rest, at, position = b"", 0, 0
        while block := os.pread(self._descriptor, _BLOCK_BYTES, position):
            position += len(block)
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                if len(line) <= self._most_line_bytes and (found := _LINE.fullmatch(line)):
                    self._places[int(found[1])] = (at, len(line))
                at += len(line) + 1
                self._end = at
            if len(rest) > self._most_line_bytes:
                # No record of ours: only where it ends is of interest, and its first letter keeps it from being one.
                at, rest = at + len(rest) - 1, b" "


def encode(number: int, data: bytes) -> bytes:
    """Return a record as it stands in the file."""
    return b"%d %s\n" % (number, base64.b64encode(data))

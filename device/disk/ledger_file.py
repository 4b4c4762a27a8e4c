"""The ledger on disk: appended and synced line by line, verified whole at start, its head signed beside it.

A line is durable before anybody acts on it. A torn last line (power cut in the middle of a write) was acted on by
nobody, so it is cut off at start. The head file can lag behind, never lead: it is written after the line.

One thread at a time; ``device.ledger`` holds the lock.
"""

import contextlib
import os
from array import array
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.disk.durable import open_file, write_all, write_file
from device.errors import DeviceError
from device.trust.errors import LedgerBroken
from device.trust.ledger import Chain, split
from device.trust.lines import MAX_LINE_BYTES, SignedHead
from device.trust.signed import Context, sign

LEDGER: Final = "ledger"
HEAD: Final = "head"
_BLOCK_BYTES: Final = 1 << 20


class NotThisDoor(DeviceError, ValueError):
    """The state directory and the device key do not belong together."""


class LedgerFile:
    """The open ledger of one door.

    Attributes:
        chain: what the file holds, verified.
    """

    def __init__(self, directory: Path, key: Ed25519PrivateKey) -> None:
        """Open, verify and mend the ledger in ``directory``.

        Raises:
            LedgerBroken: a line in the middle does not hold; nothing was changed.
            NotThisDoor: the chain was born with another device key.
            OSError: it cannot be read or written.
        """
        self._directory = directory
        self._key = key
        self._descriptor = open_file(directory / LEDGER, os.O_RDWR)
        self.chain = Chain()
        self._ends = array("Q")
        try:
            self._load()
        except BaseException:
            os.close(self._descriptor)
            raise

    def append(self, raw: bytes) -> None:
        """Make one line durable, take it into the chain, sign the new head.

        Args:
            raw: from ``chain.next_line``, without newline.

        Raises:
            OSError: the line is not part of the ledger; what was written of it is cut off again.
        """
        end = self._ends[-1] if self._ends else 0
        try:
            write_all(self._descriptor, raw + b"\n")
            os.fdatasync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, end)
            os.lseek(self._descriptor, end, os.SEEK_SET)
            raise
        self.chain.add(raw)
        self._ends.append(end + len(raw) + 1)
        # The line is durable and counts, whatever becomes of the head, which may lag: a full disk is no failure here.
        with contextlib.suppress(OSError):
            self._write_head()

    def lines(self, start: int, budget_bytes: int) -> tuple[list[bytes], bool]:
        """Return raw lines from number ``start`` on that fit in ``budget_bytes``, and whether more follow.

        At least one line is returned if there is one, whatever its size.
        """
        if start >= len(self._ends):
            return [], False
        first = self._ends[start - 1] if start else 0
        stop = start
        while stop < len(self._ends) and (stop == start or self._ends[stop] - first <= budget_bytes):
            stop += 1
        data = os.pread(self._descriptor, self._ends[stop - 1] - first, first)
        return data.split(b"\n")[:-1], stop < len(self._ends)

    def close(self) -> None:
        """Close the file; a second call is a caller's bug."""
        os.close(self._descriptor)

    def _load(self) -> None:
        torn = b""
        end = 0
        # Block by block: years of lines would take a small computer's memory several times over.
        while block := os.read(self._descriptor, _BLOCK_BYTES):
            data = torn + block
            raws, torn_bytes = split(data)
            torn = data[len(data) - torn_bytes :]
            if torn_bytes > MAX_LINE_BYTES:  # or a file of zeros would be read into memory to its end
                raise LedgerBroken(len(self._ends) + len(raws), "never ends")
            for raw in raws:
                self.chain.add(raw)
                end += len(raw) + 1
                self._ends.append(end)
        if not self._ends:
            raise NotThisDoor(
                "the ledger is empty: this door was never born", hint="make a house card: doorward card"
            )
        if self.chain.roster.device != self._key.public_key().public_bytes_raw():
            raise NotThisDoor(
                "the device key is not the one that this ledger was born with",
                hint="use the state directory of one door as a whole, never parts of two",
            )
        if torn:
            os.ftruncate(self._descriptor, end)
            os.fdatasync(self._descriptor)
        os.lseek(self._descriptor, end, os.SEEK_SET)
        self._write_head()

    def _write_head(self) -> None:
        head = self.chain.head
        blob = sign(self._key, Context.HEAD, SignedHead(self.chain.roster.door, head.seq, head.hash))
        write_file(self._directory / HEAD, blob, durable=False)

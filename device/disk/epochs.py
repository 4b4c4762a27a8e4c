"""Epoch keys: what seals events and private lines, drawn in RAM and handed to the household as one age file.

The device forgets a key when the next one comes; only readers and the card can open the file that carries it. So a
thief finds keys for nothing that was sealed before the theft.

All of them lie in one file. Each change of the household begins an epoch; a file of its own would carry the second in which
somebody came or went, for whoever takes the card.

Source: docs/FORMAT.md, "Epoch".
"""

import hashlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec

from device.disk.durable import move_aside, open_file, sync_directory
from device.disk.records import Records
from device.sealing.age import seal
from device.sealing.recipients import Recipient
from device.sealing.sframe import Sealer

KEY_BYTES: Final = 32
EPOCHS: Final = "epochs"
MAX_FILE_BYTES: Final = 32_768
"""Seventeen recipients, readers and card, take 29 kB."""
MAX_BYTES: Final = 1 << 30
"""Decades of them."""

logger = logging.getLogger(__name__)


class EpochKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Plaintext of an epoch file."""

    epoch: Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
    key: Annotated[bytes, msgspec.Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]


class Epochs:
    """The file of epochs. One thread writes; others may read meanwhile."""

    def __init__(self, state: Path) -> None:
        """Open the file below ``state``, creating it if need be; what stands there and is none gets another name.

        Raises:
            OSError: it cannot be made.
        """
        path = state / EPOCHS
        try:
            self._records = _open(path, os.O_RDWR)
        except OSError as error:
            if not isinstance(error, FileNotFoundError):
                move_aside(path)
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._records = Records(os.open(path, flags, 0o600), MAX_BYTES, MAX_FILE_BYTES)
            sync_directory(state)

    def begin(self, epoch: int, recipients: Sequence[Recipient]) -> tuple[Sealer, bytes]:
        """Draw a key, write its age file durably and return its sealer and the file's SHA-256.

        Args:
            epoch: its number; a file of the same number that no ledger line announced counts no more.
            recipients: of everybody who may open it.

        Raises:
            SealError: a recipient is unfit.
            OSError: the file could not be written; nothing changed.
        """
        key = os.urandom(KEY_BYTES)
        plaintext = msgspec.json.encode(EpochKey(epoch, key))
        data = seal(plaintext, recipients)
        self._records.append(epoch, data)
        return Sealer(epoch, key), hashlib.sha256(data).digest()

    def read(self, epoch: int) -> bytes | None:
        """Return an epoch's age file, or None if it cannot be had: the other epochs open without it."""
        try:
            data = self._records.read(epoch)
        except OSError as error:
            logger.error("epoch %d cannot be read: %s", epoch, error.strerror)  # noqa: TRY400 - a sentence, not a trace
            return None
        if data is None:
            logger.error("epoch %d is missing or damaged", epoch)
        return data

    def close(self) -> None:
        """Close the file."""
        self._records.close()


def read_epochs(state: Path) -> dict[int, bytes]:
    """Return the age files of a door's epochs, for whoever reads its directory; none if they cannot be read."""
    try:
        records = _open(state / EPOCHS, os.O_RDONLY)
    except OSError:
        return {}
    try:
        found = {epoch: records.read(epoch) for epoch in records.numbers}
    except OSError:
        return {}
    finally:
        records.close()
    return {epoch: data for epoch, data in found.items() if data is not None}


def _open(path: Path, flags: int) -> Records:
    return Records(open_file(path, flags), MAX_BYTES, MAX_FILE_BYTES)

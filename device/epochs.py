"""Epoch keys: what seals events and private lines, drawn in RAM and handed to the household as one age file.

The device forgets a key when the next one comes; only readers and the card can open the file that carries it. So a
thief finds keys for nothing that was sealed before the theft.

Source: docs/FORMAT.md, "Epoch".
"""

import hashlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec

from device.durable import make_directory, read_file, sweep, write_file
from device.sealing.age import seal
from device.sealing.recipients import Recipient
from device.sealing.sframe import Sealer

KEY_BYTES: Final = 32
DIRECTORY: Final = "epochs"
MAX_FILE_BYTES: Final = 32_768
"""Seventeen recipients, readers and card, take 29 kB."""

logger = logging.getLogger(__name__)


class EpochKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Plaintext of an epoch file."""

    epoch: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    key: Annotated[bytes, msgspec.Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]


class Epochs:
    """The directory of epoch files."""

    def __init__(self, state: Path) -> None:
        """Open the directory below ``state``, creating it if need be.

        Raises:
            OSError: it cannot be made.
        """
        self._directory = state / DIRECTORY
        make_directory(self._directory)
        sweep(self._directory)

    def begin(self, epoch: int, recipients: Sequence[Recipient]) -> tuple[Sealer, bytes]:
        """Draw a key, write its file durably and return its sealer and the file's SHA-256.

        Args:
            epoch: its number; a file of the same number that no ledger line announced is replaced.
            recipients: of everybody who may open it.

        Raises:
            SealError: a recipient is unfit.
            OSError: the file could not be written; nothing changed.
        """
        key = os.urandom(KEY_BYTES)
        plaintext = msgspec.json.encode(EpochKey(epoch, key))
        data = seal(plaintext, recipients)
        write_file(self._path(epoch), data)
        return Sealer(epoch, key), hashlib.sha256(data).digest()

    def read(self, epoch: int) -> bytes | None:
        """Return an epoch file, or None if it cannot be had: the other epochs open without it."""
        try:
            return read_file(self._path(epoch), MAX_FILE_BYTES)
        except OSError as error:
            logger.error("epoch %d cannot be read: %s", epoch, error.strerror)  # noqa: TRY400 - a sentence, not a trace
            return None

    def _path(self, epoch: int) -> Path:
        return self._directory / f"{epoch:06d}.age"

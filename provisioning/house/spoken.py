"""The door's sealed words on one clip, as ``event`` and ``begun`` hold them, opened and judged by themselves.

Source: docs/FORMAT.md, "Spool".
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from device.recording import masking
from device.sealing.errors import SealError
from device.sealing.sframe_header import decode_header
from device.trust.errors import TrustError
from device.trust.signed import Context, verify
from device.trust.statement import Statement
from provisioning.house.house import House


@dataclass(frozen=True, slots=True)
class Word:
    """What came of one such file.

    Attributes:
        kind: ``absent``; ``locked``: sealed to a household to which no key at hand belonged; ``damaged``: not what was sealed, or
            sealed under a key that one at hand ought to have; ``false``: it opens, and is no word of this door on this clip;
            ``said``.
        reason: what is wrong, as the end of a sentence.
        statement: the device's, verified; None unless it was ``said``.
        signed: the same as the device signed it.
    """

    kind: Literal["absent", "locked", "damaged", "false", "said"]
    reason: str = ""
    statement: Statement | None = None
    signed: bytes = b""


def read_word(house: House, clip: int, path: Path) -> Word:
    """Return the word in a file; never raises for what it holds."""
    try:
        data = house.read(path)
        if data is None:
            return Word("absent", "is missing")
        epoch = decode_header(data).kid
        if not house.has_epoch(epoch):
            return Word("damaged", f"names epoch {epoch}, of which the ledger knows nothing")
        if epoch not in house.history.epoch_keys:
            if house.ought_to_open(epoch):
                return Word("damaged", f"does not open: the key of epoch {epoch} is missing")
            return Word("locked")
        blob = house.history.open_event(data)
    except OSError as error:
        return Word("damaged", f"cannot be read: {error.strerror}")
    except SealError as error:
        return Word("damaged", f"was changed: {error}")
    try:
        said = verify(house.chain.roster.device, Context.STATEMENT, blob, Statement)
    except TrustError as error:
        return Word("false", f"does not hold: {error}")
    if (said.door, said.clip) != (house.chain.roster.door, clip):
        return Word("false", f"does not hold: the statement is of another door or clip ({said.clip})")
    if not masking.fit(said):
        return Word(
            "false", "does not hold: the masks that it lists are not those that its digest stands for"
        )
    return Word("said", "", said, blob)

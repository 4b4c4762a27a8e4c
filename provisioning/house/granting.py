"""A grant: keys of older clips for a reader who joined later, made with the card's Open half or another reader's key.

It carries file keys and epoch keys, never a key of anybody's, and is sealed to the one reader it is for. Clips and their
headers stay as they are.

Source: docs/FORMAT.md, "Grant".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from device.disk.epochs import EpochKey
from device.disk.spool import CLIP
from device.sealing.age import seal
from device.sealing.errors import SealError
from device.sealing.header import read_header, unwrap_file_key
from device.sealing.recipients import parse_recipient
from device.trust.household import Reader
from provisioning.errors import ProvisioningError
from provisioning.house.house import House

FORM: Final = "doorward/v1/grant"


class NoGrant(ProvisioningError, ValueError):
    """There is nobody to grant to, or nothing that could be granted."""


class ClipKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file key of one clip, 16 bytes."""

    clip: int
    key: bytes


class GrantText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Plaintext of a grant."""

    form: str
    door: bytes
    epochs: list[EpochKey]
    clips: list[ClipKey]


@dataclass(frozen=True, slots=True)
class Made:
    """A grant that was made.

    Attributes:
        sealed: the age file.
        clips: how many it opens.
        left_out: clips that these identities do not open.
    """

    sealed: bytes
    clips: int
    left_out: int


def make_grant(
    house: House, to: Reader, clips: Sequence[int], progress: Callable[[int], object] = lambda _: None
) -> Made:
    """Return a grant of some clips, and of every epoch that the house's identities open.

    Args:
        house: read with who grants.
        to: who gets it.
        clips: their numbers.
        progress: told of each clip.

    Raises:
        NoGrant: none of the clips opens.
    """
    keys: list[ClipKey] = []
    for clip in clips:
        progress(clip)
        key = _file_key(house, clip)
        if key is not None:
            keys.append(ClipKey(clip, key))
    if not keys:
        raise NoGrant("none of these clips opens with this key", hint="the card's Open half opens every clip")
    epochs = [EpochKey(number, key) for number, key in sorted(house.history.epoch_keys.items())]
    plaintext = msgspec.json.encode(GrantText(FORM, house.chain.roster.door, epochs, keys))
    return Made(seal(plaintext, [parse_recipient(to.recipient)]), len(keys), len(clips) - len(keys))


def _file_key(house: House, clip: int) -> bytes | None:
    home = house.clips.get(clip)
    if home is None:
        return None
    try:
        file = house.open(home / CLIP)
        if file is None:
            return None
        with file:
            return bytes(unwrap_file_key(read_header(file), house.identities))
    except (OSError, SealError):
        return None

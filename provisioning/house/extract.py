"""A clip out of the spool, as a plain MP4: written as far as it opens, refused if it is not to be kept."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from provisioning.errors import ProvisioningError
from provisioning.house.genuine import Finding, check_film, read_record
from provisioning.house.house import House


class NotOpened(ProvisioningError, ValueError):
    """There is no film to write, or none that should be."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """A film that was written.

    Attributes:
        finding: what was found of it.
        film_sha256: of the plaintext.
    """

    finding: Finding
    film_sha256: bytes


class Measured:
    """A sink that knows the SHA-256 of what went into it."""

    def __init__(self, sink: BinaryIO) -> None:
        self._sink = sink
        self._sha256 = hashlib.sha256()

    def write(self, data: bytes, /) -> int:
        """Write, and measure."""
        self._sha256.update(data)
        return self._sink.write(data)

    @property
    def sha256(self) -> bytes:
        """Of all that was written."""
        return self._sha256.digest()


def extract(
    house: House,
    clip: int,
    sink: BinaryIO,
    *,
    anyway: bool = False,
    progress: Callable[[int], object] = lambda _: None,
) -> Extracted:
    """Write a clip's film and return what was found of it.

    Args:
        house: the door, read with a key that opens.
        clip: its number.
        sink: takes the film; its owner keeps it only if nothing is raised.
        anyway: write what opens even if it does not hold.
        progress: told how many more bytes were read.

    Raises:
        NotOpened: no such clip, no film, not for this key, or not genuine.
        OSError: the sink could not be written.
    """
    if clip not in house.numbers():
        raise NotOpened(f"there is no clip {clip}", hint="doorward clips list shows which there are")
    record, measured = read_record(house, clip), Measured(sink)
    finding = check_film(house, record, measured, anyway=anyway, progress=progress)
    _refuse(finding, anyway=anyway)
    return Extracted(finding, measured.sha256)


def _refuse(finding: Finding, *, anyway: bool) -> None:
    clip = finding.record.clip
    if finding.verdict == "locked":
        raise NotOpened(f"clip {clip}: {finding.reason}", hint="the card's Open half opens every clip")
    if finding.verdict == "missing":
        raise NotOpened(f"clip {clip} is missing: {finding.reason}")
    if not finding.is_sound and not anyway:
        raise NotOpened(
            f"clip {clip} is not what the door recorded: {finding.reason}",
            hint="--anyway writes as much of it as opens",
        )
    if not finding.plaintext_bytes:
        raise NotOpened(
            f"clip {clip} has no film that opens" + (f": {finding.reason}" if finding.reason else "")
        )

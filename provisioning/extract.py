"""A clip out of the spool, as a plain MP4 that is whole or not there."""

from collections.abc import Callable
from pathlib import Path

from device.durable import replacing
from provisioning.checking import Finding, check_film, read_record
from provisioning.errors import ProvisioningError
from provisioning.house import House


class NotOpened(ProvisioningError, ValueError):
    """There is no film to write, or none that should be."""


def extract(
    house: House,
    clip: int,
    out: Path,
    *,
    anyway: bool = False,
    progress: Callable[[int], object] = lambda _: None,
) -> Finding:
    """Write a clip's film to ``out`` and return what was found of it.

    Args:
        house: the door, read with a key that opens.
        clip: its number.
        out: replaced if it is there; its directory must be.
        anyway: write what opens even if it does not hold.
        progress: told how many more bytes were read.

    Raises:
        NotOpened: no such clip, no film, not for this key, or not genuine; ``out`` is as it was.
        OSError: the same.
    """
    if clip not in house.numbers():
        raise NotOpened(f"there is no clip {clip}", hint="doorward clips list shows which there are")
    record = read_record(house, clip)
    with replacing(out) as descriptor:
        with open(descriptor, "wb", closefd=False) as sink:
            finding = check_film(house, record, sink, anyway=anyway, progress=progress)
        _refuse(finding, anyway=anyway)
    return finding


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

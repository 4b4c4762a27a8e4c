"""Key files of the household: the card's, a reader's, any age identity file."""

from pathlib import Path
from typing import Final

from device.sealing.errors import SealError
from device.sealing.identities import parse_identity
from provisioning.errors import ProvisioningError
from provisioning.house.place import Held
from provisioning.texts import NoText, name_of, read_text

_IDENTITY: Final = "AGE-"
_OTHERS: Final = {
    "ADMIT1": "the card's Admit half",
    "HTTP": "a link",
    "NEWCARD1": "the text that asks for a new card",
    "AGE1": "a public key",
    "SSH-": "an SSH key",
    "-----BEGINOPENSSH": "an SSH key",
}
_OPEN_HALF: Final = "the Open half begins with AGE-SECRET-KEY-PQ-1"


class NoKey(ProvisioningError, ValueError):
    """What was given holds no key that opens."""


def read_identities(path: Path) -> list[Held]:
    """Return the age identities in a file, or from standard input if its name is ``-``. Errors never repeat a key.

    Raises:
        NoKey: it cannot be read, holds none, or a damaged one.
    """
    try:
        text = read_text(path)
    except NoText as error:
        hint = error.hint or "name the card's file, or - to type the key"
        raise NoKey(str(error), hint=hint) from error
    name = name_of(path)
    identities: list[Held] = []
    for number, key in _keys(text):
        for start, kind in _OTHERS.items():
            if key.upper().startswith(start):
                raise NoKey(f"{name}, line {number}: this is {kind}, and opens nothing", hint=_OPEN_HALF)
        try:
            identities.append(parse_identity(key))
        except SealError as error:
            raise NoKey(f"{name}, line {number}: {error}", hint=error.hint) from error
    if not identities:
        raise NoKey(f"{name}: holds no key", hint=_OPEN_HALF)
    return identities


def _keys(text: str) -> list[tuple[int, str]]:
    """Return each key with its line; one that was typed in several rows, as it stands on paper, is one."""
    found: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        row = "".join(line.split())
        if not row or row.startswith("#"):
            continue
        if found and not row.upper().startswith((_IDENTITY, *_OTHERS)):
            start, begun = found.pop()
            found.append((start, begun + row))
        else:
            found.append((number, row))
    return found

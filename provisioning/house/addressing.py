"""Which reader is meant: by its name, by its number in the list, or by the words of its key.

A name may be one that nobody can type, or that a person mixes up; a number and a key's words always do. No name is a number, and
none is as long as the words.
"""

from collections.abc import Sequence

from device.trust.household import Reader
from provisioning.errors import ProvisioningError
from provisioning.house.words import words
from provisioning.printer import quoted


class NoSuchReader(ProvisioningError, ValueError):
    """Nobody of the household is meant, or several are."""


def addressed(readers: Sequence[Reader], text: str) -> Reader:
    """Return the reader who is meant.

    Args:
        readers: in the order in which they joined.
        text: a name, a number from 1, or eight words with spaces or hyphens in between, in either case.

    Raises:
        NoSuchReader: none is meant, or several.
    """
    if text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= len(readers):
        return readers[int(text[:9]) - 1]
    spoken = " ".join(text.replace("-", " ").lower().split())
    found = [reader for reader in readers if reader.label == text or words(reader.sign) == spoken]
    if len(found) != 1:
        raise NoSuchReader(
            f"{'several readers are' if found else 'no reader is'} called {quoted(text)}",
            hint=f"there are: {'; '.join(described(readers)) or 'nobody'}; a number or the words of a key will do",
        )
    return found[0]


def described(readers: Sequence[Reader]) -> list[str]:
    """Return a line for each reader: name, number and words."""
    return [
        f"{quoted(reader.label)}, number {number}, {words(reader.sign).replace(' ', '-')}"
        for number, reader in enumerate(readers, 1)
    ]

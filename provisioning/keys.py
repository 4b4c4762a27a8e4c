"""Key files of the household: the card's, a reader's, any age identity file."""

import sys
from pathlib import Path

from device.sealing.errors import SealError
from device.sealing.identities import parse_identity
from provisioning.errors import ProvisioningError
from provisioning.place import Held


class NoKey(ProvisioningError, ValueError):
    """What was given holds no key that opens."""


def read_identities(path: Path) -> list[Held]:
    """Return the age identities in a file, or from standard input if its name is ``-``. Errors never repeat a key.

    Raises:
        NoKey: it cannot be read, holds none, or a damaged one.
    """
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise NoKey(
            f"{path}: cannot be read: {reason}", hint="name the card's file, or - to type the key"
        ) from error
    identities: list[Held] = []
    for number, line in enumerate(text.splitlines(), 1):
        key = line.strip()
        if not key or key.startswith("#"):
            continue
        try:
            identities.append(parse_identity(key))
        except SealError as error:
            raise NoKey(f"{path}, line {number}: {error}", hint=error.hint) from error
    if not identities:
        raise NoKey(f"{path}: holds no key", hint="the Open half begins with AGE-SECRET-KEY-PQ-1")
    return identities

"""The head that this computer last saw of a door: a witness against whoever would rewrite the door's past.

Whoever holds the device's key could write a new ledger that verifies. It cannot hold the line that was seen here. There is one
file for each door: a copy that ``verify`` reads and a running door that ``settings`` asks are held to the same past.

    $XDG_STATE_HOME/doorward/<first 16 hex digits of the door>    "SEQ HASH BORN" and a newline

HASH is of line SEQ, BORN of line 0.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.disk.durable import write_file
from device.trust.ledger import Chain
from provisioning.errors import ProvisioningError
from provisioning.places import private_directory
from provisioning.reader.reader import DoorClient

_LINE: Final = re.compile(r"(\d{1,16}) ([0-9a-f]{64}) ([0-9a-f]{64})\n\Z")


class AnotherPast(ProvisioningError, ConnectionError):
    """A door shows a past that is not the one that was seen; nothing that it says counts."""

    def __init__(self, doubt: str) -> None:
        super().__init__(
            doubt,
            hint="somebody may have replaced the door's memory; keep the device as it is, and look into it",
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is remembered: the newest line, and line 0."""

    seq: int
    hash: bytes
    born_sha256: bytes


def doubt(chain: Chain) -> str:
    """Return what speaks against a whole chain from what was seen before, or nothing."""
    seen = _read(chain.roster.door)
    if seen is None or isinstance(seen, str):
        return seen or ""
    if chain.holds(seen.seq, seen.hash) and chain.holds(0, seen.born_sha256):
        return ""
    if seen.seq >= len(chain):
        return f"this computer has seen line {seen.seq} of this ledger before, which now ends at line {len(chain) - 1}"
    return f"this computer has seen another line {seen.seq} of this ledger before: its past was rewritten"


def check_born(chain: Chain) -> None:
    """Hold the line in which a door was born to what was seen, where nobody has a key to ask for more.

    Raises:
        AnotherPast: it was another.
    """
    seen = _read(chain.roster.door)
    if isinstance(seen, str):
        raise AnotherPast(seen)
    if seen is not None and not chain.holds(0, seen.born_sha256):
        raise AnotherPast(
            "this computer has seen another line 0 of this ledger before: its past was rewritten"
        )


def remember(chain: Chain) -> None:
    """Keep the head of a chain that holds; one that is older than what was seen is not kept.

    Raises:
        OSError: it was not kept.
    """
    _keep(chain.roster.door, _Seen(chain.head.seq, chain.head.hash, chain.born_sha256))


async def follow(door: DoorClient) -> None:
    """Follow a running door's ledger to its end, hold it to what was seen, and remember the new end.

    Raises:
        AnotherPast: it is shorter than what was seen, or forked from it.
        LedgerBroken: it does not hold.
        DoorError: the door refused.
        OSError: the end was not kept.
    """
    await door.follow_ledger()
    if found := doubt(door.chain):
        raise AnotherPast(found)
    remember(door.chain)


def heard(door: DoorClient) -> None:
    """Remember the head in the door's last signed answer: from now on its ledger must hold what that answer was about.

    Raises:
        OSError: it was not kept.
    """
    chain, promised = door.chain, door.promised
    _keep(chain.roster.door, _Seen(promised.seq, promised.hash, chain.born_sha256))


def _keep(door: bytes, new: _Seen) -> None:
    known, path = _read(door), _path(door)
    if isinstance(known, _Seen) and known.seq >= new.seq:
        return
    private_directory(path.parent)
    write_file(path, f"{new.seq} {new.hash.hex()} {new.born_sha256.hex()}\n".encode())


def _read(door: bytes) -> _Seen | str | None:
    """Return what is remembered, None if nothing is, or a sentence if it cannot be read: that is not as if nothing was."""
    path = _path(door)
    try:
        found = _LINE.match(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        found = None
    if found is None:
        return f"what this computer remembers of this door cannot be read; if you know why, remove {path}"
    return _Seen(int(found[1]), bytes.fromhex(found[2]), bytes.fromhex(found[3]))


def _path(door: bytes) -> Path:
    base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return base / "doorward" / door.hex()[:16]

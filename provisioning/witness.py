"""The head that this computer last saw of a door: a witness against whoever would rewrite the door's past.

Whoever holds the device's key could write a new ledger that verifies. It cannot hold the line that was seen here.

    $XDG_STATE_HOME/doorward/<first 16 hex digits of the door>    "SEQ HASH" and a newline
"""

import os
import re
from pathlib import Path
from typing import Final

from device.durable import write_file
from device.trust.ledger import Chain
from provisioning.places import private_directory

_LINE: Final = re.compile(r"(\d{1,16}) ([0-9a-f]{64})\n\Z")


def doubt(chain: Chain) -> str:
    """Return what speaks against a chain from what was seen before, or nothing."""
    try:
        found = _LINE.match(_path(chain).read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        return ""
    if found is None or chain.holds(int(found[1]), bytes.fromhex(found[2])):
        return ""
    seq = int(found[1])
    if seq >= len(chain):
        return f"this computer has seen line {seq} of this ledger before, which now ends at line {len(chain) - 1}"
    return f"this computer has seen another line {seq} of this ledger before: its past was rewritten"


def remember(chain: Chain) -> None:
    """Keep the head of a chain that holds; one that is older than what was seen is not kept.

    Raises:
        OSError: it was not kept.
    """
    path = _path(chain)
    private_directory(path.parent)
    head = chain.head
    write_file(path, f"{head.seq} {head.hash.hex()}\n".encode())


def _path(chain: Chain) -> Path:
    base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return base / "doorward" / chain.roster.door.hex()[:16]

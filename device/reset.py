"""Reset: what made this door a door is gone, and nothing but a new birth brings it back.

The signing key goes first: from then on no reply of this device counts with any browser, whatever happens to the rest. The old
card admits nobody, because the next door has other keys, and opens nothing, because nothing is left.

Files are unlinked; a flash card may keep old blocks, but they hold ciphertext only.
"""

import os
import shutil
from pathlib import Path
from typing import Final

from device.durable import sync_directory
from device.epochs import DIRECTORY as EPOCHS
from device.grants import DIRECTORY as GRANTS
from device.ledger_file import HEAD, LEDGER
from device.spool import SPOOL
from device.state import AUTHORITY, KEY, take_lock
from device.waiting import FILE as WAITING

_FILES: Final = (KEY, LEDGER, HEAD, WAITING, AUTHORITY)
_DIRECTORIES: Final = (EPOCHS, GRANTS, SPOOL)


def reset(state: Path) -> None:
    """Remove keys, roster and clips from a state directory; what an interrupted call left goes with the next one.

    Raises:
        StateError: the door is running, or the directory cannot be written; nothing changed.
        OSError: some of it stays; call it again.
    """
    lock = take_lock(state)
    try:
        for name in _FILES:
            (state / name).unlink(missing_ok=True)
            sync_directory(state)
        for name in _DIRECTORIES:
            if (state / name).exists():
                shutil.rmtree(state / name)
        sync_directory(state)
    finally:
        os.close(lock)

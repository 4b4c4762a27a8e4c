"""Reset: what made this door a door is gone, and nothing but a new birth brings it back.

The signing key goes first: from then on no reply of this device counts with any browser, whatever happens to the rest. The old
card admits nobody, because the next door has other keys, and opens nothing, because nothing is left.

Files are unlinked; a flash card may keep old blocks, but they hold ciphertext only.
"""

import os
import shutil
from pathlib import Path

from device.durable import is_directory, sync_directory
from device.state import KEY, LOCK, take_lock


def reset(state: Path) -> None:
    """Remove keys, roster and clips from a state directory; what an interrupted call left goes with the next one.

    Raises:
        StateError: the door is running, or the directory cannot be written; nothing changed.
        OSError: some of it stays; call it again.
    """
    lock = take_lock(state)
    try:
        _remove(state / KEY)
        sync_directory(state)
        # Whatever else there is: a file that somebody adds one day must not outlive the household it is of.
        for entry in state.iterdir():
            if entry.name != LOCK:
                _remove(entry)
        sync_directory(state)
    finally:
        os.close(lock)


def _remove(entry: Path) -> None:
    """Remove what is there, a link and not what it leads to."""
    if is_directory(entry):
        shutil.rmtree(entry)
    else:
        entry.unlink(missing_ok=True)

"""Reset: what made this door a door is gone, and nothing but a new birth brings it back.

The signing key goes first: from then on no reply of this device counts with any browser, whatever happens to the rest. The old
card admits nobody, because the next door has other keys, and opens nothing, because nothing is left.

Files are emptied, then unlinked: what a server still has open shows nothing. A flash card may keep old blocks, but they hold
ciphertext only.
"""

import os
from pathlib import Path

from device.disk.durable import erase, sync_directory
from device.disk.state import KEY, LOCK, take_lock


def reset(state: Path) -> None:
    """Remove keys, roster and clips from a state directory; what an interrupted call left goes with the next one.

    Raises:
        StateError: the door is running, or the directory cannot be written; nothing changed.
        OSError: some of it stays; call it again.
    """
    lock = take_lock(state)
    try:
        erase(state / KEY)
        sync_directory(state)
        # Whatever else there is: a file that somebody adds one day must not outlive the household it is of.
        for entry in state.iterdir():
            if entry.name != LOCK:
                erase(entry)
        sync_directory(state)
    finally:
        os.close(lock)

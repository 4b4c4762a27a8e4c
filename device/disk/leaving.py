"""What gave way, on its way off the disk: moved here whole, emptied, removed.

A clip goes by one rename, so that no power cut leaves half of one in its day. It is emptied before it is removed: the server may
still hold a descriptor that it was passed, which would keep the clip's blocks on the disk and its ciphertext readable.

Source: docs/FORMAT.md, "Spool".
"""

from pathlib import Path
from typing import Final

from device.disk.durable import erase, make_directory, sync_directory

LEAVING: Final = "leaving"


class Leaving:
    """The directory of a spool in which clips end. One thread."""

    def __init__(self, spool: Path) -> None:
        """Open it, creating it if need be.

        Raises:
            OSError: it cannot be made.
        """
        self._directory = spool / LEAVING
        make_directory(self._directory, aside=True)

    def take(self, home: Path) -> None:
        """Move the directory of a clip here; from then on it is no clip.

        Raises:
            OSError: it is where it was.
        """
        self.clear()  # a number that came again would be in the way
        home.rename(self._directory / home.name)
        # Durably, before anything is emptied: an emptied file in its day would be a clip that somebody cut.
        sync_directory(self._directory)
        sync_directory(home.parent)

    def clear(self) -> None:
        """Empty and remove what is here, as after a power cut.

        Raises:
            OSError: some of it stays.
        """
        for home in self._directory.iterdir():
            erase(home)

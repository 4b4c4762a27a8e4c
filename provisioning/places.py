"""Directories for what nobody else may put files in: ours alone, or not used.

Whoever else may write to a directory can have a file of theirs stand where ours is looked for, a card for instance.
"""

import os
import stat
from pathlib import Path

from device.disk.durable import make_directory
from provisioning.errors import ProvisioningError


class NotOurs(ProvisioningError, OSError):
    """Others may write to a directory that secrets are to lie in."""


def private_directory(directory: Path) -> None:
    """Make ``directory`` and what is missing above it, each 0700; one that is there must be ours alone to write to.

    Raises:
        NotOurs: another user owns it, or may write to it.
        OSError: it is not there and cannot be made.
    """
    if not directory.exists():
        if not directory.parent.exists():
            private_directory(directory.parent)
        make_directory(directory)
    found = directory.stat()
    # A group of one's own is oneself. Root makes a door in the directory of the device's user.
    others = stat.S_IWOTH if found.st_gid == os.getegid() else stat.S_IWOTH | stat.S_IWGRP
    if found.st_mode & others or os.geteuid() not in (found.st_uid, 0):
        raise NotOurs(
            f"{directory}: other users may write there",
            hint="name a directory that is not there yet, or take their right away: chmod go-w",
        )

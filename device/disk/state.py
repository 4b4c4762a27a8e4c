"""The state directory: checked, locked by one process, and the device key that lives in it.

Whoever steals the card has this key. It opens nothing; it could only sign, and every browser remembers the head it last saw.
"""

import fcntl
import logging
import os
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.disk.durable import read_file, sweep
from device.errors import DeviceError

KEY: Final = "device.key"
AUTHORITY: Final = "authority.pem"
LOCK: Final = "lock"
_SEED_BYTES: Final = 32
_MAX_AUTHORITY_BYTES: Final = 16_384

logger = logging.getLogger(__name__)


class StateError(DeviceError, OSError):
    """The state directory cannot be used."""


class State:
    """A locked state directory; the lock goes with the process."""

    def __init__(self, directory: Path) -> None:
        """Check and lock ``directory``.

        Raises:
            StateError: not there, not writable, not a door's, or another process holds it.
        """
        self.directory = directory
        if not directory.is_dir():
            raise StateError(f"{directory} is not there", hint="make a door first: doorward card --state DIR")
        if not os.path.lexists(directory / KEY):
            raise StateError(f"{directory} holds no door", hint="make one: doorward card --state DIR")
        self._lock = take_lock(directory)
        sweep(directory)

    def key(self) -> Ed25519PrivateKey:
        """Return the device's signing key.

        Raises:
            StateError: it cannot be read, or is not 32 bytes.
        """
        path = self.directory / KEY
        try:
            seed = read_file(path, _SEED_BYTES)
        except OSError as error:
            raise StateError(
                f"{path} cannot be read: {error.strerror}",
                hint="it must be a file of 32 bytes, its owner the device's user; the card of this Pi may be failing",
            ) from error
        if len(seed) != _SEED_BYTES:
            raise StateError(
                f"{path} has {len(seed)} bytes instead of 32", hint="the card of this Pi may be failing"
            )
        return Ed25519PrivateKey.from_private_bytes(seed)

    def authority(self) -> bytes | None:
        """Return the certificate (PEM) of the house's own authority, or None; it is public, and no door needs it."""
        path = self.directory / AUTHORITY
        try:
            return read_file(path, _MAX_AUTHORITY_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            logger.error("%s cannot be read: %s; nobody can be given it", path, error.strerror)  # noqa: TRY400 - a sentence
            return None

    def close(self) -> None:
        """Give the lock back."""
        os.close(self._lock)


def take_lock(directory: Path) -> int:
    """Return a descriptor that holds ``directory`` for this process until it is closed.

    Raises:
        StateError: it cannot be written, or another process holds it.
    """
    try:
        lock = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise StateError(
            f"{directory} cannot be written: {error.strerror}",
            hint="give it to the user that the device runs as, or name another with --state",
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        raise StateError(
            f"another doorward is already running on {directory}", hint="stop it, or use another --state"
        ) from error
    return lock

"""A door's epochs as somebody with its card puts them there."""

from collections.abc import Mapping
from pathlib import Path

from device.disk.epochs import EPOCHS
from device.disk.records import encode


def write_epochs(state: Path, files: Mapping[int, bytes]) -> None:
    """Have these age files stand in the file, and no other."""
    (state / EPOCHS).write_bytes(b"".join(encode(epoch, data) for epoch, data in files.items()))

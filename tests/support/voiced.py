"""Devices with a loudspeaker that writes down what it plays, ALSA's own ``file`` device: the whole of ``python -m device``."""

import os
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from device import app
from device.__main__ import main
from device.config import Config
from tests.support.belled import Belled, replace_device

LOUDSPEAKER = "TEST_LOUDSPEAKER"
CHIME = "TEST_CHIME"


class Voiced(Belled):
    """The device, with a loudspeaker, a chime or both, and a bell that tells no page."""

    def __init__(self, config: Config, *arguments: Any) -> None:
        loudspeaker, chime = os.environ.get(LOUDSPEAKER, ""), os.environ.get(CHIME, "")
        door = msgspec.structs.replace(config.door, loudspeaker=loudspeaker, chime=chime)
        super().__init__(msgspec.structs.replace(config, door=door), *arguments)


def with_a_loudspeaker(patch: pytest.MonkeyPatch, card: Path) -> None:
    """Have every device that is started from here on play into the file ``card``: 16,000 samples a second, 16 bits, mono."""
    replace_device(patch, __name__, {LOUDSPEAKER: f"file:{card},raw"})


if __name__ == "__main__":
    app.App = Voiced  # type: ignore[misc]
    code = main()
    sys.stdout.flush()
    os._exit(code)

"""Devices with a microphone that hears what was written down, ALSA's own ``file`` device: the whole of ``python -m device``."""

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

MICROPHONE = "TEST_MICROPHONE"


class Listening(Belled):
    """The device, with a microphone, and a bell that tells no page."""

    def __init__(self, config: Config, *arguments: Any) -> None:
        door = msgspec.structs.replace(config.door, microphone=os.environ[MICROPHONE])
        super().__init__(msgspec.structs.replace(config, door=door), *arguments)


def with_a_microphone(patch: pytest.MonkeyPatch, spoken: Path) -> None:
    """Have every device that is started from here on hear the file ``spoken``: 16,000 samples a second, 16 bits, mono."""
    card = f"{{type file file /dev/null infile {spoken} format raw slave.pcm null}}"
    replace_device(patch, __name__, {MICROPHONE: f"plug:{{SLAVE={card}}}"})


if __name__ == "__main__":
    app.App = Listening  # type: ignore[misc]
    code = main()
    sys.stdout.flush()
    os._exit(code)

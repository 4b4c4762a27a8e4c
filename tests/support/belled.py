"""Devices whose bell is in a test's hands: the whole of ``python -m device``, and SIGUSR2 is the button.

`with_a_button`: nobody else rings, and each press is told. `without_a_bell`: the drawn visitors ring and are recorded, and
no page is told, so that a test of something else is not called to the door in the midst of it. `too_busy`: as with a button, at a
door that does not keep up.
"""

import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from device import app
from device.__main__ import main
from device.camera import scene
from device.camera.doorstep import script
from device.camera.doorstep.script import Visit
from device.camera.frames import Frame
from device.desk import bell
from provisioning.demo.demo import Stage
from provisioning.demo.processes import Processes

BUTTON = signal.SIGUSR2
HAS_BUTTON = "TEST_HAS_BUTTON"
IS_BUSY = "TEST_IS_BUSY"
BUSY_US, EACH_US = 900_000, 3_300_000


class Belled(app.App):
    """The device, with a button or without a bell."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        # A thread of its own, as a button has: a handler runs in the midst of the link, with whatever that holds.
        signal.signal(BUTTON, lambda *_: threading.Thread(target=self._pushed, daemon=True).start())

    def _pushed(self) -> None:
        self.press(time.monotonic_ns() // 1000)

    def _tell_press(self) -> None:
        if os.environ.get(HAS_BUTTON):
            super()._tell_press()


class Busy(scene.Scene):
    """The drawn doorstep, of which nothing is taken again and again for most of a second."""

    def frames(self) -> Iterator[Frame]:
        return (frame for frame in super().frames() if frame.at_us % EACH_US >= BUSY_US)


def with_a_button(patch: pytest.MonkeyPatch) -> None:
    """Have every device that is started from here on ring when it is pressed, and only then."""
    replace_device(patch, __name__, {HAS_BUTTON: "1"})


def without_a_bell(patch: pytest.MonkeyPatch) -> None:
    """Have every device that is started from here on record who rings, and tell no page."""
    replace_device(patch, __name__, {})


def too_busy(patch: pytest.MonkeyPatch) -> None:
    """Have every device that is started from here on miss pictures, and ring when it is pressed, and only then."""
    replace_device(patch, __name__, {HAS_BUTTON: "1", IS_BUSY: "1"})


def replace_device(patch: pytest.MonkeyPatch, module: str, wanted: dict[str, str]) -> None:
    """Have every device that is started from here on be another module, with these words in its environment."""
    begin = Processes._begin

    def belled(
        self: Processes, name: str, command: list[str], numbers: Sequence[int] = (), **env: str
    ) -> None:
        if name == "device":
            command = [part if part != "device" else module for part in command]
            env = {"PYTHONPATH": str(Path(__file__).parents[2]), **wanted, **env}
        begin(self, name, command, numbers, **env)

    patch.setattr(Processes, "_begin", belled)


def pids(stage: Stage) -> dict[str, int]:
    """Return the process of the device and of the server."""
    return {name: process.pid for name, process in stage.processes._running.items()}


def press(stage: Stage) -> None:
    """Press the bell of a running door."""
    stage.processes._running["device"].send_signal(BUTTON)


def without_rings(seed: int) -> Iterator[Visit]:
    """Yield the drawn visits, of whom nobody rings."""
    return (replace(visit, pressed_us=None) for visit in script.visits(seed))


if __name__ == "__main__":
    if os.environ.get(HAS_BUTTON):
        scene.visits = without_rings
        bell.AGAIN_US = 0  # type: ignore[misc]
        bell.LINES = 1_000  # type: ignore[misc]
    if os.environ.get(IS_BUSY):
        scene.Scene = Busy  # type: ignore[misc]
    app.App = Belled  # type: ignore[misc]
    code = main()
    os._exit(code)

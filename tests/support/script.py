"""A detector that sees what the test's script says, so that the recorder's own part is tried alone."""

from collections.abc import Callable

import numpy as np
import pytest

from device.sight.observation import Gap, Motion, ZoneMotion
from device.sight.structure import Bytes2D

QUIET = Motion(0.0, moving=False)
COVERED = Motion(
    1.0, moving=True, zones=(ZoneMotion("path", 1.0, True), ZoneMotion("door", 1.0, True)), gap="blind"
)
DARK = Motion(0.0, moving=False, gap="blind")


def moving(*zones: tuple[str, float], columns: slice = slice(0, 40), gap: Gap | None = None) -> Motion:
    """Return motion in some columns of 160x90, in these zones with these scores."""
    where = np.zeros((90, 160), np.uint8)
    where[:, columns] = 255
    found = tuple(ZoneMotion(name, score, score > 0) for name, score in zones)
    return Motion(max(score for _, score in zones), moving=True, zones=found, where=where, gap=gap)


def see(monkeypatch: pytest.MonkeyPatch, plan: Callable[[float], Motion]) -> None:
    """Have recorders that begin from now on see what ``plan`` says for a time in seconds."""

    class Scripted:
        def __init__(self, _: object) -> None: ...

        def observe(self, _: Bytes2D, at_us: int) -> Motion:
            return plan(at_us / 1e6)

    monkeypatch.setattr("device.recording.recorder.MotionDetector", Scripted)

"""Between camera and recorder: a recorder that stalls loses pictures, and never a ring, the settings, or the end."""

import threading

import numpy as np
import pytest

import device.recording.intake
from device.camera.errors import CameraError
from device.camera.protocol import AccessUnit, Captured, Luma, Pressed, Turned
from device.contract.settings import Settings
from device.recording.intake import Intake

SMALL = 2
LUMA = Luma(np.zeros((270, 320), np.uint8), 1)
UNIT = AccessUnit(b"unit", keyframe=False, at_us=1)
KEPT = [Pressed(2), Turned(Settings(privacy=True), 3), CameraError("gone"), None]


class Stalled(Intake):
    """An intake whose recorder takes nothing until a test lets it."""

    def __init__(self) -> None:
        self.stopping, self.has_failed, self.overloads = threading.Event(), False, 0
        super().__init__(self.stopping, lambda: self.has_failed, self._overload)

    def _overload(self) -> None:
        self.overloads += 1

    def fill(self) -> None:
        for _ in range(SMALL):
            self.put(UNIT)

    def taken(self) -> list[Captured | CameraError | None]:
        return [self._queue.get_nowait() for _ in range(self._queue.qsize())]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device.recording.intake, "STALLED_S", 0.01)
    monkeypatch.setattr(device.recording.intake, "QUEUE_ITEMS", SMALL)


@pytest.mark.parametrize("item", [LUMA, UNIT])
def test_a_recorder_that_stalls_loses_pictures_and_says_so(item: Captured) -> None:
    intake = Stalled()
    intake.fill()
    intake.put(item)
    assert intake.overloads == 1
    assert intake.taken() == [UNIT] * SMALL


@pytest.mark.parametrize("item", KEPT, ids=lambda item: type(item).__name__)
def test_whatever_is_no_picture_waits_for_as_long_as_the_recorder_stalls(item: Captured | None) -> None:
    intake = Stalled()
    intake.fill()
    putting = threading.Thread(target=intake.put, args=(item,), daemon=True)
    putting.start()
    putting.join(0.1)
    assert putting.is_alive(), "it waits"
    assert intake.overloads > 1
    intake._queue.get()
    putting.join(5)
    assert not putting.is_alive()
    assert intake.taken() == [UNIT, item]


@pytest.mark.parametrize("item", KEPT, ids=lambda item: type(item).__name__)
def test_nothing_waits_for_a_recorder_that_has_failed(item: Captured | None) -> None:
    intake = Stalled()
    intake.fill()
    putting = threading.Thread(target=intake.put, args=(item,), daemon=True)
    putting.start()
    intake.has_failed = True
    putting.join(5)
    assert not putting.is_alive(), "a device that crashes has to end, or nobody starts it again"


def test_a_device_that_stops_waits_for_the_end_of_the_camera_alone() -> None:
    intake = Stalled()
    intake.fill()
    intake.stopping.set()
    intake.put(Pressed(2))
    assert intake.taken() == [UNIT] * SMALL
    intake.fill()
    putting = threading.Thread(target=intake.put, args=(None,), daemon=True)
    putting.start()
    putting.join(0.1)
    assert putting.is_alive(), "or the recorder would wait for ever"
    intake._queue.get()
    putting.join(5)
    assert intake.taken() == [UNIT, None]


def test_a_recorder_that_gets_nothing_comes_round_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device.recording.intake, "ROUND_S", 0.01)
    intake, rounds = Stalled(), []

    def moved() -> None:
        rounds.append(None)
        if len(rounds) == 3:
            intake.put(UNIT)

    assert intake.next(moved) == UNIT
    assert len(rounds) == 3

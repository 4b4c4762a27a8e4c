"""Between camera and recorder: a recorder that stalls loses pictures, and never a ring, the settings, or the end."""

import queue
import threading
from collections import deque
from types import SimpleNamespace

import numpy as np
import pytest

import device.app
from device.app import App
from device.camera.errors import CameraError
from device.camera.protocol import AccessUnit, Captured, Luma, Pressed, Turned
from device.contract.settings import Settings

SMALL = 2
LUMA = Luma(np.zeros((270, 320), np.uint8), 1)
UNIT = AccessUnit(b"unit", keyframe=False, at_us=1)
KEPT = [Pressed(2), Turned(Settings(privacy=True), 3), CameraError("gone"), None]


class Stalled(App):
    """An app of a queue alone, whose recorder takes nothing until a test lets it."""

    def __init__(self) -> None:
        self._queue = queue.Queue(SMALL)
        self._late = deque()
        self._stopping = threading.Event()
        self._failure = None
        self.overloads = 0
        self._recorder = SimpleNamespace(overloaded=self._overloaded)  # type: ignore[assignment]

    def _overloaded(self) -> None:
        self.overloads += 1

    def fill(self) -> None:
        for _ in range(SMALL):
            self._put(UNIT)

    def taken(self) -> list[Captured | CameraError | None]:
        return [self._queue.get_nowait() for _ in range(self._queue.qsize())]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device.app, "STALLED_S", 0.01)


@pytest.mark.parametrize("item", [LUMA, UNIT])
def test_a_recorder_that_stalls_loses_pictures_and_says_so(item: Captured) -> None:
    app = Stalled()
    app.fill()
    app._put(item)
    assert app.overloads == 1
    assert app.taken() == [UNIT] * SMALL


@pytest.mark.parametrize("item", KEPT, ids=lambda item: type(item).__name__)
def test_whatever_is_no_picture_waits_for_as_long_as_the_recorder_stalls(item: Captured | None) -> None:
    app = Stalled()
    app.fill()
    putting = threading.Thread(target=app._put, args=(item,), daemon=True)
    putting.start()
    putting.join(0.1)
    assert putting.is_alive(), "it waits"
    assert app.overloads > 1
    app._queue.get()
    putting.join(5)
    assert not putting.is_alive()
    assert app.taken() == [UNIT, item]


@pytest.mark.parametrize("item", KEPT, ids=lambda item: type(item).__name__)
def test_nothing_waits_for_a_recorder_that_has_failed(item: Captured | None) -> None:
    app = Stalled()
    app.fill()
    putting = threading.Thread(target=app._put, args=(item,), daemon=True)
    putting.start()
    app._failure = RuntimeError("a bug")
    putting.join(5)
    assert not putting.is_alive(), "a device that crashes has to end, or nobody starts it again"


def test_a_device_that_stops_waits_for_the_end_of_the_camera_alone() -> None:
    app = Stalled()
    app.fill()
    app._stopping.set()
    app._put(Pressed(2))
    assert app.taken() == [UNIT] * SMALL
    app.fill()
    putting = threading.Thread(target=app._put, args=(None,), daemon=True)
    putting.start()
    putting.join(0.1)
    assert putting.is_alive(), "or the recorder would wait for ever"
    app._queue.get()
    putting.join(5)
    assert app.taken() == [UNIT, None]

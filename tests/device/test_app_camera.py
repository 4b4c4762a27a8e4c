"""The camera's thread and a camera that fails: each failure is told, and each opening is the step that the ladder says."""

import threading

import pytest

import device.app
from device.app import App
from device.camera.errors import CameraError, EncoderError
from device.camera.ladder import OFTEN, Ladder
from device.clock import SystemClock
from device.host.pulse import Pulse
from device.host.systemd import Systemd
from device.recording.intake import Intake


class Failing:
    """A camera that fails as it is told to, and without an error ends."""

    def __init__(self, error: CameraError | None) -> None:
        self.error = error
        self.closed = 0

    def captured(self):
        yield from ()
        if self.error:
            raise self.error

    def close(self) -> None:
        self.closed += 1


class Watching(App):
    """An app of a camera thread alone, whose cameras fail one after the other."""

    def __init__(self, *errors: CameraError) -> None:
        self._stopping = threading.Event()
        self._intake = Intake(self._stopping, lambda: False, lambda: None)
        self._failure = None
        self._clock = SystemClock()
        self._pulse = Pulse(Systemd({}), self._clock, ("camera",))
        self._ladder = Ladder()
        self._newest = None
        self.cameras = [Failing(error) for error in (*errors, None)]
        self.software: list[bool] = []
        self._open_camera = self._next
        self._camera = self._next()

    def _next(self):
        self.software.append(self._ladder.software)
        return self.cameras[len(self.software) - 1]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device.app, "REOPEN_S", 0.0)


def test_a_camera_that_fails_often_is_opened_again_and_then_without_its_own_encoder():
    errors = [CameraError(f"failure {number}") for number in range(OFTEN)]
    app = Watching(*errors)
    app._capture()
    assert app.software == [False] * OFTEN + [True]
    assert [app._intake.next(lambda: None) for _ in range(OFTEN + 1)] == [*errors, None]
    assert all(camera.closed for camera in app.cameras)


def test_an_encoder_that_falls_silent_is_left_alone_at_the_next_opening():
    app = Watching(EncoderError("silent"))
    app._capture()
    assert app.software == [False, True]

"""Bell and live in the wiring: before the recorder comes to it, with the newest picture, and never one that settings hide."""

import threading
from collections import deque
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from device.app import App
from device.camera.errors import CameraError
from device.camera.protocol import AccessUnit, Captured, Luma, Pressed, Turned
from device.contract.settings import Settings
from device.desk.bell import Press
from device.desk.broadcast import Pictures
from device.desk.live import Live
from device.host.pulse import Pulse
from device.host.systemd import Systemd
from device.recording.intake import QUEUE_ITEMS, Intake
from tests.support.household import DrivenClock

UNIT = AccessUnit(b"unit", keyframe=False, at_us=1)


def luma(at_us: int) -> Luma:
    return Luma(np.zeros((270, 320), np.uint8), at_us)


class Belled(App):
    """An app of a camera and a bell; its recorder takes nothing."""

    def __init__(self, *captured: Captured) -> None:
        self.sounded = 0
        panel: Any = SimpleNamespace(rang=self._sound)
        self._panel = panel
        self._stopping = threading.Event()
        self._intake = Intake(self._stopping, lambda: False, lambda: None)
        self._failure = None
        clock: Any = DrivenClock()
        self._clock = clock
        self._pulse = Pulse(Systemd({}), clock, ("camera",))
        self._pressed = deque(maxlen=1)
        self._newest = None
        self._live = Live()
        self._pictures = Pictures()
        self.rung: list[Press | None] = []
        self.told = 0
        link: Any = SimpleNamespace(ring=lambda: self.rung.append(self._take_press()), picture=self._told)
        self._link = link
        camera: Any = SimpleNamespace(captured=lambda: iter(captured), close=lambda: None)
        self._camera = camera

    def _sound(self) -> None:
        self.sounded += 1

    def _told(self) -> None:
        self.told += 1


class Watched(Live):
    """Live that somebody watches."""

    is_on = True


def pictures(app: Belled) -> list[int | None]:
    """Return the times of what the rings showed."""
    app._capture()
    shown = [press.picture if press else None for press in app.rung]
    return [picture.at_us if picture else None for picture in shown]


def recorded(app: Belled) -> list[Captured | CameraError | None]:
    """Return what a recorder would take now."""
    waiting = app._intake._queue
    return [waiting.get_nowait() for _ in range(waiting.qsize())]


def test_a_ring_shows_the_newest_picture_and_is_recorded_too() -> None:
    app = Belled(luma(1), UNIT, luma(2), UNIT, Pressed(3), luma(3))
    assert pictures(app) == [2]
    assert Pressed(3) in recorded(app)


def test_a_ring_never_shows_what_was_seen_under_other_settings() -> None:
    app = Belled(luma(1), Turned(Settings(privacy=True), 2), Pressed(2), luma(2), Pressed(3))
    assert pictures(app) == [None, 2]


def test_a_frame_goes_to_whoever_watches_live_before_the_recorder_and_else_nowhere() -> None:
    frame = AccessUnit(b"unit", keyframe=True, at_us=2)
    app = Belled(frame, UNIT)
    app._capture()
    assert (app.told, app._pictures.take()) == (0, [])
    app = Belled(frame, UNIT)
    app._live = Watched()
    app._capture()
    assert (app.told, app._pictures.take()) == (2, [frame, UNIT])


def test_live_never_shows_what_was_seen_under_other_settings() -> None:
    key = AccessUnit(b"unit", keyframe=True, at_us=3)
    app = Belled(UNIT, Turned(Settings(privacy=True), 2), UNIT, key)
    app._live = Watched()
    app._capture()
    assert app._pictures.take() == [key]


def test_a_bell_that_is_no_cameras_rings_and_is_recorded() -> None:
    app = Belled()
    app._newest = luma(4)
    app.press(5)
    assert [press.picture for press in app.rung if press] == [app._newest]
    assert recorded(app) == [Pressed(5)]


def test_the_chime_sounds_for_a_bell_that_is_the_cameras() -> None:
    app = Belled(Pressed(1), luma(2))
    app._capture()
    assert app.sounded == 1


def test_a_press_waits_for_no_recorder_and_is_recorded_before_the_pictures_that_follow() -> None:
    app = Belled()
    for _ in range(QUEUE_ITEMS):
        app._intake.put(UNIT)
    app.press(2)
    app.press(3)
    assert len(app.rung) == 2, "told at once"
    later = AccessUnit(b"later", keyframe=False, at_us=4)
    assert recorded(app) == [UNIT] * QUEUE_ITEMS
    app._intake.put(later)
    assert recorded(app) == [Pressed(2), Pressed(3), later]


@pytest.mark.parametrize("presses", [1, 9])
def test_a_press_is_handed_over_once(presses: int) -> None:
    app = Belled(*(Pressed(number) for number in range(presses)))
    app._link.ring = lambda: None  # type: ignore[method-assign]
    app._capture()
    assert app._take_press() is not None
    assert app._take_press() is None

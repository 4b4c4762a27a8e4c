"""What the link stumbles over ends neither the device nor what it records."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

import device.app
from device.app import App
from device.host.pulse import Pulse
from device.host.systemd import Systemd
from tests.support.household import DrivenClock


class Stumbling(App):
    """An app of a link alone, which stumbles as often as a test wants."""

    def __init__(self, stumbles: int, *, at_the_end_too: bool = False) -> None:
        self._stopping = threading.Event()
        self.ran = self.parted = 0
        self.paused_s: list[float] = []

        def run() -> None:
            self.ran += 1
            if self.ran <= stumbles:
                raise KeyError("a bug of ours")

        def begin_anew() -> None:
            self.parted += 1
            if at_the_end_too:
                raise RuntimeError("another bug")

        link: Any = SimpleNamespace(run=run, begin_anew=begin_anew)
        self._link = link
        clock: Any = DrivenClock()
        self._clock = clock
        self._pulse = Pulse(Systemd({"WATCHDOG_USEC": "60000000"}), clock, ("link",))
        self.hung: list[tuple[str, ...]] = []

        def wait(seconds: float) -> None:
            self.paused_s.append(seconds)
            clock.pass_s(seconds)
            self.hung.append(self._pulse._liveness.hanging(clock.monotonic_us()))

        waiting: Any = wait
        self._stopping.wait = waiting  # type: ignore[method-assign]


@pytest.mark.parametrize("at_the_end_too", [False, True])
def test_a_link_that_stumbles_parts_from_every_peer_and_begins_anew(
    caplog: pytest.LogCaptureFixture, at_the_end_too: bool
) -> None:
    app = Stumbling(3, at_the_end_too=at_the_end_too)
    app._serve()
    assert (app.ran, app.parted) == (4, 3)
    assert "recording goes on" in caplog.text


def test_a_link_that_goes_on_stumbling_is_tried_once_a_minute_for_ever() -> None:
    app = Stumbling(50)
    app._serve()
    assert app.paused_s[:7] == [1, 2, 4, 8, 16, 32, 60]
    assert set(app.paused_s[7:]) == {device.app.STUMBLED_S}
    assert set(app.hung) == {()}, "whoever makes it stumble does not have the whole device started anew"


def test_a_device_that_stops_does_not_try_again() -> None:
    app = Stumbling(1)
    app._stopping.set()
    app._serve()
    assert app.ran == 0

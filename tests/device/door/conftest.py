"""A panel with everything mounted, on a clock that a test drives."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from device.contract.local import beside
from device.contract.settings import Settings
from device.door.panel import Panel
from device.door.push import Push
from device.door.sounder import Sounder
from device.door.speech import Speech
from device.door.voice import Voice
from device.trust.condition import Condition
from tests.support.household import DrivenClock
from tests.support.mounted import Line, Loudspeaker, Relay, Speaker

S: Final = 1_000_000


class Door:
    """A panel with everything mounted, on a clock that a test drives."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.clock = DrivenClock()
        self.line, self.speaker, self.relay = Line(), Speaker(), Relay()
        self.voice, self.loudspeaker = Voice(), Loudspeaker()
        self.settings = Settings()
        self.pressed: list[int] = []
        self.met: tuple[Condition, ...] = ()
        self.panel = Panel(
            Push(lambda: self.line, 0),
            Sounder(lambda: (self.speaker, 2 * S), lambda: self.relay, 300_000, 0),
            Speech(self.voice, lambda: self.loudspeaker, 100, 0, shares=True),
            beside(link),
            self.clock,
            lambda: self.settings,
            self.pressed.append,
            lambda: self.met,
        )

    def attend(self) -> None:
        self.panel.attend(0)

    def kinds(self) -> list[str]:
        return [condition.kind for condition in self.panel.conditions()]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    door = Door(tmp_path / "link")
    yield door
    door.panel.close()

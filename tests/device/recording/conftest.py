"""Real access units, encoded once, and a door whose recorder is fed by the test."""

from collections.abc import Iterable
from functools import cache

import numpy as np
import pytest

from device.camera.encoder import Encoder
from device.camera.protocol import AccessUnit, Captured, VideoFormat
from device.config import parse
from device.contract.settings import Settings
from device.disk.spool import Spool
from device.ledger import Ledger
from device.recording.recorder import Recorder
from device.trust.statement import Statement
from provisioning.house.genuine import read_record
from provisioning.house.house import House
from tests.support.film import VIDEO
from tests.support.household import Household

SMALL = VideoFormat(320, 192, 10)


@cache
def encoded() -> list[AccessUnit]:
    """Return 25 units at ten a second from 1.5 s on; the frame number is the grey level, times ten."""
    encoder = Encoder(SMALL)
    pictures = (np.full((288, 320), 16 + number * 8, np.uint8) for number in range(25))
    return [encoder.encode(picture, 1_500_000 + i * 100_000) for i, picture in enumerate(pictures)]


@pytest.fixture(scope="session")
def access_units() -> list[AccessUnit]:
    """Return ``encoded``."""
    return encoded()


class Door:
    """A recorder on a household's state, and what the household reads of it."""

    def __init__(
        self, household: Household, settings: Settings, recording: str = "", video: VideoFormat = VIDEO
    ) -> None:
        self.household = household
        self.ledger = Ledger(household.state, household.device, household.clock)
        self.spool = Spool(household.state)
        config = parse(f"{{recording: {{{recording}}}, retention: {{free_bytes: 8000000}}}}", "test")
        self.recorder = Recorder(config, video, self.spool, self.ledger, household.clock, settings)

    def play(self, items: Iterable[Captured]) -> None:
        for item in items:
            self.recorder.take(item)
        self.recorder.stop()

    def house(self) -> House:
        return House(self.household.state, [self.household.card.open])

    def statement(self, clip: int = 1) -> Statement:
        said = read_record(self.house(), clip).statement
        assert said is not None
        return said

    def clips(self) -> list[int]:
        return self.house().numbers()

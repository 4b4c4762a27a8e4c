"""A door with a past, for tests to spoil.

1  whole, before Alice joined        4  unrecorded: somebody rang on a full disk
2  interrupted by the plug           5  whole
3  whole                             6  running when the power went
"""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from device.config import parse
from device.disk.epochs import EpochKey, read_epochs
from device.disk.spool import Spool
from device.ledger import Ledger
from device.recording.recorder import Recorder
from device.recording.sealed_clip import Beginning
from device.recording.unrecorded import note_ring
from device.sealing.age_reader import open_bytes
from device.upkeep.recovery import recover
from tests.support.film import VIDEO, scene
from tests.support.household import Household, TestReader

CONFIG = parse("retention: {free_bytes: 8000000}", "test")
SECONDS = 5
CLIP, EVENT, BEGUN = "clip.mp4.age", "event", "begun"


@dataclass
class Past:
    """The door, and who reads it: the card from the first line on, Alice from clip 2 on."""

    household: Household
    alice: TestReader
    state: Path

    def clip(self, number: int) -> Path:
        return next(self.state.glob(f"spool/*/{number:06d}"))

    def film(self, number: int) -> Path:
        return self.clip(number) / CLIP

    def event(self, number: int) -> Path:
        return self.clip(number) / EVENT

    def epoch_key(self, epoch: int) -> bytes:
        file = read_epochs(self.state)[epoch]
        return msgspec.json.decode(open_bytes(file, [self.household.card.open]), type=EpochKey).key


def live(state: Path) -> Past:
    """Return a door that has lived through all six."""
    household, alice = Household(state), TestReader("Alice")
    for run in ("whole", "cut", "whole", "full disk", "whole", "cut"):
        household.clock.pass_s(100)
        ledger, spool = Ledger(household.state, household.device, household.clock), Spool(household.state)
        recover(spool, ledger, household.clock)
        if run == "full disk":
            note_ring(
                spool, ledger, Beginning("ring", household.clock.utc(), 0, 640, 368, 15, "", b"\xff\xd8\xff")
            )
        else:
            record(household, ledger, spool, is_cut=run == "cut")
        if not ledger.roster.readers:
            ledger.change(household.adds(alice))
        ledger.close()
    return Past(household, alice, state)


def record(household: Household, ledger: Ledger, spool: Spool, *, is_cut: bool = False) -> None:
    recorder = Recorder(CONFIG, VIDEO, spool, ledger, household.clock)
    for item in scene(SECONDS):
        recorder.take(item)
    if is_cut:
        assert recorder._clip is not None
        recorder._clip._sealed._sink.close()
    else:
        recorder.stop()

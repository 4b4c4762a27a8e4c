"""A house with three visits on disk, made once, copied for each test that spoils it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from device.config import parse
from device.disk.epochs import EpochKey, read_epochs
from device.disk.spool import Spool
from device.ledger import Ledger
from device.recording.recorder import Recorder
from device.sealing.age_reader import open_bytes
from device.sealing.identities import HybridIdentity
from device.sealing.sframe import Sealer
from device.trust.signed import Context, sign
from device.trust.statement import EVENT_METADATA
from device.upkeep.recovery import recover
from provisioning.house.genuine import read_record
from provisioning.house.house import House
from tests.support.film import VIDEO, scene
from tests.support.household import Household, TestReader

CONFIG = "retention: {free_bytes: 8000000}"


@dataclass
class Furnished:
    """A household whose door has recorded: clip 1 whole, clip 2 cut by the plug, clip 3 whole; a reader joined after clip 1."""

    household: Household
    reader: TestReader
    state: Path

    def clip(self, number: int) -> Path:
        return next(self.state.glob(f"spool/*/{number:06d}"))

    def key_file(self, identity: HybridIdentity) -> Path:
        path = self.state.parent / "key.txt"
        path.write_text(f"# a key\n{identity.secret_text()}\n")
        return path

    @property
    def card_file(self) -> Path:
        return self.key_file(self.household.card.open)


def furnish(state: Path) -> Furnished:
    household, reader = Household(state), TestReader()
    _record(household, cut=False, joins=reader)
    _record(household, cut=True)
    _record(household, cut=False)
    return Furnished(household, reader, state)


def _record(household: Household, *, cut: bool, joins: TestReader | None = None) -> None:
    household.clock.pass_s(100)
    ledger = Ledger(household.state, household.device, household.clock)
    spool = Spool(household.state)
    recover(spool, ledger, household.clock)
    recorder = Recorder(parse(CONFIG, "test"), VIDEO, spool, ledger, household.clock)
    for item in scene(9):
        recorder.take(item)
    if cut:
        assert recorder._clip is not None
        recorder._clip._sealed._sink.close()
    else:
        recorder.stop()
        if joins is not None:
            ledger.change(household.adds(joins))
    ledger.close()


@pytest.fixture(scope="session")
def _furnished(tmp_path_factory: pytest.TempPathFactory) -> Furnished:
    return furnish(tmp_path_factory.mktemp("furnished") / "state")


@pytest.fixture
def furnished(_furnished: Furnished, tmp_path: Path) -> Furnished:
    """A copy to spoil."""
    state = tmp_path / "state"
    shutil.copytree(_furnished.state, state)
    return Furnished(_furnished.household, _furnished.reader, state)


def says_anew(furnished: Furnished, **changed: object) -> None:
    """Have clip 3's event signed and sealed by the device anew, changed."""
    house = House(furnished.state, [furnished.household.card.open])
    said = read_record(house, 3).statement
    assert said is not None
    blob = sign(furnished.household.device, Context.STATEMENT, msgspec.structs.replace(said, **changed))
    number = house.chain.epoch
    epoch = read_epochs(furnished.state)[number]
    key = msgspec.json.decode(open_bytes(epoch, [furnished.household.card.open]), type=EpochKey)
    (furnished.clip(3) / "event").write_bytes(Sealer(key.epoch, key.key).seal(blob, EVENT_METADATA))


@pytest.fixture(autouse=True)
def _no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this computer remembers of doors is the test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))

"""Clocks jump, files lie, plugs are pulled: no clip goes that the door has not outlived by ``keep_at_least``."""

import contextlib
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from device.config import Config, Retention
from device.contract.settings import Settings
from device.disk.spool import Spool
from device.ledger import Ledger
from device.recording.recorder import Recorder
from device.trust.lines import ClipDeleted
from device.upkeep.running_file import RUNNING
from device.upkeep.upkeep import Upkeep
from tests.device.disk.test_spool import filled
from tests.device.recording.conftest import Door
from tests.support.film import VIDEO, scene
from tests.support.household import Household

AT_LEAST_H = 5.0
# No disk has so much free: whatever may give way, does.
RETENTION = Retention(keep_at_least_hours=AT_LEAST_H, keep_at_most_days=1, free_bytes=10**12)
YEARS_50 = timedelta(days=50 * 365)


def run(upkeep: Upkeep, household: Household, hours: float) -> None:
    household.clock.now_us += round(hours * 3_600_000_000)
    upkeep.count(filming=False)


class Life(RuleBasedStateMachine):
    """A door's days. ``ran_h`` is the truth, ``ended_h`` when each clip ended by it."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.household = Household(self.home / "state")
        self.ledger = Ledger(self.household.state, self.household.device, self.household.clock)
        self.ran_h = 0.0
        self.ended_h: dict[int, float] = {}
        self.copies: list[bytes] = []
        self.start()

    def start(self) -> None:
        self.household.clock.now_us += 7_777_777_777
        self.spool = Spool(self.household.state)
        self.upkeep = Upkeep(self.spool, self.ledger, self.household.clock, RETENTION)
        self.upkeep.count(filming=False)

    def teardown(self) -> None:
        self.ledger.close()
        shutil.rmtree(self.home)

    @rule(minutes=st.sampled_from([1, 14, 16, 59, 120, 299, 301, 3000]))
    def run(self, minutes: int) -> None:
        self.ran_h += minutes / 60
        run(self.upkeep, self.household, minutes / 60)

    @rule(clips=st.integers(1, 3))
    def record(self, clips: int) -> None:
        for _ in range(clips):
            self.ended_h[filled(self.spool)] = self.ran_h

    @rule(minutes=st.sampled_from([1, 20]))
    def record_for_a_while(self, minutes: int) -> None:
        """The clip that is being filmed has not ended, whatever is counted meanwhile."""
        clip = filled(self.spool)
        self.household.clock.now_us += minutes * 60_000_000
        self.upkeep.count(filming=True)
        self.household.clock.now_us += minutes * 60_000_000
        self.ran_h += 2 * minutes / 60
        self.ended_h[clip] = self.ran_h

    @rule(jump=st.sampled_from([YEARS_50, timedelta(days=15), timedelta(hours=6), timedelta(seconds=1)]))
    def jump_ahead(self, jump: timedelta) -> None:
        self.household.clock.now_utc = min(
            self.household.clock.now_utc + jump, datetime(2090, 1, 1, tzinfo=UTC)
        )

    @rule(jump=st.sampled_from([YEARS_50, timedelta(days=15), timedelta(hours=6)]))
    def jump_back(self, jump: timedelta) -> None:
        self.household.clock.now_utc = max(
            self.household.clock.now_utc - jump, datetime(1971, 1, 1, tzinfo=UTC)
        )

    @rule()
    def pull_the_plug(self) -> None:
        self.start()

    @rule(days=st.integers(1, 400))
    def be_off(self, days: int) -> None:
        self.jump_ahead(timedelta(days=days))
        self.start()

    @rule()
    def remember_the_file(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            self.copies.append((self.household.state / RUNNING).read_bytes())

    @precondition(lambda self: self.copies)
    @rule(which=st.integers(0, 99))
    def find_an_older_file(self, which: int) -> None:
        (self.household.state / RUNNING).write_bytes(self.copies[which % len(self.copies)])
        self.start()

    @rule(what=st.sampled_from([b"", b"garbage", bytes(64) + b'{"quarters":99999,"marks":[[1,9999]]}']))
    def find_another_file(self, what: bytes) -> None:
        (self.household.state / RUNNING).write_bytes(what)
        self.start()

    @rule()
    def lose_the_number(self) -> None:
        (self.household.state / "spool" / "number").unlink(missing_ok=True)
        self.start()

    @rule()
    def want_room(self) -> None:
        with contextlib.suppress(OSError):
            self.upkeep.make_room()

    @invariant()
    def nothing_young_is_gone(self) -> None:
        kept = {clip.clip for clip in self.spool.kept()}
        gone = set(self.ended_h) - kept
        for clip in gone:
            assert self.ran_h - self.ended_h[clip] >= AT_LEAST_H, clip
            del self.ended_h[clip]
        assert max(gone, default=0) < min(kept, default=1 << 60), "the oldest go first"


Life.TestCase.settings = settings(
    max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestLife = Life.TestCase


def test_what_the_door_has_outlived_gives_way(household: Household) -> None:
    """Else all of the above would hold of a door that never deletes."""
    ledger = Ledger(household.state, household.device, household.clock)
    spool = Spool(household.state)
    upkeep = Upkeep(spool, ledger, household.clock, RETENTION)
    filled(spool)
    for hours in (0.3, 2.1, 2.1, 2.1):  # each start loses the rest of a quarter, and no more
        run(upkeep, household, hours)
        upkeep = Upkeep(spool, ledger, household.clock, RETENTION)
    with pytest.raises(OSError, match="too young"):
        upkeep.make_room()
    assert [clip.clip for clip in spool.kept()] == [], "and what is new does not fit on this disk"
    ledger.close()


def test_a_year_in_a_drawer_and_a_clock_of_another_century_delete_nothing(household: Household) -> None:
    """Filmed under a clock that lagged by decades, found after a year under one that is right, or ahead."""
    household.clock.now_utc = datetime(1980, 1, 6, tzinfo=UTC)
    Door(household, settings=Settings()).play(scene(16))
    for year in (2027, 2080, 1975):
        household.clock.now_utc = datetime(year, 1, 1, tzinfo=UTC)
        household.clock.now_us = 0
        door = Door(household, settings=Settings())
        door.recorder._upkeep.sweep(0)
        door.recorder.stop()
        assert 1 in door.clips()
        door.ledger.close()


def test_a_full_card_under_a_clock_that_jumped_ahead_keeps_what_is_young(household: Household) -> None:
    door = Door(household, settings=Settings())
    door.play(scene(16))
    house = door.house()
    household.clock.now_utc += YEARS_50
    full = Config(retention=Retention(free_bytes=10**12))
    recorder = Recorder(full, VIDEO, door.spool, door.ledger, household.clock)
    for item in scene(6):
        recorder.take(item)
    recorder.stop()
    after = door.house()
    assert set(house.numbers()) <= set(after.numbers())
    assert not [entry for entry in after.entries if isinstance(entry.private, ClipDeleted)]


def test_a_number_that_comes_again_has_no_age_of_another_clip(household: Household) -> None:
    """The number was lost, the newest clips are gone: what was marked of theirs says nothing of the next one."""
    ledger = Ledger(household.state, household.device, household.clock)
    spool = Spool(household.state)
    upkeep = Upkeep(spool, ledger, household.clock, RETENTION)
    for _ in range(3):
        filled(spool)
    run(upkeep, household, 0.3)
    run(upkeep, household, 2 * AT_LEAST_H)
    spool.delete(3)
    (spool.directory / "number").unlink()
    spool = Spool(household.state)
    upkeep = Upkeep(spool, ledger, household.clock, RETENTION)
    assert filled(spool) == 3
    with pytest.raises(OSError, match="too young"):
        upkeep.make_room()
    assert [clip.clip for clip in spool.kept()] == [3]
    ledger.close()


def test_a_clip_that_is_being_filmed_has_not_ended(household: Household) -> None:
    ledger = Ledger(household.state, household.device, household.clock)
    spool = Spool(household.state)
    upkeep = Upkeep(spool, ledger, household.clock, RETENTION)
    filled(spool)
    household.clock.pass_s(1000)
    upkeep.count(filming=True)
    run(upkeep, household, 2 * AT_LEAST_H)
    with pytest.raises(OSError, match="too young"):
        upkeep.make_room()
    assert [clip.clip for clip in spool.kept()] == [1], "it may have been filmed until just now"
    ledger.close()

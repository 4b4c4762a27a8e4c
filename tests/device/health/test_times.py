"""What was filmed before the door knew the time is labelled later: by the clock as it is set, or by a reader's, and no more."""

from datetime import UTC, datetime, timedelta

import pytest

from device.contract import commands, replies
from device.health.checkup import Checkup
from device.health.daily import Daily
from device.health.self_test import Made
from device.health.times import AGAIN_US, Times
from device.trust.lines import ClipBegun, PrivateBody, TimeTold
from provisioning.house.times import Made as Placed
from provisioning.house.times import Times as Labels
from tests.support.door import Door
from tests.support.household import Household, TestReader

BOOT_UTC = datetime(1970, 1, 1, 0, 2, tzinfo=UTC)
TRUE_UTC = datetime(2026, 11, 27, 8, tzinfo=UTC)


class Lived:
    """A door that wakes up in 1970; clip 1 is from an earlier run, the next ones from this."""

    def __init__(self, household: Household, *, knows: bool = False) -> None:
        self.knows = knows
        self.clock = household.clock
        self.clock.now_utc = BOOT_UTC
        self.door = Door(household)
        self.door.clip()
        self.times = Times(
            self.door.ledger, self.clock, lambda: self.door.spool.next_clip, lambda: self.knows
        )

    def film(self) -> datetime:
        """Return the time that the door's clock gives a new clip."""
        at_utc = self.clock.utc()
        clip = self.door.clip()
        self.door.ledger.note(
            ClipBegun(
                at_utc=at_utc, clip=clip, trigger="ring", header_sha256=bytes(32), roster_seq=0, left_out=()
            )
        )
        return at_utc

    def told(self) -> list[TimeTold]:
        return [body for body in self.door.bodies() if isinstance(body, TimeTold)]

    def placed(self, clip: int, at_utc: datetime) -> Placed:
        return Labels(self.door.bodies()).made(clip, at_utc)


@pytest.fixture
def lived(household: Household) -> Lived:
    return Lived(household)


def test_a_clock_that_is_set_while_the_door_runs_labels_what_it_filmed_before(lived: Lived) -> None:
    before = lived.film()
    assert lived.placed(2, before) == Placed(None, is_label=False), "nobody knows yet"
    lived.clock.pass_s(5)
    lived.times.look()
    lived.clock.now_utc = TRUE_UTC
    lived.times.look()
    after = lived.film()
    lived.clock.pass_s(5)
    lived.times.look()
    assert lived.told() == [
        TimeTold(at_utc=BOOT_UTC + timedelta(seconds=5), says_utc=TRUE_UTC, clip=2, reader=None)
    ]
    assert lived.placed(2, before) == Placed(TRUE_UTC - timedelta(seconds=5), is_label=True)
    assert lived.placed(3, after) == Placed(TRUE_UTC, is_label=False)
    assert lived.placed(1, BOOT_UTC) == Placed(None, is_label=False), "of another run"


def test_a_clock_that_is_slewed_or_corrected_by_seconds_is_no_other_time(lived: Lived) -> None:
    for _ in range(100):
        lived.clock.pass_s(10)
        lived.clock.now_utc += timedelta(seconds=1)
        lived.times.look()
    assert lived.told() == []


def test_a_clock_that_is_set_to_and_fro_fills_no_record(lived: Lived) -> None:
    for number in range(200):
        lived.clock.pass_s(10)
        lived.clock.now_utc += timedelta(days=365 if number % 2 else -100)
        lived.times.look()
    assert 1 < len(lived.told()) <= 1 + 2_000_000_000 // AGAIN_US


def test_a_clock_that_jumps_fifty_years_either_way_is_a_label_and_deletes_nothing(lived: Lived) -> None:
    lived.clock.now_utc = TRUE_UTC
    lived.times.look()
    kept = lived.door.spool.days()
    for years in (50, -50):
        lived.clock.pass_s(AGAIN_US / 1e6)
        lived.clock.now_utc += timedelta(days=years * 365)
        lived.times.look()
    assert lived.door.spool.days() == kept
    assert len(lived.told()) == 3


def asking(lived: Lived) -> TestReader:
    """Return a reader at a desk that takes its time."""
    daily = Daily(lived.clock, lambda _: False, lambda _: Made(b"", b""), lambda: True)
    lived.door.desk._service._checkup = Checkup(
        lived.door.ledger, lived.clock, tuple, daily, lived.times.tell
    )
    return lived.door.join()


def test_a_readers_signed_time_labels_what_was_filmed_while_the_door_knows_none(lived: Lived) -> None:
    phone = asking(lived)
    before = lived.film()
    assert lived.door.ask(phone, commands.TellTime(TRUE_UTC)) == replies.Noted()
    assert lived.told() == [TimeTold(at_utc=BOOT_UTC, says_utc=TRUE_UTC, clip=2, reader=phone.public.sign)]
    assert lived.placed(2, before) == Placed(TRUE_UTC, is_label=True)
    assert lived.clock.utc() == BOOT_UTC, "its clock is not set by that"


def test_a_door_that_knows_the_time_takes_nobodys_word_on_it(lived: Lived) -> None:
    phone = asking(lived)
    lived.knows = True
    assert lived.door.ask(phone, commands.TellTime(TRUE_UTC)) == replies.Noted()
    lived.knows = False
    assert lived.door.ask(phone, commands.TellTime(BOOT_UTC + timedelta(seconds=59))) == replies.Noted()
    assert lived.told() == []


def test_a_label_that_leads_nowhere_is_none() -> None:
    far = TimeTold(at_utc=BOOT_UTC, says_utc=datetime(9999, 1, 1, tzinfo=UTC), clip=0, reader=bytes(32))
    bodies: list[PrivateBody | None] = [None, far]
    assert Labels(bodies).made(0, datetime(9000, 1, 1, tzinfo=UTC)) == Placed(None, is_label=False)

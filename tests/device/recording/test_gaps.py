"""What was not seen or kept: told while it lasts, told at its end, and never so often that it fills the disk."""

from collections.abc import Callable
from datetime import timedelta
from typing import get_args

import numpy as np
import pytest

from device.camera.protocol import Luma
from device.contract.settings import Settings
from device.ledger import Ledger
from device.recording.gaps import AGAIN_US, Gaps
from device.sight.observation import Gap as Seen
from device.trust.lines import Gap, GapReason
from provisioning.house.house import House
from provisioning.reader.event_log import EventLog
from tests.device.recording.conftest import Door
from tests.support.film import scene
from tests.support.household import Household

FRAME_US = 100_000


class Told:
    """Gaps over a real ledger, ten pictures a second, and the wall clock in step with them."""

    def __init__(self, household: Household) -> None:
        self.household = household
        self.ledger = Ledger(household.state, household.device, household.clock)
        self.gaps = Gaps(self.ledger, household.clock)
        self.began_utc = household.clock.utc()
        self.at_us = 0

    def see(self, seconds: float, gap: Seen | None) -> None:
        for _ in range(round(seconds * 10)):
            self.gaps.see(gap, self.at_us)
            self.at_us += FRAME_US
            self.household.clock.pass_s(FRAME_US / 1e6)

    def lines(self) -> list[tuple[str, float, float]]:
        """Return reason, beginning and end of each line, in seconds since the start."""
        return [
            (gap.reason, *((at - self.began_utc).total_seconds() for at in (gap.from_utc, gap.at_utc)))
            for gap in told(self.household)
        ]


def told(household: Household) -> list[Gap]:
    entries = House(household.state, [household.card.open]).entries
    return [entry.private for entry in entries if isinstance(entry.private, Gap)]


@pytest.fixture
def seen(household: Household) -> Told:
    return Told(household)


def test_a_frozen_camera_is_told_when_it_is_noticed_and_when_it_is_over(seen: Told) -> None:
    seen.see(10, None)
    seen.see(60, "stuck")  # sight notices after three seconds
    assert seen.lines() == [("stuck", 7, 10)]
    seen.see(2, None)
    assert seen.lines()[1:] == [("stuck", 7, pytest.approx(70, abs=0.2))]


def test_a_covered_lens_is_told_once_it_has_lasted_for_three_seconds(seen: Told) -> None:
    seen.see(10, None)
    seen.see(2.9, "blind")
    assert seen.lines() == []
    seen.see(10, "blind")
    assert seen.lines() == [("blind", 10, 13)]


def test_what_is_in_the_way_is_told_for_as_long_as_it_is(seen: Told) -> None:
    def kinds() -> list[str]:
        return [condition.kind for condition in seen.gaps.conditions()]

    seen.see(5, None)
    assert kinds() == []
    seen.see(2.9, "blind")
    assert kinds() == [], "it may be a filter that switches"
    seen.see(10, "blind")
    assert kinds() == ["blind"]
    seen.gaps.refused()
    seen.gaps.lost()
    assert kinds() == ["camera", "disk"]
    seen.gaps.tell()
    assert kinds() == ["disk"]
    seen.gaps.kept()
    assert kinds() == []


def test_a_disk_that_refuses_all_day_is_told_once_a_minute(seen: Told) -> None:
    for _ in range(1000):
        seen.gaps.refused()
        seen.household.clock.pass_s(0.1)
    assert len(seen.lines()) == 2


def test_a_filter_that_switches_is_no_gap(seen: Told) -> None:
    for _ in range(20):
        seen.see(0.4, "blind")
        seen.see(5, None)
    assert seen.lines() == []


def test_what_flickers_between_seeing_and_not_is_one_gap(seen: Told) -> None:
    for _ in range(100):
        seen.see(0.5, "blind")
        seen.see(0.5, None)
    seen.see(2, None)
    assert [reason for reason, _, _ in seen.lines()] == ["blind", "blind"]
    assert seen.lines()[1][1:] == (0, pytest.approx(99.5, abs=0.2))


def test_a_frozen_camera_that_goes_black_is_two_gaps(seen: Told) -> None:
    seen.see(5, "stuck")
    seen.see(5, "blind")
    seen.gaps.stop()
    assert [line[:2] for line in seen.lines()] == [("stuck", -3), ("stuck", -3), ("blind", 5), ("blind", 5)]


@pytest.mark.parametrize("break_it", [lambda at: at.gaps.broke("clock"), lambda at: at.see(0.1, "clock")])
def test_a_time_that_jumps_at_every_picture_is_told_once_a_minute_and_at_the_end(
    seen: Told, break_it: Callable[[Told], None]
) -> None:
    for _ in range(1000):
        break_it(seen)
        seen.household.clock.pass_s(0.1)
    assert 2 <= len(seen.lines()) <= 1 + seen.household.clock.now_us // AGAIN_US
    before = len(seen.lines())
    seen.gaps.stop()
    assert len(seen.lines()) == before + 1, "what was not told yet"
    seen.gaps.stop()
    assert len(seen.lines()) == before + 1


def test_everybody_who_tells_of_gaps_has_words_for_each_reason(household: Household) -> None:
    ledger = Ledger(household.state, household.device, household.clock)
    at_utc = household.clock.utc()
    for reason in get_args(GapReason):
        ledger.note(Gap(at_utc=at_utc, reason=reason, from_utc=at_utc - timedelta(seconds=1)))
    sentences = list(EventLog(household.state, household.card.open).news())
    assert len({sentence.split(": ", 1)[1] for sentence in sentences}) == len(get_args(GapReason))


def blank(kind: str) -> list[Luma]:
    """Return a minute of pictures that show nothing, after some that did."""
    shown = [item for item in scene(3) if isinstance(item, Luma)]
    black, dice = np.full_like(shown[-1].i420, 16), np.random.default_rng(1)
    return shown + [
        Luma(
            shown[-1].i420 if kind == "stuck" else black + dice.integers(0, 2, black.shape, np.uint8),
            3_000_000 + number * 66_667,
        )
        for number in range(900)
    ]


@pytest.mark.parametrize("kind", ["stuck", "blind"])
def test_a_power_cut_does_not_take_along_that_the_camera_shows_nothing(
    household: Household, kind: str
) -> None:
    door = Door(household, Settings())
    for luma in blank(kind):
        door.recorder.take(luma)
    assert [gap.reason for gap in told(household)] == [kind]


def test_black_pictures_of_privacy_are_no_gap(household: Household) -> None:
    door = Door(household, Settings(privacy=True))
    for luma in blank("blind"):
        door.recorder.take(luma)
    door.recorder.stop()
    assert told(household) == []


def test_a_covered_lens_is_over_when_the_camera_is_gone(household: Household) -> None:
    door = Door(household, Settings())
    for luma in blank("blind"):
        door.recorder.take(luma)
    door.recorder.camera_lost()
    assert [gap.reason for gap in told(household)] == ["blind", "blind", "camera"]

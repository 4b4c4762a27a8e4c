"""A camera whose clock jumps or whose picture changes its form: the clip ends in order, the gap is told, recording goes on."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pytest

from device.camera.protocol import AccessUnit, Captured, Luma, Pressed
from device.contract.settings import Settings
from device.recording.stream_order import AHEAD_US, BACK_US, StreamOrder
from device.sight.observation import Motion
from provisioning.house.genuine import read_record
from tests.device.recording.conftest import Door
from tests.device.recording.test_gaps import told
from tests.support.film import scene
from tests.support.household import Household
from tests.support.script import QUIET, moving, see

FIFTY_YEARS_US = 50 * 365 * 86_400 * 1_000_000
PATH = moving(("path", 0.1))


def luma(at_us: int, height: int = 180, width: int = 320) -> Luma:
    return Luma(np.zeros((height * 3 // 2, width), np.uint8), at_us)


def unit(at_us: int) -> AccessUnit:
    return AccessUnit(b"", False, at_us)


def shifted(items: Iterable[Captured], from_s: float, by_us: int) -> Iterator[Captured]:
    for item in items:
        yield replace(item, at_us=item.at_us + by_us) if item.at_us >= from_s * 1e6 else item


def once(items: Iterable[Captured], kind: type, at_s: float, by_us: int) -> Iterator[Captured]:
    done = False
    for item in items:
        if not done and isinstance(item, kind) and item.at_us >= at_s * 1e6:
            done = True
            yield replace(item, at_us=item.at_us + by_us)
        else:
            yield item


@pytest.mark.parametrize("make", [luma, unit])
def test_times_that_repeat_or_waver_go_on_and_those_that_jump_do_not(make: type) -> None:
    for by_us, fault in (
        (0, None),
        (66_667, None),
        (-BACK_US, None),
        (-BACK_US - 1, "clock"),
        (AHEAD_US, None),
        (AHEAD_US + 1, "clock"),
        (FIFTY_YEARS_US, "clock"),
    ):
        order = StreamOrder()
        assert order.fault(make(10**12)) is None
        assert order.fault(make(10**12 + by_us)) == fault
        assert order.now_us == 10**12 + (max(0, by_us) if fault is None else 0)


def test_two_clocks_that_disagree_do_not_go_on() -> None:
    order = StreamOrder()
    assert order.fault(luma(0)) is None
    assert order.fault(unit(AHEAD_US + 1)) == "clock"
    assert order.fault(unit(0)) is None


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((270, 322), np.uint8),
        np.zeros((135, 160), np.uint8),
        np.zeros((271, 320), np.uint8),
        np.zeros((270, 320), np.int16),
        np.zeros((270, 320, 3), np.uint8),
        np.zeros((0, 0), np.uint8),
        np.zeros((12, 8), np.uint8),
    ],
)
def test_a_picture_of_another_form_is_none(picture: npt.NDArray[np.uint8]) -> None:
    order = StreamOrder()
    assert order.fault(luma(0)) is None
    assert order.fault(Luma(picture, 66_667)) == "picture"
    assert order.fault(luma(133_333)) is None


def test_a_ring_far_from_every_picture_happens_now() -> None:
    order = StreamOrder()
    assert order.ring_us(FIFTY_YEARS_US) == FIFTY_YEARS_US == order.now_us, "there is no picture yet"
    assert order.fault(luma(10**12)) is None
    assert order.now_us == 10**12
    assert order.ring_us(10**12 + 400_000) == 10**12 + 400_000 == order.now_us
    assert order.ring_us(10**12 + FIFTY_YEARS_US) == 10**12
    assert order.ring_us(0) == 10**12


def assert_sound(door: Door, clips: int) -> None:
    """Check that every clip is genuine, and of this hour."""
    assert len(door.clips()) == clips
    for clip in door.clips():
        record = read_record(door.house(), clip)
        assert (record.verdict, record.reason) == ("genuine", "")
        assert record.statement is not None
        assert 0 < record.statement.duration_ms < 21_000
        assert abs(record.statement.begun_utc - door.household.clock.utc()) < timedelta(seconds=21)


@pytest.mark.parametrize("by_us", [FIFTY_YEARS_US, 6_000_000, -600_000, -4_000_000])
def test_a_clock_that_jumps_ends_the_clip_in_order_and_the_visit_goes_on_in_the_next(
    household: Household, monkeypatch: pytest.MonkeyPatch, by_us: int, caplog: pytest.LogCaptureFixture
) -> None:
    see(monkeypatch, lambda _: PATH)
    door = Door(household, Settings())
    with caplog.at_level(logging.ERROR):
        door.play(shifted(scene(12), 6.5, by_us))
    assert_sound(door, clips=2)
    assert [gap.reason for gap in told(household)] == ["clock"]
    assert caplog.messages == ["the camera's time jumped: begun afresh"]


@pytest.mark.parametrize("kind", [Luma, AccessUnit])
@pytest.mark.parametrize("by_us", [FIFTY_YEARS_US, -4_000_000])
def test_one_time_that_is_wrong_costs_one_new_beginning(
    household: Household, monkeypatch: pytest.MonkeyPatch, kind: type, by_us: int
) -> None:
    see(monkeypatch, lambda _: PATH)
    door = Door(household, Settings())
    door.play(once(scene(12), kind, 6.5, by_us))
    assert_sound(door, clips=2)
    assert [gap.reason for gap in told(household)] == ["clock"]


def test_a_clock_that_goes_back_leaves_no_clip_running_past_its_limit(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(monkeypatch, lambda _: PATH)
    door = Door(household, Settings(), "max_clip_s: 20")
    early = shifted(scene(8), 0, 600_000_000)
    late = (item for turn in range(3) for item in shifted(scene(20), 0, turn * 20_000_000))
    door.play((*early, *late))
    assert len(door.clips()) >= 4
    assert_sound(door, clips=len(door.clips()))


def test_a_ring_whose_time_is_wrong_is_recorded_now_and_not_for_fifty_years(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(monkeypatch, lambda _: QUIET)
    door = Door(household, Settings())
    door.play(once(scene(20), Pressed, 0, FIFTY_YEARS_US))
    assert_sound(door, clips=1)
    assert 10_000 < door.statement().duration_ms < 16_000


def test_a_picture_of_another_form_is_told_and_the_new_form_is_taken_up(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(monkeypatch, lambda _: PATH)
    door = Door(household, Settings())
    door.play(
        replace(item, i420=np.full((540, 640), 90, np.uint8))
        if isinstance(item, Luma) and item.at_us > 6e6
        else item
        for item in scene(12)
    )
    assert_sound(door, clips=2)
    assert [gap.reason for gap in told(household)] == ["picture"]
    assert len(door.statement(2).thumbnail) > 500


def test_pictures_that_are_none_end_neither_the_device_nor_the_recording_of_rings(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(monkeypatch, lambda _: QUIET)
    door = Door(household, Settings())
    door.play(
        replace(item, i420=np.zeros((270, 320), np.float32))
        if isinstance(item, Luma) and item.at_us > 2e6
        else item
        for item in scene(20)
    )
    assert_sound(door, clips=1)
    assert [trigger.kind for trigger in door.statement().triggers] == ["ring"]
    assert door.statement().pre_roll_ms > 2000, "the film from before the ring is kept all the same"
    assert {gap.reason for gap in told(household)} == {"picture"}
    assert len(told(household)) <= 2


def test_what_sight_says_of_the_clock_reaches_the_ledger(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    see(monkeypatch, lambda at_s: Motion(0.0, moving=False, gap="clock" if 5 < at_s < 5.1 else None))
    door = Door(household, Settings())
    door.play(scene(8))
    assert "clock" in [gap.reason for gap in told(household)]

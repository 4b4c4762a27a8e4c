"""A computer that is unwell is told in time, once, and until it was well for a while."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from device.health.health import LOOK_EVERY_S, Health
from device.health.signs import LASTS_US, Course, Ill, Signs, ills
from device.trust.condition import Condition
from tests.support.household import DrivenClock

NOW_UTC = datetime(2026, 11, 27, 12, tzinfo=UTC)
WELL = Signs(0, 50.0, NOW_UTC)
WEAK = Signs(0x50005, 50.0, NOW_UTC)


@pytest.mark.parametrize(
    ("signs", "found"),
    [
        (WELL, []),
        (Signs(None, None, NOW_UTC), []),
        (WEAK, ["power"]),
        (Signs(0x50000, 79.9, NOW_UTC), []),
        (Signs(0, 80.0, NOW_UTC), ["heat"]),
        (Signs(None, 80.0, NOW_UTC), ["heat"]),
        (Signs(0x8, 61.0, NOW_UTC), ["heat"]),
        (Signs(0, 50.0, datetime(1970, 1, 1, tzinfo=UTC)), ["clock"]),
        (Signs(0, 50.0, datetime(2106, 2, 7, tzinfo=UTC)), ["clock"]),
        (Signs(0x9, 90.0, datetime(1970, 1, 1, tzinfo=UTC)), ["power", "heat", "clock"]),
    ],
)
def test_what_is_wrong_follows_from_the_signs_of_a_moment(signs: Signs, found: list[Ill]) -> None:
    assert ills(signs) == found


def test_a_voltage_that_flickers_is_one_trouble_until_it_held_for_ten_minutes() -> None:
    course = Course()
    assert course.look(WEAK, 0) == (["power"], [])
    assert course.look(WELL, LASTS_US // 2) == ([], [])
    assert course.look(WEAK, LASTS_US - 1) == ([], [])
    assert course.conditions() == (Condition("power", NOW_UTC),)
    assert course.look(WELL, 2 * LASTS_US - 2) == ([], [])
    assert course.look(WELL, 2 * LASTS_US - 1) == ([], ["power"])
    assert course.conditions() == ()
    assert course.look(WEAK, 3 * LASTS_US) == (["power"], [])


def test_a_clock_that_is_set_is_well_at_once_and_before_that_nothing_tells_since_when() -> None:
    course = Course()
    course.look(Signs(0x1, 50.0, datetime(1970, 1, 1, tzinfo=UTC)), 0)
    assert course.conditions() == (Condition("power"), Condition("clock"))
    assert course.look(WEAK, 1) == ([], ["clock"])


def test_the_journal_is_told_once_what_begins_and_once_that_it_is_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    zone = tmp_path / "sys/class/thermal/thermal_zone0"
    zone.mkdir(parents=True)
    (zone / "type").write_text("cpu-thermal\n")
    (zone / "temp").write_text("85000\n")
    clock, waits = DrivenClock(), 0

    def wait(seconds: float) -> bool:
        nonlocal waits
        assert seconds == LOOK_EVERY_S
        waits += 1
        clock.pass_s(LASTS_US / 1e6)
        if waits == 2:
            assert [one.kind for one in health.conditions()] == ["heat"]
            (zone / "temp").write_text("60000\n")
        return waits == 4

    health = Health(clock, wait, tmp_path)
    with caplog.at_level(logging.INFO):
        health.watch()
    assert [record.getMessage() for record in caplog.records] == [
        "heat: the processor is slowed down by its heat; give it shade, air or a heat sink",
        "heat: it is well again",
    ]
    assert health.conditions() == ()


def test_what_nobody_foresaw_on_a_card_ends_no_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its thread takes the device with it, and the device the recording."""
    looks = 0

    def stumbles(_: Health) -> None:
        nonlocal looks
        looks += 1
        raise ValueError("a file like no other")

    monkeypatch.setattr(Health, "look", stumbles)
    ends = iter([False, False, True])
    Health(DrivenClock(), lambda _: next(ends), tmp_path).watch()
    assert looks == 3
    assert "tried again" in caplog.text

"""When motion counts: the snooze, quiet hours over midnight and back, privacy."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.contract.settings import Hush, Quiet, Settings
from device.watch.attention import attends, is_heard

MONDAY = datetime(2026, 11, 23, tzinfo=timezone(timedelta(hours=1)))
EVERY_DAY = tuple(range(7))


def at(clock: str, days: int = 0) -> datetime:
    hours, minutes = clock.split(":")
    return MONDAY + timedelta(days=days, hours=int(hours), minutes=int(minutes))


def test_motion_counts_if_nobody_said_otherwise() -> None:
    assert attends(Settings(), MONDAY)


def test_a_snooze_ends_by_itself() -> None:
    settings = Settings(snoozed_until_utc=datetime(2026, 11, 23, 12, tzinfo=UTC))
    assert not attends(settings, at("12:59"))
    assert attends(settings, at("13:00"))


@pytest.mark.parametrize(
    ("clock", "counts"), [("08:59", True), ("09:00", False), ("16:59", False), ("17:00", True)]
)
def test_quiet_hours_in_a_day(clock: str, counts: bool) -> None:
    assert attends(Settings(quiet=(Quiet((0,), "09:00", "17:00"),)), at(clock)) == counts
    assert attends(Settings(quiet=(Quiet((1,), "09:00", "17:00"),)), at(clock))


def test_quiet_hours_over_midnight_belong_to_the_evening() -> None:
    settings = Settings(quiet=(Quiet((0,), "22:00", "06:00"),))
    assert attends(settings, at("05:00"))
    assert not attends(settings, at("22:00"))
    assert not attends(settings, at("05:59", days=1))
    assert attends(settings, at("06:00", days=1))
    assert attends(settings, at("23:00", days=1))


def test_the_same_hour_twice_is_a_whole_day() -> None:
    settings = Settings(quiet=(Quiet((0,), "06:00", "06:00"),))
    assert not attends(settings, at("06:00"))
    assert not attends(settings, at("05:59", days=1))
    assert attends(settings, at("06:00", days=1))


def test_nothing_counts_in_privacy() -> None:
    assert not attends(Settings(privacy=True), MONDAY)


@given(st.datetimes(timezones=st.just(UTC)), st.times(), st.times())
def test_a_day_is_quiet_within_its_hours_and_loud_outside(
    now: datetime, begins: object, ends: object
) -> None:
    quiet = Quiet(EVERY_DAY, f"{begins:%H:%M}", f"{ends:%H:%M}")
    if quiet.from_ == quiet.to:
        return
    turned = Quiet(EVERY_DAY, quiet.to, quiet.from_)
    assert attends(Settings(quiet=(quiet,)), now) != attends(Settings(quiet=(turned,)), now)


def test_a_hush_concerns_the_chime_alone_and_ends_by_itself() -> None:
    hushed = Settings(hush=Hush(until_utc=datetime(2026, 11, 23, 12, tzinfo=UTC)))
    assert not is_heard(hushed, at("12:59"))
    assert is_heard(hushed, at("13:00"))
    assert attends(hushed, at("12:59"))


def test_the_chime_has_hours_of_its_own_over_midnight() -> None:
    night = Settings(hush=Hush((Quiet((0,), "22:00", "06:00"),)))
    assert [is_heard(night, at(clock)) for clock in ("21:59", "22:00")] == [True, False]
    assert [is_heard(night, at(clock, days=1)) for clock in ("05:59", "06:00", "22:00")] == [
        False,
        True,
        True,
    ]


def test_no_snooze_no_quiet_hours_and_no_privacy_silences_the_chime() -> None:
    every_hour = (Quiet(EVERY_DAY, "00:00", "00:00"),)
    settings = Settings(quiet=every_hour, snoozed_until_utc=datetime(2027, 1, 1, tzinfo=UTC), privacy=True)
    assert is_heard(settings, MONDAY)

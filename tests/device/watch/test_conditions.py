"""What keeps the door from seeing is told to those who belong, with since when and by whom, and to nobody else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from device.contract import commands, replies
from device.contract.settings import Hush, Quiet, Settings
from device.sealing.errors import NotARecipientError
from device.sealing.sframe import Opener
from device.trust.condition import (
    CONDITIONS_METADATA,
    MAX_CONDITIONS,
    SIZE_BYTES,
    Condition,
    decode_conditions,
    encode_conditions,
)
from device.trust.lines import PAD_BYTES, SettingsChanged, encode_private
from device.watch.attention import attends, quiet_hours
from provisioning.house.house import House
from tests.support.door import Door, Says
from tests.support.household import Household, TestReader

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday


@pytest.fixture
def door(household: Household) -> Door:
    return Door(household)


@pytest.fixture
def phone(door: Door) -> TestReader:
    return door.join()


def sealed(door: Door, reader: TestReader) -> bytes:
    body = door.ask(reader, commands.AskHead())
    assert isinstance(body, replies.HeadBody)
    assert body.conditions is not None
    return body.conditions


def opened(door: Door, reader: TestReader, frame: bytes) -> tuple[Condition, ...]:
    opener = Opener()
    for epoch, key in House(door.household.state, [reader.open]).history.epoch_keys.items():
        opener.add(epoch, key)
    return decode_conditions(opener.open(frame, CONDITIONS_METADATA))


def told(door: Door, reader: TestReader) -> tuple[Condition, ...]:
    return opened(door, reader, sealed(door, reader))


def put(door: Door, reader: TestReader, settings: Settings) -> None:
    assert door.ask(reader, commands.Set(settings)) == replies.Noted()


def test_a_door_that_sees_has_nothing_in_its_way(door: Door, phone: TestReader) -> None:
    assert told(door, phone) == ()


def test_privacy_is_told_with_since_when_and_by_whom_also_to_who_comes_later(
    door: Door, phone: TestReader
) -> None:
    put(door, phone, Settings(privacy=True))
    since_utc = door.household.clock.utc()
    door.household.clock.pass_s(60)
    later = door.join("Kitchen tablet")
    assert told(door, later) == (Condition("privacy", since_utc, by=phone.public.sign),)
    put(door, later, Settings())
    assert told(door, phone) == ()


def test_after_a_restart_the_door_claims_nothing_that_it_cannot_know(door: Door, phone: TestReader) -> None:
    put(door, phone, Settings(privacy=True))
    door.restart()
    assert told(door, phone) == (Condition("privacy"),)


@pytest.mark.parametrize("harm", [lambda file: file.write_text("{"), Path.unlink])
def test_lost_settings_are_another_thing_than_privacy(
    door: Door, phone: TestReader, harm: Callable[[Path], object]
) -> None:
    put(door, phone, Settings(masks=(((0.0, 0.0), (0.2, 0.0), (0.2, 0.2)),)))
    harm(door.household.state / "settings")
    door.restart()
    assert [one.kind for one in told(door, phone)] == ["settings"]
    put(door, phone, Settings())
    assert told(door, phone) == ()


def test_a_snooze_tells_its_end_and_ends_by_itself(door: Door, phone: TestReader) -> None:
    until_utc = door.household.clock.utc() + timedelta(minutes=30)
    put(door, phone, Settings(snoozed_until_utc=until_utc))
    [snoozed] = told(door, phone)
    assert (snoozed.kind, snoozed.until_utc, snoozed.by) == ("snoozed", until_utc, phone.public.sign)
    door.household.clock.pass_s(1800)
    assert told(door, phone) == ()


def test_quiet_hours_begin_and_end_without_a_line(door: Door, phone: TestReader) -> None:
    local = door.household.clock.utc().astimezone()
    begins, ends = local + timedelta(minutes=10), local + timedelta(minutes=70)
    quiet = Quiet(tuple(range(7)), f"{begins:%H:%M}", f"{ends:%H:%M}")
    put(door, phone, Settings(quiet=(quiet,)))
    assert told(door, phone) == ()
    lines = len(door.ledger.chain)
    door.household.clock.pass_s(11 * 60)
    [condition] = told(door, phone)
    assert condition.kind == "quiet"
    assert condition.by == phone.public.sign
    assert condition.since_utc == begins.replace(second=0, microsecond=0)
    assert condition.until_utc == ends.replace(second=0, microsecond=0)
    assert len(door.ledger.chain) == lines
    door.household.clock.pass_s(3600)
    assert told(door, phone) == ()


def test_a_hush_is_told_with_its_end_and_by_whom_also_in_privacy(door: Door, phone: TestReader) -> None:
    since_utc = door.household.clock.utc()
    until_utc = since_utc + timedelta(hours=1)
    put(door, phone, Settings(privacy=True, hush=Hush(until_utc=until_utc)))
    privacy, hushed = told(door, phone)
    assert privacy.kind == "privacy"
    assert hushed == Condition("hushed", since_utc, until_utc, phone.public.sign)
    door.household.clock.pass_s(3600)
    assert [one.kind for one in told(door, phone)] == ["privacy"]


def test_the_chimes_own_hours_are_told_while_they_last(door: Door, phone: TestReader) -> None:
    local = door.household.clock.utc().astimezone()
    ends = local + timedelta(minutes=30)
    put(door, phone, Settings(hush=Hush((Quiet(tuple(range(7)), f"{local:%H:%M}", f"{ends:%H:%M}"),))))
    [hush] = told(door, phone)
    assert (hush.kind, hush.until_utc) == ("hush", ends.replace(second=0, microsecond=0))
    door.household.clock.pass_s(1800)
    assert told(door, phone) == ()


def test_as_much_as_can_be_in_the_way_at_once_fits(door: Door, phone: TestReader) -> None:
    now_utc = door.household.clock.utc()
    door.household.met = tuple(
        Condition(kind, now_utc)
        for kind in (
            "clock",
            "heat",
            "microphone",
            "loudspeaker",
            "chime",
            "button",
            "power",
            "disk",
            "blind",
            "self_test",
        )
    )
    always = (Quiet(tuple(range(7)), "00:00", "00:00"),)
    until_utc = now_utc + timedelta(days=1)
    put(
        door,
        phone,
        Settings(quiet=always, snoozed_until_utc=until_utc, hush=Hush(always, until_utc)),
    )
    kinds = [one.kind for one in told(door, phone)]
    assert kinds == [
        "disk",
        "blind",
        "self_test",
        "power",
        "button",
        "chime",
        "loudspeaker",
        "microphone",
        "heat",
        "clock",
        "snoozed",
        "quiet",
        "hushed",
        "hush",
    ]
    assert len(kinds) == MAX_CONDITIONS


def test_the_gravest_comes_first(door: Door, phone: TestReader) -> None:
    now_utc = door.household.clock.utc()
    door.household.met = (Condition("camera", now_utc), Condition("disk", now_utc))
    put(door, phone, Settings(privacy=True))
    assert [one.kind for one in told(door, phone)] == ["camera", "disk", "privacy"]


def test_the_server_sees_neither_what_it_is_nor_that_it_changed(door: Door, phone: TestReader) -> None:
    frames = [sealed(door, phone)]
    put(door, phone, Settings(privacy=True))
    frames += [sealed(door, phone), sealed(door, phone)]
    assert len(set(frames)) == 3, "sealed anew each time"
    assert len({len(frame) for frame in frames}) == 1
    assert all(b"privacy" not in frame for frame in frames)


def test_who_was_removed_opens_nothing_that_comes_after(
    door: Door, phone: TestReader, household: Household
) -> None:
    former = door.join("Old phone")
    assert told(door, former) == ()
    assert door.change(phone, Says(household.door).removed(phone, former)) == "changed"
    put(door, phone, Settings(privacy=True))
    with pytest.raises(NotARecipientError):
        opened(door, former, sealed(door, phone))


def test_a_door_that_can_seal_nothing_still_answers(
    door: Door, phone: TestReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(door.ledger, "seal", refuse)
    assert door.ask(phone, commands.AskHead()) == replies.HeadBody(None)


def test_everything_at_once_fits_and_is_as_long_as_nothing() -> None:
    at = datetime(2026, 11, 23, 12, 0, 0, 123_000, tzinfo=UTC)
    worst = tuple(Condition("loudspeaker", at, at, bytes(32)) for _ in range(MAX_CONDITIONS))
    assert len(encode_conditions(worst)) == len(encode_conditions(())) == SIZE_BYTES
    assert decode_conditions(encode_conditions(worst)) == worst


def test_a_change_of_settings_is_as_long_as_any_other_line() -> None:
    at = datetime(2026, 11, 23, 12, 0, 0, 123_000, tzinfo=UTC)
    by_itself = ("silent",)
    everything = tuple(part for part in Settings.__struct_fields__ if part not in by_itself)
    until_utc = at.replace(microsecond=0)
    for what in (everything, by_itself):
        body = SettingsChanged(
            at_utc=at, reader=bytes(32), what=what, privacy=False, snoozed_until_utc=until_utc
        )
        assert len(encode_private(body)) == PAD_BYTES


def test_hours_that_join_each_other_are_one_stretch() -> None:
    night = Quiet(tuple(range(7)), "22:00", "00:00")
    morning = Quiet(tuple(range(7)), "00:00", "06:00")
    at = NOON.replace(hour=23)
    assert quiet_hours((night, morning), at) == (
        datetime(2026, 11, 23, 22),  # noqa: DTZ001 - local times
        datetime(2026, 11, 24, 6),  # noqa: DTZ001
    )
    always = Settings(quiet=(Quiet(tuple(range(7)), "06:00", "06:00"),))
    assert quiet_hours(always.quiet, NOON) == (datetime(2026, 11, 23, 6), None)  # noqa: DTZ001
    assert not attends(always, NOON)
    assert quiet_hours((night,), NOON) is None

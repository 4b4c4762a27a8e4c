"""What a running demo tells of its door: every gap has a sentence."""

import time
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from device.ledger import Ledger
from device.trust.lines import AllowanceSpent, ClipHandedOut, Gap, utc
from provisioning.reader.event_log import EventLog
from tests.support.door import Door
from tests.support.household import Household


def test_a_gap_of_every_reason_is_told(household: Household) -> None:
    ledger = Ledger(household.state, household.device, household.clock)
    event_log = EventLog(household.state, household.card.open)
    list(event_log.news())
    reasons = get_args(Gap.__annotations__["reason"])
    assert "settings" in reasons
    now_utc = utc(household.clock.utc())
    for reason in reasons:
        ledger.note(Gap(at_utc=now_utc, reason=reason, from_utc=now_utc))
        [sentence] = event_log.news()
        assert "since" in sentence
    ledger.close()


def test_whose_day_was_used_up_is_told(household: Household) -> None:
    door = Door(household)
    phone = door.join("Hallway phone")
    admit = household.card.admit.public_key().public_bytes_raw()
    for reader in (phone.public.sign, admit, None):
        door.ledger.note(AllowanceSpent(at_utc=household.clock.utc(), reader=reader))
    told = [
        sentence
        for sentence in EventLog(household.state, household.card.open).news()
        if "as a day allows" in sentence
    ]
    assert [sentence.split("  ")[1].split(" had ")[0] for sentence in told] == [
        "“Hallway phone”", "the card", "all readers together",
    ]  # fmt: skip
    door.ledger.close()


def test_a_time_has_its_zone_and_one_of_another_day_its_date(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        ledger = Ledger(household.state, household.device, household.clock)
        now_utc = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
        for from_utc in (now_utc, now_utc - timedelta(days=1)):
            ledger.note(Gap(at_utc=now_utc, reason="camera", from_utc=from_utc))
        told = [each for each in EventLog(household.state, household.card.open).news() if "since" in each]
        ledger.close()
    finally:
        monkeypatch.undo()
        time.tzset()
    assert [each.partition(": the camera")[0] for each in told] == [
        "11:00:00 CEST  since 11:00:00 CEST",
        "11:00:00 CEST  since 2026-06-30 11:00:00 CEST",
    ]


def test_a_change_of_the_household_is_told_with_its_time(household: Household) -> None:
    door = Door(household)
    door.join("Hallway phone")
    door.ledger.close()
    [joined] = [
        each
        for each in EventLog(household.state, household.card.open).news()
        if "was added with the card" in each
    ]
    at = household.clock.utc().astimezone()
    assert joined == f"{at:%H:%M:%S %Z}  “Hallway phone” was added with the card"


def test_whoever_opens_everything_is_told_in_three_lines_and_what_follows_is_told(
    household: Household,
) -> None:
    door = Door(household)
    phone, now_utc = door.join("Hallway phone").public.sign, household.clock.utc()
    event_log = EventLog(household.state, household.card.open)
    list(event_log.news())
    told: list[str] = []
    for clip in range(1, 471):
        door.ledger.note(ClipHandedOut(at_utc=now_utc, clip=clip, reader=phone))
        told += event_log.news()
    assert [each.partition("  ")[2] for each in told] == [
        "“Hallway phone” opens clip 1",
        "“Hallway phone” opens clip 2",
    ]
    door.ledger.note(Gap(at_utc=now_utc, reason="camera", from_utc=now_utc))
    more, gap = event_log.news()
    assert more == "          and 468 more, one after the other"
    assert "the camera is or was gone" in gap
    for clip in range(1, 4):
        door.ledger.note(ClipHandedOut(at_utc=now_utc, clip=clip, reader=phone))
    assert len(list(event_log.news())) == 2
    quiet = [list(event_log.news()) for _ in range(9)]
    assert [each for each in quiet if each] == [["          and 1 more, one after the other"]]
    door.ledger.close()

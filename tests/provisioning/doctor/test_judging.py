"""Facts in, findings out: each trouble has its level, its sentence and what to do, and silence is never health."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from device.config import Retention
from device.contract.local import Ail
from device.health import storage
from device.health.parts import Part, judge_part
from device.health.storage import Storage
from device.trust.report import Finding
from provisioning.doctor import computer
from provisioning.doctor.computer import Computer
from provisioning.doctor.parts import (
    Unit,
    judge_certificates,
    judge_record,
    judge_running,
    judge_units,
)

NOW_UTC = datetime(2026, 11, 27, 12, tzinfo=UTC)
WELL = Computer(
    throttled=0,
    celsius=51.2,
    swaps=(),
    locked_kib=557_004,
    now_utc=NOW_UTC,
    is_set=True,
    newest_day=date(2026, 11, 26),
    networks={"wlan0": -60.0},
)
GB = 10**9
ROOMY = Storage(20 * GB, 2 * GB, 4, is_read_only=False, errors=0, worn_tenths=None)


def of(subject: str, facts: Computer) -> Finding:
    [finding] = [one for one in computer.judge(facts) if one.subject == subject]
    return finding


def test_a_computer_that_is_well_is_found_well_in_everything() -> None:
    assert {one.level for one in computer.judge(WELL)} == {"ok"}
    assert not any(one.do for one in computer.judge(WELL))


def test_what_a_computer_does_not_tell_is_unknown_and_never_well() -> None:
    silent = replace(WELL, throttled=None, celsius=None, is_set=None)
    assert [of(what, silent).level for what in ("power", "heat", "clock")] == ["unknown"] * 3


@pytest.mark.parametrize(
    ("throttled", "level", "says"),
    [
        (0x1, "fault", "the voltage is too low"),
        (0x50005, "fault", "the voltage is too low"),
        (0x10000, "warning", "the voltage was too low since the start"),
        (0xE0008, "ok", "the voltage has held since the start"),
    ],
)
def test_the_firmwares_bits_tell_of_power(throttled: int, level: str, says: str) -> None:
    finding = of("power", replace(WELL, throttled=throttled))
    assert (finding.level, finding.says) == (level, says)
    assert bool(finding.do) == (level != "ok")


@pytest.mark.parametrize(
    ("celsius", "throttled", "level"),
    [
        (74.9, 0, "ok"),
        (75.0, 0, "warning"),
        (79.9, 0, "warning"),
        (80.0, 0, "fault"),
        (60.0, 0x8, "warning"),
        (60.0, 0x2, "warning"),
        (60.0, 0x40000, "warning"),
        (60.0, 0x10001, "ok"),
        (60.0, None, "ok"),
    ],
)
def test_heat_is_told_before_it_costs_pictures(celsius: float, throttled: int | None, level: str) -> None:
    assert of("heat", replace(WELL, celsius=celsius, throttled=throttled)).level == level


@pytest.mark.parametrize(
    ("swaps", "locked_kib", "level"),
    [
        ((), 0, "ok"),
        (("/var/swap",), 0, "fault"),
        (("/var/swap",), None, "warning"),
        (("/var/swap",), 70_000, "ok"),
    ],
)
def test_swap_on_the_card_is_a_fault_unless_the_device_keeps_out_of_it(
    swaps: tuple[str, ...], locked_kib: int | None, level: str
) -> None:
    assert of("swap", replace(WELL, swaps=swaps, locked_kib=locked_kib)).level == level


@pytest.mark.parametrize(
    ("now_utc", "level", "word"),
    [
        (datetime(1970, 1, 1, 0, 0, 7, tzinfo=UTC), "fault", "before doorward was made"),
        (datetime(2025, 12, 31, 23, 59, tzinfo=UTC), "fault", "before doorward was made"),
        (datetime(2106, 2, 7, tzinfo=UTC), "fault", "cannot be"),
        (datetime(2026, 11, 25, tzinfo=UTC), "warning", "before the newest recording"),
        (datetime(2026, 11, 26, tzinfo=UTC), "ok", "as a time server has it"),
    ],
)
def test_a_clock_that_lies_is_told_with_what_it_says(now_utc: datetime, level: str, word: str) -> None:
    finding = of("clock", replace(WELL, now_utc=now_utc))
    assert finding.level == level
    assert word in finding.says
    assert f"{now_utc:%Y-%m-%d}" in finding.says


def test_a_clock_that_heard_no_time_server_is_a_warning_also_without_recordings() -> None:
    assert of("clock", replace(WELL, is_set=False, newest_day=None)).level == "warning"


@pytest.mark.parametrize(
    ("networks", "level"),
    [
        ({}, "fault"),
        ({"eth0": None}, "ok"),
        ({"wlan0": -75.0}, "ok"),
        ({"wlan0": -76.0}, "warning"),
        ({"eth0": None, "wlan0": -90.0}, "ok"),
    ],
)
def test_one_good_link_is_enough(networks: dict[str, float | None], level: str) -> None:
    assert of("network", replace(WELL, networks=networks)).level == level


def room(facts: Storage, limits: Retention = Retention()) -> Finding:  # noqa: B008 - frozen
    return list(storage.judge(facts, limits))[1]


def card(facts: Storage) -> Finding:
    return next(iter(storage.judge(facts, Retention())))


def test_free_space_is_told_in_days_at_the_present_rate() -> None:
    # 2 GB in 4 days are 0.5 GB a day; the limit of 16 GB is reached before the card is full.
    assert room(ROOMY) == Finding(
        "room", "ok", "20.0 GB are free; at the present rate there is room for 32 days of recordings"
    )
    # Of 5.256 GB that are free 0.256 stay so: 5 + 2 GB for clips.
    assert "for 14 days" in room(replace(ROOMY, free_bytes=5_256_000_000)).says


def test_a_card_with_room_for_less_than_what_must_stay_is_a_warning_before_recordings_are_missed() -> None:
    finding = room(replace(ROOMY, free_bytes=256_000_000, used_bytes=2 * GB, days=2))
    assert (finding.level, "motion will go unrecorded" in finding.says) == ("warning", True)


def test_no_rate_is_made_up_from_one_day() -> None:
    assert "known after two days" in room(replace(ROOMY, days=1)).says
    assert "known after two days" in room(replace(ROOMY, days=0, used_bytes=0)).says


def test_a_full_card_is_a_fault() -> None:
    assert room(Storage(0, 0, 0, is_read_only=False, errors=0, worn_tenths=None)).level == "fault"


@pytest.mark.parametrize(
    ("change", "level"),
    [
        ({}, "ok"),
        ({"is_read_only": True}, "fault"),
        ({"errors": 3}, "fault"),
        ({"errors": None}, "unknown"),
        ({"worn_tenths": 9}, "ok"),
        ({"worn_tenths": 10}, "warning"),
    ],
)
def test_a_card_is_as_well_as_it_tells(change: dict[str, int | None], level: str) -> None:
    assert card(replace(ROOMY, **change)).level == level


def test_what_the_device_says_of_a_part_comes_before_what_is_seen_of_it() -> None:
    camera = Part("camera", "pi", seen="pi: imx708 10-001a")
    assert judge_part(camera, []) == Finding("camera", "ok", "pi: imx708 10-001a")
    assert judge_part(camera, [Ail("chime")]).level == "ok"
    blind = judge_part(camera, [Ail("blind", NOW_UTC)])
    assert (blind.level, blind.says) == ("fault", "it sees nothing since 2026-11-27 12:00 UTC")
    assert blind.do
    button = judge_part(Part("button", "GPIO17"), [Ail("button", None, "GPIO17: stuck; look at it")])
    assert (button.says, button.do) == ("it does not work: GPIO17: stuck", "look at it")


def test_a_part_that_is_not_mounted_is_no_trouble_and_one_that_cannot_be_used_is() -> None:
    assert judge_part(Part("chime", ""), []) == Finding("chime", "ok", "none is set")
    assert judge_part(Part("chime", "bell", "no card", "buy one"), []) == Finding(
        "chime", "fault", "no card", "buy one"
    )


@pytest.mark.parametrize(("days", "level"), [(3_000, "ok"), (60, "ok"), (59, "warning"), (0, "warning")])
def test_certificates_are_told_in_days_left_and_early_enough(days: int, level: str) -> None:
    ends_utc = [NOW_UTC + timedelta(days=days, hours=1), NOW_UTC + timedelta(hours=1)]
    finding = judge_certificates(ends_utc, NOW_UTC)
    assert (finding.level, finding.says) == (level, f"valid for {days:,} more days")


def test_without_a_valid_certificate_no_page_opens() -> None:
    assert judge_certificates([], NOW_UTC).level == "fault"


@pytest.mark.parametrize(
    ("unit", "level"),
    [
        (Unit("doorward-device.service", True, "active", 0, 0.6), "ok"),
        (Unit("doorward-device.service", True, "active", 0, None), "ok"),
        (Unit("doorward-device.service", True, "active", 0, 0.7), "warning"),
        (Unit("doorward-device.service", True, "active", 2, 0.6), "warning"),
        (Unit("doorward-device.service", True, "failed", 0, 0.6), "fault"),
        (Unit("doorward-device.service", True, "inactive", 0, 0.6), "fault"),
        (Unit("doorward-device.service", False, "inactive", 0, None), "unknown"),
    ],
)
def test_a_unit_runs_stays_and_is_as_closed_as_it_was_made(unit: Unit, level: str) -> None:
    assert [one.level for one in judge_units([unit])] == [level]


def test_without_systemd_units_are_unknown() -> None:
    assert [one.level for one in judge_units(None)] == ["unknown"]


def test_a_record_that_does_not_hold_is_told_by_its_first_trouble() -> None:
    assert judge_record([], 1_234) == Finding("record", "ok", "1,234 lines, and all of them hold")
    assert judge_record(["line 3: broken", "epoch 2: missing"], 9).says == "line 3: broken, and 1 more"


def test_a_device_that_is_silent_is_a_fault_with_the_reason() -> None:
    assert judge_running("").level == "ok"
    assert judge_running("no door answers here").says == "no door answers here"

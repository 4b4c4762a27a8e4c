"""Settings that a reader asks for: whoever missed the last change sets nothing, and what is taken harms no later start."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device.camera.painter import Painter
from device.camera.protocol import AccessUnit, Captured, Luma, Turned
from device.config import parse
from device.contract import commands, messages, replies
from device.contract.link import MAX_DOWN_BYTES, MAX_UP_BYTES
from device.contract.masks import canonical
from device.contract.settings import MAX_SETTINGS_BYTES, Clock, Hush, Quiet, Settings, Weekday, Zone
from device.disk.spool import Spool
from device.ledger import Ledger
from device.recording.recorder import Recorder
from device.sight.masks import Masks
from device.trust.signed import Context, sign
from device.watch.attention import attends
from device.watch.watch import SettingsRefused, Watch, zones_of
from tests.support.door import Door
from tests.support.effort import cases
from tests.support.film import VIDEO, scene
from tests.support.forms import form
from tests.support.household import Household, TestReader

ROOF = ((0.0, 0.0), (0.2, 0.0), (0.2, 0.2))
MASKED = Settings(masks=(ROOF,))


@pytest.fixture
def door(household: Household) -> Door:
    return Door(household)


@pytest.fixture
def phone(door: Door) -> TestReader:
    return door.join()


@pytest.fixture
def tablet(door: Door) -> TestReader:
    return door.join("Kitchen tablet")


def held(door: Door, reader: TestReader, wanted: Settings) -> bytes:
    """Return a command that is signed now and sent later."""
    return reader.command(door.ledger.chain, door.nonce(), commands.Set(wanted))


def sent(door: Door, command: bytes) -> replies.ReplyBody:
    reply = door.send(command)
    assert isinstance(reply, messages.Reply)
    return door.household.reply(reply.signed).body


def in_force(door: Door, reader: TestReader) -> Settings:
    body = door.ask(reader, commands.AskSettings())
    assert isinstance(body, replies.SettingsBody)
    return body.settings


def test_whoever_did_not_see_the_last_change_sets_nothing(
    door: Door, phone: TestReader, tablet: TestReader
) -> None:
    snooze = Settings(snoozed_until_utc=door.household.clock.utc() + timedelta(hours=1))
    late = held(door, phone, snooze)
    assert door.ask(tablet, commands.Set(MASKED)) == replies.Noted()
    lines = len(door.ledger.chain)
    refused = sent(door, late)
    assert isinstance(refused, replies.Refused)
    assert refused.code == "changed_meanwhile"
    assert len(door.ledger.chain) == lines
    assert in_force(door, phone) == MASKED


def test_what_happened_otherwise_since_a_reader_looked_is_no_reason_to_refuse(
    door: Door, phone: TestReader, tablet: TestReader
) -> None:
    late = held(door, phone, MASKED)
    door.ask(tablet, commands.Drilled())
    assert sent(door, late) == replies.Noted()


def test_whoever_looked_before_a_restart_looks_again(door: Door, phone: TestReader) -> None:
    """What was set before it stands in a line that the device itself cannot read any more."""
    seen = door.ledger.chain.head
    door.restart()
    head = messages.Head(seen.seq, seen.hash)
    old = phone.command(door.ledger.chain, door.nonce(), commands.Set(MASKED), head=head)
    refused = sent(door, old)
    assert isinstance(refused, replies.Refused)
    assert refused.code == "changed_meanwhile"
    assert door.ask(phone, commands.Set(MASKED)) == replies.Noted()


@pytest.mark.parametrize(("days", "taken"), [(30, True), (31, True), (32, False), (40_000, False)])
def test_a_snooze_ends_within_a_month(door: Door, phone: TestReader, days: int, taken: bool) -> None:
    until_utc = door.household.clock.utc() + timedelta(days=days)
    lines = len(door.ledger.chain)
    body = door.ask(phone, commands.Set(Settings(snoozed_until_utc=until_utc)))
    if taken:
        assert body == replies.Noted()
        return
    assert isinstance(body, replies.Refused)
    assert body.code == "bad_settings"
    assert f"snoozed_until_utc is {until_utc:%Y-%m-%d}" in body.sentence
    assert "31 days" in body.sentence
    assert len(door.ledger.chain) == lines


def test_a_hush_ends_within_a_month_as_a_snooze_does(door: Door, phone: TestReader) -> None:
    until_utc = door.household.clock.utc() + timedelta(days=32)
    body = door.ask(phone, commands.Set(Settings(hush=Hush(until_utc=until_utc))))
    assert isinstance(body, replies.Refused)
    assert f"hush.until_utc is {until_utc:%Y-%m-%d}" in body.sentence
    hushed = Settings(hush=Hush(until_utc=door.household.clock.utc() + timedelta(days=31)))
    assert door.ask(phone, commands.Set(hushed)) == replies.Noted()
    door.household.clock.now_utc -= timedelta(days=300)
    assert door.ask(phone, commands.Set(msgspec.structs.replace(hushed, masks=(ROOF,)))) == replies.Noted()


def test_a_snooze_that_a_clock_set_back_made_long_does_not_stand_in_a_masks_way(
    door: Door, phone: TestReader
) -> None:
    snoozed = Settings(snoozed_until_utc=door.household.clock.utc() + timedelta(days=20))
    assert door.ask(phone, commands.Set(snoozed)) == replies.Noted()
    door.household.clock.now_utc -= timedelta(days=300)
    assert door.ask(phone, commands.Set(msgspec.structs.replace(snoozed, masks=(ROOF,)))) == replies.Noted()


@pytest.mark.parametrize(
    "text",
    [
        '{"snoozed_until_utc":"2026-11-24T00:00:00"}',
        '{"quiet":[{"days":[0,1,2,3,4,5,6],"from":"0\u0663:00","to":"04:00"}]}',
    ],
)
def test_a_time_that_no_clock_shows_is_no_command_and_the_door_starts_as_before(
    door: Door, phone: TestReader, text: str
) -> None:
    def said(text: str) -> messages.Down:
        command = phone.command(door.ledger.chain, door.nonce(), commands.Set(Settings()))
        payload = msgspec.json.decode(command[64:])
        payload["body"]["settings"] |= msgspec.json.decode(text)
        data = msgspec.json.encode(payload)
        return door.send(phone.sign.sign(Context.COMMAND.value + data) + data)

    assert isinstance(said("{}"), messages.Reply)
    assert isinstance(said(text), messages.Error)
    door.restart()
    assert in_force(door, phone) == Settings()


def test_the_longest_settings_fit_into_both_messages(door: Door, phone: TestReader) -> None:
    """However long the numbers around them are."""
    corners = [(0.1 + number / 1_000, 0.123456789) for number in range(60)]
    count = next(
        count
        for count in range(1, 99_999)
        if len(msgspec.json.encode(Settings(zones=(Zone("x" * count, tuple(corners)),))))
        == MAX_SETTINGS_BYTES
    )
    longest = Settings(zones=(Zone("x" * count, tuple(corners)),))
    head = messages.Head(2**53, bytes(32))
    payload = messages.CommandPayload(bytes(32), bytes(32), head, bytes(32), commands.Set(longest))
    up = messages.encode(messages.Command(2**53, sign(phone.sign, Context.COMMAND, payload)))
    assert len(up) <= MAX_UP_BYTES - 256, "with room for how another language writes a number"
    answer = messages.ReplyPayload(
        bytes(32), bytes(32), bytes(32), head, datetime.now(UTC), replies.SettingsBody(longest)
    )
    down = messages.encode(messages.Reply(2**53, sign(phone.sign, Context.REPLY, answer)))
    assert len(down) <= MAX_DOWN_BYTES


# What passes the check, nothing chokes on.

shares = st.floats(0, 1)
boxes = st.tuples(shares, shares, shares, shares).map(
    lambda b: ((b[0], b[1]), (b[2], b[1]), (b[2], b[3]), (b[0], b[3]))
)
polygons = boxes | st.lists(st.tuples(shares, shares), max_size=5).map(tuple)
zones = st.builds(
    Zone,
    st.sampled_from(["path", "gate", ""]) | st.text(max_size=5),
    polygons,
    st.floats(0.2, 5),
    st.booleans(),
)
quiets = st.builds(
    Quiet, st.lists(form(Weekday), min_size=1, max_size=7).map(tuple), form(Clock), form(Clock)
)
moments = st.datetimes(timezones=st.timezones())
whatever = st.builds(
    Settings,
    zones=st.lists(zones, max_size=3).map(tuple),
    masks=st.lists(polygons, max_size=2).map(tuple),
    quiet=st.lists(quiets, max_size=3).map(tuple),
    snoozed_until_utc=st.none() | moments,
    privacy=st.booleans(),
)
NOWS = [
    datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(1970, 1, 2, tzinfo=UTC),
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC).astimezone(),
]  # fmt: skip  # an ordinary one, a change of summer time, a Pi without a clock, and after


@settings(max_examples=cases(120, 5_000), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(whatever | form(Settings))
def test_settings_that_are_read_and_checked_harm_nothing_that_acts_on_them(
    tmp_path_factory: pytest.TempPathFactory, drawn: Settings
) -> None:
    wanted = msgspec.json.decode(msgspec.json.encode(drawn), type=Settings)
    state = tmp_path_factory.mktemp("state")
    watch = Watch(state, Settings(), VIDEO)
    try:
        watch.set(wanted)
    except SettingsRefused as refused:
        assert refused.hint
        return
    assert Watch(state, Settings(), VIDEO).current == wanted, "it starts again as it was"
    for now in NOWS:
        assert attends(wanted, now) in (True, False)
    canonical(wanted.masks)
    Masks(wanted.masks, VIDEO.height_px, VIDEO.width_px)
    zones_of(wanted)
    _see(state, wanted)


def _see(state: Path, wanted: Settings) -> None:
    """Play some pictures through painter and recorder, as they run."""
    household = Household(state / "door")
    ledger = Ledger(household.state, household.device, household.clock)
    recorder = Recorder(
        parse("retention: {free_bytes: 8000000}", "test"),
        VIDEO,
        Spool(household.state),
        ledger,
        household.clock,
    )
    recorder.take(Turned(wanted, 0))
    painter = Painter(VIDEO, wanted)
    for item in _some():
        recorder.take(item)
    painter.paint(np.full((VIDEO.height_px * 3 // 2, VIDEO.width_px), 99, np.uint8), 0)
    recorder.stop()
    ledger.close()


def _some() -> Iterator[Captured]:
    """Yield a second of an unquiet picture."""
    dice = np.random.default_rng(1)
    units = [item for item in scene(1) if isinstance(item, AccessUnit)]
    for unit in units:
        yield Luma(dice.integers(0, 256, (270, 320), np.uint8), unit.at_us)
        yield unit

"""The largest answer of each kind: every browser can check its signature, and nothing is lost by the limit.

WebKitGTK refuses Ed25519 over nearly 64 KiB; what is signed stays below 45,056 bytes.
"""

import os
from typing import Any, get_args

import msgspec
import pytest

from device.contract import commands, messages, replies
from device.contract.pages import LINES_BYTES, MAX_SIGNED_BYTES, PAGE_BYTES, Page
from device.contract.settings import MAX_SETTINGS_BYTES, Settings, Zone, excess
from device.desk.desk import Desk
from device.desk.tickets import Channel
from device.recording.masking import MOST_CORNERS
from device.recording.running_clip import MOST_RINGS
from device.recording.thumbnail import MAX_BYTES as MAX_THUMBNAIL_BYTES
from device.sealing.age import AgeWriter
from device.sealing.recipients import parse_recipient
from device.sight.zones import MOST_LETTERS, MOST_ZONES
from device.trust.changes import MAX_READERS
from device.trust.lines import MAX_LINE_BYTES
from device.trust.signed import Context, sign
from device.trust.statement import MAX_EVENT_BYTES, MAX_STATEMENT_BYTES, Statement, Trigger
from tests.support.door import Door
from tests.support.household import Household, TestReader

DAY = "2026-11-23"
CLIPS = 9


class Full:
    """A door with as much of everything as may be."""

    def __init__(self, household: Household) -> None:
        self.door = Door(household)
        # Of the kind whose stanzas are the longer ones.
        self.readers = [
            self.door.join(f"Reader {number}" + "x" * 30, tagged=True) for number in range(MAX_READERS)
        ]
        self.state = household.state
        for number in range(CLIPS):
            self._clip(number)
        for number in range(3_700):  # ten years of days
            day = f"{2000 + number // 336}-{number // 28 % 12 + 1:02d}-{number % 28 + 1:02d}"
            (self.state / "spool" / day / f"{number + 101:06d}").mkdir(parents=True)
        for number in range(70):
            self.door.ask(
                self.readers[0], commands.Grant(self.readers[1].public.sign, 1, bytes([number]) * 8_192)
            )
        (self.state / "authority.pem").write_bytes(b"x" * 16_384)
        self.door.restart()
        self.said: list[tuple[str, int]] = []

    def _clip(self, number: int) -> None:
        clip, descriptor = self.door.spool.begin()
        recipients = [parse_recipient(text) for text in self.door.ledger.roster.recipients]
        with os.fdopen(descriptor, "wb", buffering=0) as sink:
            AgeWriter(sink, recipients).close()
        self.door.spool.write_event(clip, bytes([number]) * MAX_EVENT_BYTES)
        self.door.spool.write_begun(clip, bytes([number]) * MAX_EVENT_BYTES)
        self.door.spool.publish(clip, self.door.household.clock.utc().date(), keep_begun=True)

    def ask(self, body: commands.CommandBody, reader: TestReader | None = None, channel: int = 1) -> Any:
        """Return the answer's body, its signed length noted."""
        door, reader = self.door, reader or self.readers[1]
        reply = door.send(reader.command(door.ledger.chain, door.nonce(), body), Channel(1, channel))
        assert isinstance(reply, messages.Reply)
        answer = door.household.reply(reply.signed).body
        self.said.append((type(body).__name__, len(reply.signed)))
        assert not isinstance(answer, replies.Refused), answer
        return answer


@pytest.fixture
def full(household: Household) -> Full:
    return Full(household)


def test_every_answer_is_short_enough_for_every_browser_and_all_of_it_comes(full: Full) -> None:
    days: list[replies.DayCount] = []
    more = True
    while more:
        answer = full.ask(commands.AskDays(days[-1].day if days else None))
        days += answer.days
        more = answer.more
    assert len({day.day for day in days}) == len(days) == 3_701
    assert days == sorted(days, key=lambda day: day.day, reverse=True)

    lines, epochs, events, grants = [], [], [], []
    more = True
    while more:
        answer = full.ask(commands.AskLedger(len(lines)))
        lines += answer.lines
        more = answer.more
    assert len(lines) == len(full.door.ledger.chain)
    more = True
    while more:
        answer = full.ask(commands.AskEpochs(epochs[-1].epoch + 1 if epochs else 1))
        epochs += answer.epochs
        more = answer.more
    assert [epoch.epoch for epoch in epochs] == list(range(1, full.door.ledger.chain.epoch + 1))
    assert max(len(epoch.file) for epoch in epochs) > 26_000, "a full household"
    more = True
    while more:
        answer = full.ask(commands.AskDay(DAY, events[-1].clip if events else 0))
        events += answer.events
        more = answer.more
    assert [len(event.event) for event in events] == [MAX_EVENT_BYTES] * CLIPS
    more = True
    while more:
        answer = full.ask(commands.AskGrants(grants[-1].number + 1 if grants else 0))
        grants += answer.grants
        more = answer.more
    assert [grant.number for grant in grants] == list(range(7, 71))
    headers = [
        header for clip in range(1, CLIPS + 1) for header in full.ask(commands.AskHeaders([clip])).headers
    ]
    assert [header.clip for header in headers] == list(range(1, CLIPS + 1))
    assert len(full.ask(commands.AskHeaders(list(range(1, CLIPS + 1)))).headers) == 1

    settings = Settings(zones=tuple(Zone("Ω" * 20, ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))) for _ in range(1)))
    corners = tuple((round(0.1 + number / 1e4, 8), 0.2) for number in range(40))
    while not excess(longer := msgspec.structs.replace(settings, masks=(*settings.masks, corners))):
        settings = longer
    assert len(msgspec.json.encode(settings)) > MAX_SETTINGS_BYTES - 1_024
    full.door.desk._setting._watch._current = settings  # that polygons make sense is not what is measured
    full.ask(commands.AskSettings())
    full.ask(commands.AskAuthority())
    full.ask(commands.AskHealth(None))
    full.ask(commands.AskSelfTest(0))
    full.ask(commands.TellTime(full.door.household.clock.utc()))
    for body in (
        commands.AskHead(), commands.Watch(), commands.AskClip(1), commands.Export(1), commands.LiveEnd(), commands.Drilled(),
        commands.Answer(1), commands.Talk(recorded=False), commands.TalkEnd(1),
        commands.Set(Settings(privacy=True)), commands.Grant(full.readers[2].public.sign, 1, bytes(8_192)),
    ):  # fmt: skip  # the rest of what can be asked
        full.ask(body)
    for number, reader in enumerate(full.readers):
        full.ask(commands.Live(), reader, number + 1)
    keys = [messages.decode_down(data) for _, data in full.door.desk.notices()]
    live = [len(key.signed) for key in keys if isinstance(key, messages.LiveKey)]
    assert max(live) > 30_000, "everybody watches"
    full.said += [("live key", size_bytes) for size_bytes in live]

    asked = {name for name, _ in full.said} | {"ChangeHousehold"}  # it answers with a number
    assert {kind.__name__ for kind in get_args(commands.CommandBody)} <= asked
    assert max(size_bytes for _, size_bytes in full.said) <= MAX_SIGNED_BYTES
    assert max(size_bytes for _, size_bytes in full.said) > 40_000, "pages are used"


def test_a_page_of_the_longest_and_of_the_shortest_items_fits() -> None:
    for count in (1, 10, 30, 300):
        lines = [b"x" * (LINES_BYTES // max(count, 68) if count > 1 else MAX_LINE_BYTES)] * min(count, 68)
        assert len(msgspec.json.encode(replies.Lines(from_=2**53, lines=lines, more=True))) <= PAGE_BYTES
    for size_bytes in (0, 1, 2, 3, 500, MAX_EVENT_BYTES):
        page, events = Page(), []
        while page.takes(b"x" * size_bytes):
            events.append(replies.SealedEvent(999_999_999_999, b"x" * size_bytes, None))
        assert events
        body = replies.DayEvents(DAY, events, more=True)
        assert len(msgspec.json.encode(body)) <= PAGE_BYTES + 128


def test_an_answer_that_would_be_too_long_is_a_refusal_that_counts(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = Door(household)
    phone = door.join()
    monkeypatch.setattr(Desk, "_serve", lambda *_: replies.Authority(b"x" * 200_000))
    answer = door.ask(phone, commands.AskDays())
    assert isinstance(answer, replies.Refused)
    assert "too long to sign" in answer.sentence


def _statement(household: Household, **changed: Any) -> Statement:
    zone = "Ω" * MOST_LETTERS
    said = Statement(
        door=bytes(32), clip=2**40, state="sealed", begun_utc=household.clock.utc(), duration_ms=10**6, pre_roll_ms=10**6,
        triggers=(*[Trigger("ring", 10**6)] * MOST_RINGS, *[Trigger("motion", 10**6, zone, 1000)] * (MOST_ZONES + 1)),
        width_px=9_999, height_px=9_999, fps=30, codec="avc1.42c01f", masks_sha256=bytes(32), roster_seq=10**9,
        header_sha256=bytes(32), ciphertext_sha256=bytes(32), ciphertext_bytes=10**12, plaintext_sha256=bytes(32),
        plaintext_bytes=10**12, thumbnail=bytes(MAX_THUMBNAIL_BYTES), heat=bytes(576),
        masks=(tuple((0.12345, 0.12345) for _ in range(12)),) * (MOST_CORNERS // 12), more_rings=10**9,
    )  # fmt: skip  # as much of everything as may be
    return msgspec.structs.replace(said, **changed)


def test_the_largest_statement_loses_nothing_and_one_beyond_it_loses_its_list_of_masks_first(
    household: Household,
) -> None:
    whole = _statement(household)
    assert len(sign(household.device, Context.STATEMENT, whole)) <= MAX_STATEMENT_BYTES
    ledger = Door(household).ledger
    for said in (
        whole,
        _statement(household, thumbnail=bytes(20_000)),
        _statement(household, thumbnail=bytes(60_000)),
    ):
        assert len(ledger.seal_statement(said)) <= MAX_EVENT_BYTES

"""The desk: what a reader gets, what nobody else gets, and that the line always comes first."""

import os

import pytest

from device.contract import commands, messages, replies
from device.desk.tickets import Channel
from device.trust.commands import asking
from device.trust.household import ReaderAdded
from device.trust.lines import ClipDeleted
from tests.support.door import HERE, Door
from tests.support.household import Household, TestReader


@pytest.fixture
def door(household: Household) -> Door:
    return Door(household)


@pytest.fixture
def phone(door: Door) -> TestReader:
    reader = TestReader()
    assert door.ask(reader, asking(door.household.adds(reader))) == replies.Changed(2)
    return reader


def refused(down: messages.Down) -> str:
    assert isinstance(down, messages.Error)
    return down.code


def test_hello_tells_which_door_this_is_and_nothing_more(door: Door) -> None:
    hello = messages.decode_down(door.desk.answer(HERE, messages.encode(messages.Hello(5))))
    assert isinstance(hello, messages.HelloReply)
    assert (hello.id, hello.born) == (5, door.household.born_line)


def test_a_reader_is_added_by_the_card_and_the_next_epoch_is_theirs(door: Door, phone: TestReader) -> None:
    assert [reader.label for reader in door.ledger.roster.readers] == ["Hallway phone"]
    assert door.ledger.chain.epoch == 2


@pytest.mark.parametrize(
    "body",
    [
        commands.AskHead(),
        commands.Watch(),
        commands.AskLedger(from_=0),
        commands.AskEpochs(from_=0),
        commands.AskDays(),
        commands.AskDay("2026-11-23", 0),
        commands.AskClip(1),
    ],
)
def test_a_stranger_gets_nothing_and_leaves_no_line(door: Door, body: commands.CommandBody) -> None:
    door.clip()
    head = door.ledger.chain.head
    down = door.send(TestReader().command(door.ledger.chain, door.nonce(), body))
    assert refused(down) == "unknown_reader"
    assert door.ledger.chain.head == head
    assert not door.desk.notices()


def test_a_recipient_that_would_break_every_later_clip_is_not_added(door: Door) -> None:
    reader = TestReader()
    unfit = door.household.card.admission(
        door.household.door, type(reader.public)("Phone", reader.public.sign, "age1pq1nonsense")
    )
    assert door.change(reader, ReaderAdded(unfit)) == "bad_admission"
    assert not door.ledger.roster.readers


def test_a_clip_is_on_the_ledger_before_its_ticket_exists(door: Door, phone: TestReader) -> None:
    clip = door.clip()
    before = len(door.ledger.chain)
    ticket = door.ask(phone, commands.AskClip(clip))
    assert isinstance(ticket, replies.Ticket)
    assert (ticket.bytes, len(door.ledger.chain)) == (10, before + 1)
    opened = door.desk.redeem(ticket.ticket, HERE.connection)
    assert opened is not None
    assert os.pread(opened[0], 100, 0) == b"ciphertext"
    os.close(opened[0])


def test_no_line_no_clip(door: Door, phone: TestReader, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = door.clip()

    def fail(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", fail)
    for body in (commands.AskClip(clip), commands.AskDay("2026-11-23", 0)):
        answer = door.ask(phone, body)
        assert isinstance(answer, replies.Refused)
        assert answer.code == "storage"


def test_a_ticket_dies_with_its_channel_its_time_and_is_no_other_servers(
    door: Door, phone: TestReader
) -> None:
    clip = door.clip()
    first = door.ask(phone, commands.AskClip(clip))
    second = door.ask(phone, commands.AskClip(clip), Channel(1, 2))
    assert isinstance(first, replies.Ticket)
    assert isinstance(second, replies.Ticket)
    assert door.desk.redeem(first.ticket, 2) is None
    door.desk.closed(HERE)
    assert door.desk.redeem(first.ticket, 1) is None
    opened = door.desk.redeem(second.ticket, 1)
    assert opened is not None
    os.close(opened[0])
    door.household.clock.pass_s(601)
    assert door.desk.redeem(second.ticket, 1) is None
    assert door.desk.redeem("../../etc/passwd", 1) is None


def test_one_command_gives_one_clip(door: Door, phone: TestReader) -> None:
    """There is no bulk export: each ticket costs a command and a line of its own."""
    clips = [door.clip() for _ in range(3)]
    before = len(door.ledger.chain)
    for clip in clips:
        door.ask(phone, commands.AskClip(clip))
    assert len(door.ledger.chain) == before + 3


def test_a_missing_and_a_running_clip_are_told_apart(door: Door, phone: TestReader) -> None:
    running, descriptor = door.spool.begin()
    os.close(descriptor)
    codes = [door.ask(phone, commands.AskClip(clip)) for clip in (running, 99)]
    assert [body.code for body in codes if isinstance(body, replies.Refused)] == [
        "not_ready",
        "no_such_clip",
    ]


def test_a_running_clip_is_handed_out_as_it_grows_with_a_line_and_goes_on_when_it_is_finished(
    door: Door, phone: TestReader
) -> None:
    clip, descriptor = door.spool.begin()
    os.write(descriptor, b"header")
    door.spool.write_begun(clip, b"begun")
    before = len(door.ledger.chain)
    answer = door.ask(phone, commands.AskClip(clip))
    assert isinstance(answer, replies.Ticket)
    assert answer.bytes == len(b"header")
    assert len(door.ledger.chain) == before + 1

    def there() -> bytes:
        opened = door.desk.redeem(answer.ticket, HERE.connection)
        assert opened is not None
        with os.fdopen(opened[0], "rb") as file:
            return file.read(opened[1])

    assert there() == b"header"
    os.write(descriptor, b" and chunks")
    assert there() == b"header and chunks"
    door.spool.write_event(clip, b"event")
    door.spool.publish(clip, door.household.clock.utc().date())
    os.close(descriptor)
    assert there() == b"header and chunks"


def test_a_running_clip_is_not_exported_and_nobody_is_handed_one_that_nothing_is_said_of(
    door: Door, phone: TestReader
) -> None:
    clip, descriptor = door.spool.begin()
    os.close(descriptor)
    for ask in (commands.AskClip, commands.Export):
        answer = door.ask(phone, ask(clip))
        assert isinstance(answer, replies.Refused)
        assert answer.code == "not_ready"
    door.spool.write_begun(clip, b"begun")
    assert isinstance(door.ask(phone, commands.AskClip(clip)), replies.Ticket)
    answer = door.ask(phone, commands.Export(clip))
    assert isinstance(answer, replies.Refused)
    assert answer.code == "not_ready"


def test_a_day_comes_in_pages_that_fit_and_each_page_is_on_record(door: Door, phone: TestReader) -> None:
    clips = [door.clip() for _ in range(25)]
    before = len(door.ledger.chain)
    got: list[int] = []
    pages = 0
    more = True
    while more:
        body = door.ask(phone, commands.AskDay("2026-11-23", got[-1] if got else 0))
        assert isinstance(body, replies.DayEvents)
        got += [event.clip for event in body.events]
        more = body.more
        pages += 1
    assert got == clips
    assert pages > 1
    assert len(door.ledger.chain) == before + pages


def test_a_running_clip_is_listed_today_with_what_is_known(door: Door, phone: TestReader) -> None:
    clip, descriptor = door.spool.begin()
    os.close(descriptor)
    door.spool.write_begun(clip, b"begun")
    body = door.ask(phone, commands.AskDay("2026-11-23", 0))
    assert isinstance(body, replies.DayEvents)
    assert body.events == [replies.SealedEvent(clip, None, b"begun")]
    other = door.ask(phone, commands.AskDay("2026-11-22", 0))
    assert isinstance(other, replies.DayEvents)
    assert other.events == []


def test_the_whole_ledger_and_every_epoch_can_be_had_in_pages(door: Door, phone: TestReader) -> None:
    for clip in range(300):
        door.ledger.note(ClipDeleted(at_utc=door.household.clock.utc(), clip=clip, reason="age"))
    lines: list[bytes] = []
    more = True
    while more:
        body = door.ask(phone, commands.AskLedger(from_=len(lines)))
        assert isinstance(body, replies.Lines)
        lines += body.lines
        more = body.more
    assert len(lines) == len(door.ledger.chain)
    epochs = door.ask(phone, commands.AskEpochs(from_=0))
    assert isinstance(epochs, replies.Epochs)
    assert [file.epoch for file in epochs.epochs] == [1, 2]


def test_notices_go_to_those_who_watch_until_they_leave(door: Door, phone: TestReader) -> None:
    assert door.desk.notices() == []
    door.ask(phone, commands.Watch())
    assert [channel for channel, _ in door.desk.notices()] == [HERE]
    door.desk.closed(HERE)
    assert door.desk.notices() == []


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"type":"hello"}', b'{"type":"delete","id":1}', b"\xff\xfe", b"[" * 100_000]
)
def test_what_is_no_door_message_gets_an_error_that_tells_nothing(door: Door, data: bytes) -> None:
    assert refused(messages.decode_down(door.desk.answer(HERE, data))) == "bad_message"


def test_a_command_may_not_carry_unknown_keys(door: Door) -> None:
    assert refused(door.send(b"x" * 64 + b'{"door":""}')) == "bad_message"

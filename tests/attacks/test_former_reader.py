"""Somebody who was removed wants to go on looking: while the disk fails, with what was handed out, with what was overheard."""

import errno
from collections.abc import Sequence
from typing import BinaryIO, NoReturn

import pytest

from device.config import parse
from device.contract import commands, messages, replies
from device.desk.tickets import Channel
from device.recording import sealed_clip
from device.recording.recorder import Recorder
from device.sealing.age import AgeWriter
from device.sealing.age_reader import open_bytes
from device.sealing.errors import NotARecipientError
from device.trust.commands import asking
from device.trust.statement import Statement
from tests.support.door import Door, Says
from tests.support.film import VIDEO, scene
from tests.support.household import Household, TestReader

THERE = Channel(1, 2)


@pytest.fixture
def door(household: Household) -> Door:
    return Door(household)


def full(*_: object) -> NoReturn:
    raise OSError(errno.ENOSPC, "No space left on device")


def key_in_force_opens_for(door: Door, reader: TestReader) -> bool:
    data = door.ledger.epoch_file(door.ledger.chain.epoch)
    assert data is not None
    try:
        open_bytes(data, [reader.open])
    except NotARecipientError:
        return False
    return True


def test_a_removal_takes_everything_although_the_disk_refuses_the_new_epoch(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line fits, the epoch's file does not: whoever left must not stay because of that."""
    phone, guest = door.join("Phone"), door.join("Guest")
    ticket = door.ask(guest, commands.AskClip(door.clip()), THERE)
    assert isinstance(ticket, replies.Ticket)
    door.ask(guest, commands.Watch(), THERE)
    door.ask(guest, commands.Live(), THERE)
    with monkeypatch.context() as refusing:
        refusing.setattr(door.ledger._epochs, "begin", full)
        door.change(phone, Says(door.household.door).removed(phone, guest))
    assert [reader.label for reader in door.ledger.roster.readers] == ["Phone"]
    assert door.desk.redeem(ticket.ticket, THERE.connection) is None
    assert not door.desk.live.is_on
    assert [type(messages.decode_down(told)) for _, told in door.desk.notices()] == [messages.Farewell]


def test_nothing_is_sealed_under_a_key_that_a_removed_reader_has(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a line nor an event with its picture; while no new key can be handed out, nothing is sealed at all."""
    phone, guest = door.join("Phone"), door.join("Guest")
    assert key_in_force_opens_for(door, guest)
    with monkeypatch.context() as refusing:
        refusing.setattr(door.ledger._epochs, "begin", full)
        door.change(phone, Says(door.household.door).removed(phone, guest))
        lines = len(door.ledger.chain)
        with pytest.raises(OSError, match="No space"):
            door.ledger.seal_statement(statement(door))
        assert isinstance(door.ask(phone, commands.AskDay("2026-11-23", 0)), replies.Refused)
        assert len(door.ledger.chain) == lines
    door.ledger.seal_statement(statement(door))
    assert not key_in_force_opens_for(door, guest)
    assert key_in_force_opens_for(door, phone)


def statement(door: Door) -> Statement:
    return Statement(
        door=door.household.door, clip=1, state="unrecorded", begun_utc=door.household.clock.utc(), duration_ms=0,
        pre_roll_ms=0, triggers=(), width_px=0, height_px=0, fps=0, codec="", masks_sha256=None, roster_seq=0,
        header_sha256=None, ciphertext_sha256=None, ciphertext_bytes=0, plaintext_sha256=None, plaintext_bytes=0,
        thumbnail=b"a picture of somebody",
    )  # fmt: skip  # a statement of nothing


def test_a_removed_reader_gets_nothing_by_anything_that_it_may_still_say(door: Door) -> None:
    """Every command of the contract, and every statement that it signed while it belonged."""
    phone, guest, tablet = door.join("Phone"), door.join("Guest"), door.join("Tablet")
    says = Says(door.household.door)
    kept = [says.removed(guest, phone), says.renamed(guest, phone, "Mine"), says.removed(guest, tablet)]
    door.change(phone, says.removed(phone, guest))
    before = len(door.ledger.chain)
    for change in (*kept, door.household.adds(guest)):
        down = door.send(guest.command(door.ledger.chain, door.nonce(), asking(change)))
        assert isinstance(down, messages.Farewell | messages.Error), change
    for change in kept:
        assert door.change(tablet, change) == "unknown_reader", "nobody else can say it for them"
    assert len(door.ledger.chain) == before


def test_a_former_reader_cannot_ask_who_still_belongs(door: Door) -> None:
    """It knows everybody's public keys: a command under another's name is answered alike, whoever is still there."""
    phone, guest, tablet = door.join("Phone"), door.join("Guest"), door.join("Tablet")
    says = Says(door.household.door)
    for gone in (guest, tablet):
        door.change(phone, says.removed(phone, gone))
    answers = set()
    for key in (phone.public.sign, tablet.public.sign, TestReader().public.sign):
        for body in (
            commands.AskHead(),
            asking(says.removed(guest, tablet)),
            asking(says.removed(guest, phone)),
        ):
            answers.add(door.send(guest.command(door.ledger.chain, door.nonce(), body, reader=key)))
    assert len(answers) == 1, answers


def test_a_clip_that_begins_while_somebody_is_removed_is_not_sealed_to_them(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sealing a header takes a while, and the desk has a thread of its own: the line of the clip is what counts."""
    phone, guest = door.join("Phone"), door.join("Guest")
    made = []

    def slowly(sink: BinaryIO, recipients: Sequence[object]) -> AgeWriter:
        if not made:
            assert door.change(phone, Says(door.household.door).removed(phone, guest)) == "changed"
        made.append(len(recipients))
        return AgeWriter(sink, recipients)  # type: ignore[arg-type]

    monkeypatch.setattr(sealed_clip, "AgeWriter", slowly)
    config = parse("retention: {free_bytes: 8000000}", "test")
    recorder = Recorder(config, VIDEO, door.spool, door.ledger, door.household.clock)
    for item in scene(5):
        recorder.take(item)
    recorder.stop()
    assert made == [3, 2]
    (film,) = door.household.state.glob("spool/*/*/clip.mp4.age")
    assert list(door.spool.unfinished()) == []
    assert open_bytes(film.read_bytes(), [phone.open])
    with pytest.raises(NotARecipientError):
        open_bytes(film.read_bytes(), [guest.open])

"""A hijacked server holds back what passed, delivers it later, or hands out other bytes: what it gains, and how it is seen."""

import asyncio
import base64
import os
from pathlib import Path

import msgspec
import pytest

from device.config import parse
from device.contract import commands, messages, replies
from device.contract.settings import Settings
from device.disk.reset import reset
from device.recording.recorder import Recorder
from device.sealing.age import seal
from device.sealing.age_reader import open_bytes
from device.sealing.errors import SealError
from device.sealing.identities import HybridIdentity
from device.sealing.recipients import parse_recipient
from device.trust.errors import LedgerBroken
from device.trust.ledger import Chain
from device.trust.lines import ClipSealed, DrillPassed, utc
from device.trust.signed import payload_of
from provisioning.demo.check import CheckFailed, _check, _Known, _learn
from provisioning.house.history import History
from provisioning.reader.reader import DoorClient, ReaderKeys
from tests.support.film import VIDEO, scene
from tests.support.hijacked import NOTICED, Attack, is_refused, joined
from tests.support.household import TestReader
from tests.support.waiting import eventually


async def held(attack: Attack, keys: ReaderKeys, body: commands.CommandBody) -> messages.Command:
    """Return a command that a reader sent, and that the attacker kept; the reader has given up and gone."""
    kept: list[bytes] = []

    def keep(data: bytes) -> bytes | None:
        if b'"command"' not in data:
            return data
        kept.append(data)
        return None

    async with attack.reader(keys) as door:
        await door.follow_ledger()
        attack.link.up = keep
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(door.ask(body, replies.Ticket), 0.2)
    attack.link.up = lambda data: data
    command = messages.decode_up(kept[0])
    assert isinstance(command, messages.Command)
    return command


async def test_a_command_that_it_delivers_late_leaves_its_line_and_is_good_once(attack: Attack) -> None:
    """Within 60 s it can: it gets ciphertext that the reader asked for, and the reader sees that it was handed out."""
    keys = await joined(attack)
    attack.door.clip(b"sealed film")
    command = await held(attack, keys, commands.AskClip(1))
    lines, channel = len(attack.door.ledger.chain), attack.channel()
    reply = await attack.say(channel, command)
    assert isinstance(reply, messages.Reply)
    ticket = attack.household.reply(reply.signed).body
    assert isinstance(ticket, replies.Ticket)
    assert len(attack.door.ledger.chain) == lines + 1
    assert is_refused(await attack.say(channel, command))
    assert len(attack.door.ledger.chain) == lines + 1
    async with attack.reader(keys) as door:
        known = _Known(History(keys.open))
        await _learn(door, known)
        handed = [body for body in known.bodies if type(body).__name__ == "ClipHandedOut"]
        assert [(body.clip, body.reader) for body in handed] == [(1, keys.public.sign)]  # type: ignore[union-attr]


async def test_settings_that_it_delivers_late_undo_no_newer_ones(attack: Attack) -> None:
    """The nonce is good for 60 s, but whoever signed had not seen what was set in between."""
    keys = await joined(attack)
    masked = Settings(masks=(((0.0, 0.0), (0.5, 0.0), (0.5, 1.0)),))
    command = await held(attack, keys, commands.Set(Settings()))
    async with attack.reader(keys) as door:
        await door.follow_ledger()
        await door.ask(commands.Set(masked), replies.Noted)
    before = attack.record()
    reply = await attack.say(attack.channel(), command)
    assert isinstance(reply, messages.Reply)
    refused = attack.household.reply(reply.signed).body
    assert isinstance(refused, replies.Refused)
    assert refused.code == "changed_meanwhile"
    assert attack.record() == before
    async with attack.reader(keys) as door:
        assert await door.ask(commands.AskSettings(), replies.SettingsBody) == replies.SettingsBody(masked)


async def test_live_that_it_keeps_going_after_the_page_closed_keeps_the_light_on(attack: Attack) -> None:
    """It can waste light; it has no key, and the end is on record when it lets go."""
    keys = await joined(attack)
    command = await held(attack, keys, commands.Live())
    channel = attack.channel()
    reply = await attack.say(channel, command)
    assert isinstance(reply, messages.Reply)
    began = attack.household.reply(reply.signed).body
    assert isinstance(began, replies.LiveBegan)
    assert attack.door.brightness.read_text() == "1\n"
    with pytest.raises(SealError):
        open_bytes(began.file, [HybridIdentity.generate()])
    lines = len(attack.door.ledger.chain)
    attack.link.real.close_channel(channel)
    await eventually(lambda: len(attack.door.ledger.chain) == lines + 1, "the end of live leaves a line")
    assert attack.door.brightness.read_text() == "0\n"


@pytest.mark.parametrize("stolen_key", [False, True])
@pytest.mark.parametrize("more", [-1, 0, 2])
async def test_it_cannot_show_a_fork(
    attack: Attack, more: int, stolen_key: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody put back an older card, and the door went on from there: shorter than what was seen, as long, or longer.

    With the device's stolen key there is a door that finds every head right: then the reader alone can tell.
    """
    keys = await joined(attack)
    seen = Chain()
    for raw in attack.record().splitlines():
        seen.add(raw)
    for number in range(2):
        seen.add(seen.next_line(attack.household.adds(TestReader(f"Seen {number}")), None))
    length = len(seen)
    while len(attack.door.ledger.chain) < length + more:
        attack.door.ledger.note(
            DrillPassed(at_utc=utc(attack.household.clock.utc()), reader=keys.public.sign)
        )
    if stolen_key:
        monkeypatch.setattr(Chain, "holds", lambda *_: True)
    for asks_anything in (
        [False] if stolen_key and more > 0 else [False, True]
    ):  # a newer head is followed first
        async with attack.reader(keys) as door:
            door.chain = seen
            with pytest.raises(LedgerBroken if stolen_key else NOTICED):
                await (door.ask(commands.AskDays(), replies.Days) if asks_anything else door.follow_ledger())
        assert len(seen) == length


@pytest.mark.parametrize("how", ["dropped", "swapped", "edited"])
async def test_it_cannot_show_another_list_of_a_day(attack: Attack, how: str) -> None:
    keys = await joined(attack)
    attack.door.clip()
    attack.door.clip()

    def lie(data: bytes) -> bytes:
        message = messages.decode_down(data)
        if not isinstance(message, messages.Reply):
            return data
        payload = msgspec.json.decode(message.signed[64:])
        if payload["body"]["type"] != "day":
            return data
        events = payload["body"]["events"]
        if how == "dropped":
            events.pop()
        elif how == "swapped":
            events[0]["clip"], events[1]["clip"] = 2, 1
        else:
            events[0]["event"] = base64.b64encode(b"another event").decode()
        return messages.encode(messages.Reply(message.id, message.signed[:64] + msgspec.json.encode(payload)))

    async with attack.reader(keys) as door:
        await door.follow_ledger()
        attack.link.down = lie
        with pytest.raises(NOTICED):
            await door.ask(commands.AskDay("2026-11-23", 0), replies.DayEvents)


@pytest.mark.parametrize("how", ["another clip", "forged", "with a ghost", "cut", "flipped"])
async def test_it_cannot_hand_out_other_bytes_than_the_clips(
    attack: Attack, tmp_path: Path, how: str
) -> None:
    """Another film of this door, one of its own for the right keys, the right one for a key more, a part of it."""
    keys = await joined(attack)
    _record(attack)
    _record(attack)
    clips = [path.read_bytes() for path in sorted(attack.household.state.glob("spool/*/*/clip.mp4.age"))]
    ghost = HybridIdentity.generate()
    fit = [parse_recipient(name) for name in attack.door.ledger.roster.recipients]
    plain = open_bytes(clips[0], [attack.household.card.open])
    other = {
        "another clip": clips[1],
        "forged": seal(os.urandom(50_000), fit),
        "with a ghost": seal(plain, [*fit, ghost.recipient()]),
        "cut": clips[0][:-70_000],
        "flipped": clips[0][:-9] + bytes([clips[0][-9] ^ 1]) + clips[0][-8:],
    }[how]
    (tmp_path / "other").write_bytes(other)

    async def redeem(_ticket: str) -> tuple[int, int]:
        return os.open(tmp_path / "other", os.O_RDONLY), len(other)

    async with attack.reader(keys) as door:
        known = _Known(History(keys.open))
        await _learn(door, known)
        assert await door.fetch(1) == clips[0]
        sealed = next(body for body in known.bodies if isinstance(body, ClipSealed) and body.clip == 1)
        honest = await _check(door, keys, attack.household.card.open, known, sealed, "scene", VIDEO, 9.0)
        assert honest.clip == 1
        attack.link.redeem = redeem  # type: ignore[attr-defined]
        with pytest.raises((CheckFailed, SealError), match=r"names? the (header|file)"):
            await _check(door, keys, attack.household.card.open, known, sealed, "scene", VIDEO, 9.0)


def _record(attack: Attack) -> None:
    config = parse("retention: {free_bytes: 8000000}", "test")
    recorder = Recorder(config, VIDEO, attack.door.spool, attack.door.ledger, attack.household.clock)
    for item in scene(5):
        recorder.take(item)
    recorder.stop()


async def test_it_cannot_ask_under_a_nonce_of_its_own(attack: Attack) -> None:
    """It gives every reader a nonce that it made, or one that it got for itself: neither serves it."""
    keys = await joined(attack)
    attack.door.clip()
    before = attack.record()

    def with_my_nonce(data: bytes) -> bytes:
        message = messages.decode_down(data)
        if isinstance(message, messages.HelloReply):
            return messages.encode(messages.HelloReply(message.id, message.born, bytes(32)))
        return data

    attack.link.down = with_my_nonce
    async with attack.reader(keys) as door:
        with pytest.raises(NOTICED):
            await door.follow_ledger()
    assert attack.record() == before
    said = payload_of(attack.overheard(), messages.CommandPayload)
    assert said.nonce == bytes(32), "it was tried"


async def test_old_answers_sent_again_and_again_count_for_nothing(attack: Attack) -> None:
    keys = await joined(attack)
    client: DoorClient = attack.reader(keys)
    async with client as door:
        await door.ask(commands.AskHead(), replies.HeadBody)
        old = attack.link.heard_down[-1]
        attack.link.down = lambda _: old
        with pytest.raises(NOTICED):
            await door.ask(commands.AskHead(), replies.HeadBody)


async def test_descriptors_that_it_keeps_hold_nothing_of_a_clip_that_gave_way(attack: Attack) -> None:
    """As many as it likes, for as long as it likes: the disk has its space back, and the clip is nowhere."""
    keys = await joined(attack)
    data = os.urandom(1_000_000)
    kept: list[int] = []
    async with attack.reader(keys) as door:
        await door.follow_ledger()
        for clip in (1, 2):
            assert attack.door.clip(data) == clip
            ticket = (await door.ask(commands.AskClip(clip), replies.Ticket)).ticket
            kept += [(await attack.link.real.redeem(ticket))[0] for _ in range(3)]
    assert all(os.pread(descriptor, 10, 0) == data[:10] for descriptor in kept)
    attack.door.spool.delete(1)
    assert [os.pread(descriptor, 10, 0) for descriptor in kept] == [b""] * 3 + [data[:10]] * 3
    assert [os.fstat(descriptor).st_blocks for descriptor in kept[:3]] == [0, 0, 0]
    reset(attack.door.household.state)
    assert [os.pread(descriptor, 10, 0) for descriptor in kept] == [b""] * 6, "nor after a reset"
    for descriptor in kept:
        os.close(descriptor)

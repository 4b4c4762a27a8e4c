"""A hijacked server wants to speak at the door, or have somebody's words said at another time."""

import asyncio
import os

import pytest

from device.contract import commands, messages, replies
from device.desk.talking import IDLE_US, LATE_US
from device.door.voice import FRAME_US, MAX_FRAMES
from device.sealing.errors import SealError
from device.trust.lines import TalkBegan, TalkEnded
from provisioning.reader.reader import DoorClient, ReaderKeys
from tests.support.hijacked import Attack, is_refused, joined
from tests.support.household import TestReader
from tests.support.talker import Talker, moment
from tests.support.waiting import eventually

TALK = commands.Talk(recorded=False)


def heard(attack: Attack) -> list[bytes]:
    """Return what waits for the loudspeaker, and take it."""
    voice, sounds = attack.household.voice, []
    assert voice is not None
    while (sound := voice.take()) is not None:
        sounds.append(sound)
    return sounds


def is_on(attack: Attack) -> bool:
    return attack.household.voice is not None and attack.household.voice.is_on


def talks(attack: Attack) -> list[type]:
    """Return the lines that tell of talks."""
    bodies = attack.door.bodies()
    return [type(body) for body in bodies if isinstance(body, TalkBegan | TalkEnded)]


async def arrives(attack: Attack, channel: int) -> None:
    """Wait until the device has read what was sent on a channel of the attacker's."""
    await attack.nonce(channel)


async def begun(attack: Attack, keys: ReaderKeys, door: DoorClient) -> tuple[Talker, int]:
    """Have an honest reader begin to talk; return the talker and the channel."""
    await door.follow_ledger()
    body = await door.ask(TALK, replies.TalkBegan)
    reader = TestReader(keys.public.label, keys.sign, keys.open)
    [channel] = next(iter(attack.door.link._peers.values())).channels
    return Talker(reader, body), channel


async def test_it_cannot_speak_at_the_door(attack: Attack) -> None:
    """Neither without a talk, nor beside one, nor with a key of its own."""
    keys = await joined(attack)
    mine, stranger = attack.channel(), TestReader("Stranger")
    for frame in (os.urandom(1_300), b"", b"\xff" * 2_048):
        attack.link.real.send_talk(mine, frame)
    assert is_refused(await attack.command(mine, stranger, TALK))
    attack.link.real.close_channel(mine)
    await eventually(lambda: not next(iter(attack.door.link._peers.values())).channels, "it is closed")
    async with attack.reader(keys) as door:
        talker, channel = await begun(attack, keys, door)
        mine = attack.channel()
        forged = talker.frame(0)[:-1] + b"!"
        for target in (mine, channel):
            for frame in (forged, os.urandom(len(forged))):
                attack.link.real.send_talk(target, frame)
        attack.link.real.send_talk(mine, talker.frame(0))
        await arrives(attack, mine)
        assert heard(attack) == []
        attack.link.real.send_talk(channel, talker.frame(0))
        await arrives(attack, mine)
        assert heard(attack) == [moment(0)], "and the reader goes on"


async def test_it_cannot_learn_what_is_said(attack: Attack) -> None:
    keys = await joined(attack)
    async with attack.reader(keys) as door:
        talker, channel = await begun(attack, keys, door)
        with pytest.raises(SealError):
            Talker(TestReader("Stranger"), replies.TalkBegan(1, _file(attack)))
        frames = [talker.frame(number, bytes([number]) * 1_280) for number in range(20)]
        assert len({len(frame) for frame in frames[8:]}) == 1, "words are no longer than silence"
        assert channel


def _file(attack: Attack) -> bytes:
    """Return the file of the talk key, as it passed."""
    for data in reversed(attack.link.heard_down):
        message = messages.decode_down(data)
        if isinstance(message, messages.Reply):
            body = attack.household.reply(message.signed).body
            if isinstance(body, replies.TalkBegan):
                return body.file
    raise AssertionError("no talk key passed")


async def test_it_cannot_have_words_said_again_or_in_another_order(attack: Attack) -> None:
    keys = await joined(attack)
    async with attack.reader(keys) as door:
        talker, channel = await begun(attack, keys, door)
        said = [talker.frame(number) for number in range(3)]
        for frame in (said[0], said[2], said[1], said[0], said[2]):
            attack.link.real.send_talk(channel, frame)
        mine = attack.channel()
        await arrives(attack, mine)
        assert heard(attack) == [moment(0), moment(2)]
        await door.ask(commands.TalkEnd(talker.key.kid), replies.Noted)
        again, _ = await _anew(door, keys)
        for frame in said:
            attack.link.real.send_talk(channel, frame)
        await arrives(attack, mine)
        assert heard(attack) == [], "not in the next talk either"
        attack.link.real.send_talk(channel, again.frame(0))
        await arrives(attack, mine)
        assert heard(attack) == [moment(0)]


async def _anew(door: DoorClient, keys: ReaderKeys) -> tuple[Talker, ReaderKeys]:
    body = await door.ask(TALK, replies.TalkBegan)
    return Talker(TestReader(keys.public.label, keys.sign, keys.open), body), keys


async def test_it_cannot_have_words_said_to_whoever_stands_there_later(attack: Attack) -> None:
    """Held back for longer than two seconds they are not heard; and a talk of which nothing is heard ends."""
    keys = await joined(attack)
    async with attack.reader(keys) as door:
        talker, channel = await begun(attack, keys, door)
        held = [talker.frame(number) for number in range(10)]
        attack.household.clock.pass_s((LATE_US + 10 * FRAME_US) / 1e6)
        for frame in held:
            attack.link.real.send_talk(channel, frame)
        mine = attack.channel()
        await arrives(attack, mine)
        assert heard(attack) == []
        attack.household.clock.pass_s(IDLE_US / 1e6)
        await arrives(attack, mine)
        await eventually(lambda: not is_on(attack), "it has ended")
        assert talks(attack) == [TalkBegan, TalkEnded]


async def test_a_flood_of_voices_is_no_lag_and_holds_up_nobody(attack: Attack) -> None:
    keys = await joined(attack)
    async with attack.reader(keys) as door:
        talker, channel = await begun(attack, keys, door)
        for _ in range(20):
            for _ in range(50):
                attack.link.real.send_talk(channel, os.urandom(1_300))
            await asyncio.sleep(0)
        for number in range(3 * MAX_FRAMES):
            attack.link.real.send_talk(channel, talker.frame(number))
        await door.follow_ledger()
        mine = attack.channel()
        await arrives(attack, mine)
        kept = heard(attack)
        assert len(kept) <= MAX_FRAMES
        assert set(kept) <= {moment(number) for number in range(3 * MAX_FRAMES)}
        attack.door.clip()

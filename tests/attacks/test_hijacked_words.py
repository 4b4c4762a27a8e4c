"""A hijacked server lies about what was asked and answered: replays, swallows, splices, reorders, and shows other pasts."""

import asyncio
import base64

import msgspec
import pytest

from device.contract import commands, messages, replies
from device.trust.commands import asking
from device.trust.ledger import Chain
from provisioning.reader.reader import DoorError
from tests.support.door import Says
from tests.support.hijacked import NOTICED, Attack, is_refused, joined, renumbered
from tests.support.household import TestReader


async def test_it_cannot_replay_a_command(attack: Attack) -> None:
    keys = await joined(attack)
    attack.door.clip()
    async with attack.reader(keys) as door:
        await door.follow_ledger()
        await door.ask(commands.AskClip(1), replies.Ticket)
    before, channel = attack.record(), attack.channel()
    for number in range(len([d for d in attack.link.heard_up if b'"command"' in d])):
        assert is_refused(await attack.say(channel, messages.Command(9, attack.overheard(number))))
    assert attack.record() == before


async def test_it_cannot_keep_a_command_for_later(attack: Attack) -> None:
    keys, kept = await joined(attack), []

    def keep(data: bytes) -> bytes | None:
        if b'"command"' in data:
            kept.append(data)
            return None
        return data

    attack.link.up = keep
    async with attack.reader(keys) as door:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(door.ask(commands.AskDays(), replies.Days), 0.2)
    before = attack.record()
    attack.household.clock.pass_s(61)
    late = messages.decode_up(kept[0])
    assert is_refused(await attack.say(attack.channel(), late))
    assert attack.record() == before


async def test_it_cannot_change_what_a_command_asks_for(attack: Attack) -> None:
    keys = await joined(attack)
    attack.door.clip()
    attack.door.clip()
    before = attack.record()

    def other_clip(data: bytes) -> bytes:
        message = messages.decode_up(data)
        if not isinstance(message, messages.Command):
            return data
        return messages.encode(messages.Command(message.id, message.signed.replace(b'"clip":1', b'"clip":2')))

    async with attack.reader(keys) as door:
        await door.follow_ledger()
        attack.link.up = other_clip
        with pytest.raises(NOTICED):
            await door.ask(commands.AskClip(1), replies.Ticket)
    assert attack.record() == before


async def test_it_cannot_swallow_a_command_and_claim_success(attack: Attack) -> None:
    phone, tablet = await joined(attack), await joined(attack, "Tablet")
    success = [data for data in attack.link.heard_down if b'"reply"' in data][-1]
    says = Says(attack.household.door)
    removal = says.removed(
        TestReader(phone.label, phone.sign, phone.open), TestReader("", tablet.sign, tablet.open)
    )
    async with attack.reader(phone) as door:
        attack.link.up = lambda data: (attack.link.on_frame(renumbered(success, data)), None)[1]
        with pytest.raises(NOTICED):
            await door.ask(asking(removal), replies.Changed)
    assert len(attack.door.ledger.roster.readers) == 2


async def test_it_cannot_splice_one_readers_answer_to_another(attack: Attack) -> None:
    phone, tablet = await joined(attack), await joined(attack, "Tablet")
    async with attack.reader(phone) as door:
        await door.ask(commands.AskHead(), replies.HeadBody)
    theirs = [data for data in attack.link.heard_down if b'"reply"' in data][-1]
    async with attack.reader(tablet) as door:
        attack.link.down = lambda data: (
            renumbered(theirs, attack.link.heard_up[-1]) if b'"reply"' in data else data
        )
        with pytest.raises(NOTICED):
            await door.ask(commands.AskHead(), replies.HeadBody)


async def test_it_cannot_reorder_answers(attack: Attack) -> None:
    keys, kept = await joined(attack), []
    async with attack.reader(keys) as door:
        attack.link.down = lambda data: (kept.append(data), data)[1] if b'"reply"' in data else data
        await door.ask(commands.AskDays(), replies.Days)
        attack.link.down = lambda data: (
            renumbered(kept[0], attack.link.heard_up[-1]) if b'"reply"' in data else data
        )
        with pytest.raises(NOTICED):
            await door.ask(commands.AskDays(), replies.Days)


async def test_a_refusal_of_its_own_gets_it_nothing(
    attack: Attack,
) -> None:
    keys = await joined(attack)
    async with attack.reader(keys) as door:
        attack.link.down = lambda data: (
            messages.encode(messages.Error(messages.decode_down(data).id, "no_such_clip", "gone"))  # type: ignore[union-attr]
            if b'"reply"' in data
            else data
        )
        with pytest.raises(DoorError):
            await door.ask(commands.AskDays(), replies.Days)


async def test_it_cannot_show_an_old_head(attack: Attack) -> None:
    keys = await joined(attack)
    async with attack.reader(keys) as door:
        await door.follow_ledger()
        old = [data for data in attack.link.heard_down if b'"reply"' in data][-1]
        attack.door.clip()
        await door.ask(commands.AskClip(1), replies.Ticket)
        attack.link.down = lambda data: (
            renumbered(old, attack.link.heard_up[-1]) if b'"reply"' in data else data
        )
        with pytest.raises(NOTICED):
            await door.follow_ledger()


@pytest.mark.parametrize("how", ["shorter", "edited", "swapped"])
async def test_it_cannot_show_another_ledger(attack: Attack, how: str) -> None:
    keys = await joined(attack)

    def lie(data: bytes) -> bytes:
        message = messages.decode_down(data)
        if not isinstance(message, messages.Reply):
            return data
        payload = msgspec.json.decode(message.signed[64:])
        if payload["body"]["type"] != "ledger":
            return data
        lines = payload["body"]["lines"]
        if how == "shorter":
            lines.pop()
        elif how == "edited":
            lines[-1] = base64.b64encode(base64.b64decode(lines[-1]).replace(b"1", b"2", 1)).decode()
        else:
            lines.reverse()
        return messages.encode(messages.Reply(message.id, message.signed[:64] + msgspec.json.encode(payload)))

    attack.link.down = lie
    async with attack.reader(keys) as door:
        with pytest.raises(NOTICED):
            await door.follow_ledger()


async def test_a_reader_who_saw_more_refuses_a_device_that_went_back(attack: Attack) -> None:
    keys = await joined(attack)
    async with attack.reader(keys) as door:
        await door.follow_ledger()
        ahead = Chain()
        for raw in (attack.household.state / "ledger").read_bytes().splitlines():
            ahead.add(raw)
        ahead.add(ahead.next_line(attack.household.adds(TestReader("Somebody")), None))
        door.chain = ahead
        with pytest.raises(NOTICED):
            await door.ask(commands.AskDays(), replies.Days)

"""A hijacked server wants to belong: to add itself, or to stand between a new reader and the door."""

import asyncio
import base64
import hashlib
import os
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.contract import commands, messages, replies
from device.trust.commands import asking
from device.trust.household import Admission
from device.trust.signed import Context, payload_of, sign
from provisioning.reader.reader import DoorError
from tests.support.door import Says
from tests.support.hijacked import NOTICED, Attack, is_refused, joined
from tests.support.household import Household, TestReader


async def test_it_cannot_add_itself(attack: Attack) -> None:
    before, me, channel = attack.record(), TestReader("Kitchen tablet"), attack.channel()
    own = sign(me.sign, Context.ADMISSION, Admission(attack.household.door, me.public))
    change = type(attack.household.adds(me))(own)
    assert is_refused(await attack.command(channel, me, asking(change)))
    assert attack.record() == before


async def test_it_cannot_swap_a_key_while_somebody_pairs(attack: Attack) -> None:
    mine = TestReader("Hallway phone")

    def swap(data: bytes) -> bytes:
        message = messages.decode_up(data)
        if not isinstance(message, messages.Command):
            return data
        theirs = payload_of(message.signed, messages.CommandPayload)
        forged = msgspec.json.decode(message.signed[64:])
        admission = theirs.body.line.admission  # type: ignore[union-attr]
        claim = payload_of(admission, Admission)
        swapped = admission[:64] + msgspec.json.encode(msgspec.structs.replace(claim, reader=mine.public))
        forged["body"]["line"]["admission"] = base64.b64encode(swapped).decode()
        forged["reader"] = base64.b64encode(mine.public.sign).decode()
        payload = msgspec.json.decode(msgspec.json.encode(forged), type=messages.CommandPayload)
        return messages.encode(messages.Command(message.id, sign(mine.sign, Context.COMMAND, payload)))

    attack.link.up = swap
    with pytest.raises(NOTICED):
        await joined(attack)
    assert attack.door.ledger.roster.readers == ()


@pytest.mark.parametrize("first", [False, True], ids=["after its owner", "before its owner"])
async def test_it_cannot_use_an_admission_that_it_overheard(attack: Attack, first: bool) -> None:
    if first:
        attack.link.up = lambda data: data if b'"hello"' in data else None
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(joined(attack), 0.3)
    else:
        await joined(attack)
    overheard = payload_of(attack.overheard(), messages.CommandPayload)
    before, me = attack.record(), TestReader("Me")
    assert is_refused(await attack.command(attack.channel(), me, overheard.body))
    assert attack.record() == before


async def test_it_cannot_impersonate_the_door_to_a_new_reader(attack: Attack, tmp_path: Path) -> None:
    other = Household(tmp_path / "other")

    def pretend(data: bytes) -> bytes:
        message = messages.decode_down(data)
        if isinstance(message, messages.HelloReply):
            return messages.encode(messages.HelloReply(message.id, other.born_line, message.nonce))
        return data

    attack.link.down = pretend
    with pytest.raises(DoorError, match="not the door"):
        await joined(attack)
    assert attack.door.ledger.roster.readers == ()


async def test_it_cannot_answer_a_new_reader_in_the_doors_place(attack: Attack) -> None:
    attacker = Ed25519PrivateKey.generate()
    attack.link.up = lambda data: data if b'"hello"' in data else None

    async def answer_itself() -> None:
        while not (commands_heard := [d for d in attack.link.heard_up if b'"command"' in d]):
            await asyncio.sleep(0.01)
        message = messages.decode_up(commands_heard[0])
        assert isinstance(message, messages.Command)
        attack.link.on_frame(
            messages.encode(messages.Reply(message.id, forged_reply(attack, attacker, message.signed)))
        )

    lying = asyncio.create_task(answer_itself())
    with pytest.raises(NOTICED):
        await joined(attack)
    await lying


def forged_reply(attack: Attack, key: Ed25519PrivateKey, command: bytes) -> bytes:
    head = attack.door.ledger.chain.head
    payload = messages.ReplyPayload(
        attack.household.door,
        hashlib.sha256(command).digest(),
        os.urandom(32),
        messages.Head(head.seq, head.hash),
        attack.household.clock.utc(),
        replies.Changed(1),
    )
    return sign(key, Context.REPLY, payload)


async def test_an_invite_that_leaked_lets_nobody_in_alone(attack: Attack) -> None:
    phone = TestReader("Phone")
    says, key, me = Says(attack.household.door), Ed25519PrivateKey.generate(), TestReader("Guest")
    channel = attack.channel()
    for who, change in (
        (phone, attack.household.adds(phone)),
        (phone, says.invited(phone, key)),
        (me, applied := says.applied(key, me)),
    ):
        assert isinstance(await attack.command(channel, who, asking(change)), messages.Reply)
    assert is_refused(await attack.command(channel, me, asking(says.confirmed(me, applied))))
    assert is_refused(await attack.command(channel, me, commands.AskDays()))
    body = await attack.command(channel, phone, asking(says.confirmed(phone, applied)))
    assert isinstance(body, messages.Reply)
    refused = attack.household.reply(body.signed).body
    assert isinstance(refused, replies.Refused)
    assert refused.code == "second_reader"
    assert [reader.label for reader in attack.door.ledger.roster.readers] == ["Phone"]

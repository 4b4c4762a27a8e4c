"""A hijacked server wants to act: command, forge, fill, crash, starve."""

import asyncio
import contextlib
import os
import random
import socket
from typing import Any, get_args

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.camera.protocol import Luma
from device.contract import commands, messages, replies
from device.sealing.age import seal
from device.sealing.recipients import parse_recipient
from device.sealing.sframe import Opener, Sealer
from device.trust.commands import asking
from device.trust.errors import TrustError
from device.trust.household import Admission
from device.trust.ring import RING_METADATA, RingPayload, pad, unpad
from device.trust.signed import Context, sign, verify
from provisioning.house.house import House
from tests.support.door import Says
from tests.support.hijacked import STRANGE, Attack, is_refused, joined
from tests.support.household import Card, TestReader


async def test_without_a_readers_key_every_command_is_refused_and_leaves_nothing(attack: Attack) -> None:
    """Delete, list, look, give, set, watch: whatever the contract has, now and later."""
    keys = await joined(attack)
    attack.door.clip()
    phone, me, other = TestReader(keys.label, keys.sign, keys.open), TestReader("Me"), TestReader("New")
    says, card = Says(attack.household.door), Card()
    changes: list[Any] = [
        attack.household.adds(me).__class__(sign(me.sign, Context.ADMISSION, Admission(attack.household.door, me.public))),
        says.invited(me, other.sign), says.applied(other.sign, me), says.removed(me, phone), says.renamed(me, phone, "x"),
        says.confirmed(me, says.applied(other.sign, me)), says.proposed(me, card),
        says.objected(me, says.replacement(me, card)), says.replaced(says.replacement(me, card)),
    ]  # fmt: skip  # a list of what can be changed
    bodies = [*STRANGE, *(asking(change) for change in changes)]
    assert {type(body) for body in bodies} == set(get_args(commands.CommandBody)), "every command is tried"
    before, files, channel = attack.record(), _files(attack), attack.channel()
    for body in bodies:
        assert is_refused(await attack.command(channel, me, body)), body
        assert is_refused(await attack.command(channel, _pretending(phone, me), body)), body
    assert attack.record() == before
    assert _files(attack) == files


def _pretending(victim: TestReader, me: TestReader) -> TestReader:
    """Return somebody who claims a reader's name and keys, and signs with its own."""

    class Pretender(TestReader):
        def command(self, chain: Any, nonce: bytes, body: Any, **changed: object) -> bytes:
            return super().command(chain, nonce, body, reader=victim.public.sign)

    return Pretender(victim.label, me.sign, victim.open)


def _files(attack: Attack) -> dict[str, bytes]:
    state = attack.household.state
    return {str(path.relative_to(state)): path.read_bytes() for path in state.rglob("*") if path.is_file()}


async def test_it_cannot_fill_the_disk_through_the_link(attack: Attack) -> None:
    keys = await joined(attack)
    async with attack.reader(keys) as door:
        await door.ask(commands.AskDays(), replies.Days)
    before, channel = _files(attack), attack.channel()
    me = TestReader("Me")
    for _ in range(300):
        await attack.nonce(channel)
        await attack.say(channel, messages.Command(2, attack.overheard()))
        await attack.say(channel, messages.Command(3, os.urandom(4_000)))
    assert is_refused(await attack.command(channel, me, commands.Grant(me.public.sign, 1, os.urandom(8_000))))
    assert _files(attack) == before


async def test_it_cannot_crash_the_device_with_what_it_sends(attack: Attack) -> None:
    dice, good = random.Random(3), messages.encode(messages.Hello(1))
    for size in (0, 1, 7, 200, 17_000, 200_000):
        for _ in range(8):
            packet = dice.randbytes(size) if dice.random() < 0.5 else _spoiled(good, dice)
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
                peer.connect(str(attack.door.path))
                peer.settimeout(5)
                with contextlib.suppress(OSError):
                    peer.send(packet or b"\x80")
    keys = await joined(attack)
    async with attack.reader(keys) as door:
        await door.ask(commands.AskDays(), replies.Days)


def _spoiled(data: bytes, dice: random.Random) -> bytes:
    spoiled = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        spoiled[dice.randrange(len(spoiled))] = dice.randrange(256)
    return bytes(spoiled)


async def test_the_door_goes_on_writing_while_every_channel_is_taken(attack: Attack) -> None:
    with contextlib.suppress(Exception):
        for _ in range(200):
            attack.channel()
    length = len(attack.door.ledger.chain)
    attack.door.clip()
    reader = TestReader("Phone")
    attack.door.ledger.change(attack.household.adds(reader))
    assert len(attack.door.ledger.chain) > length


async def test_it_cannot_forge_a_grant(attack: Attack) -> None:
    keys = await joined(attack)
    me = TestReader("Me")
    forged = seal(b'{"form":"doorward/v1/grant"}', [parse_recipient(str(keys.open.recipient()))])
    grant = commands.Grant(keys.public.sign, 1, forged)
    assert is_refused(await attack.command(attack.channel(), me, grant))
    async with attack.reader(keys) as door:
        await door.follow_ledger()
        assert (await door.ask(commands.AskGrants(0), replies.Grants)).grants == []


async def test_it_cannot_sign_a_notice_for_the_device(attack: Attack) -> None:
    head = messages.Head(9, bytes(32))
    said = messages.NoticePayload(attack.household.door, head, attack.household.clock.utc())
    forged = sign(Ed25519PrivateKey.generate(), Context.NOTICE, said)
    device = attack.household.device.public_key().public_bytes_raw()
    with pytest.raises(TrustError):
        verify(device, Context.NOTICE, forged, messages.NoticePayload)


async def test_it_cannot_ring_nor_learn_what_a_ring_shows(attack: Attack) -> None:
    """It carries a ring without a key to it; what it makes itself, or turns another frame into, is nobody's ring."""
    keys = await joined(attack)
    async with attack.reader(keys) as door:
        await door.ask(commands.Watch(), replies.Watching)
        carried: asyncio.Queue[messages.Down] = asyncio.Queue()

        def look(data: bytes) -> bytes:
            carried.put_nowait(messages.decode_down(data))
            return data

        attack.link.down = look
        before = attack.record()
        attack.door.press(Luma(np.full((270, 320), 128, np.uint8), 1))
        while not isinstance(sealed := await asyncio.wait_for(carried.get(), 10), messages.Ring):
            pass
    assert attack.record().startswith(before)
    assert len(attack.record()) > len(before), "its line came first"
    device = attack.household.device.public_key().public_bytes_raw()
    assert b"picture" not in sealed.sealed
    opener = Opener()
    house = House(attack.household.state, [attack.household.card.open])
    for epoch, key in house.history.epoch_keys.items():
        opener.add(epoch, key)
    ring = verify(device, Context.RING, unpad(opener.open(sealed.sealed, RING_METADATA)), RingPayload)
    assert ring.picture
    # With a reader's epoch key, which a former page may have told it: still no bell.
    own = pad(sign(Ed25519PrivateKey.generate(), Context.RING, ring))
    epoch, key = max(house.history.epoch_keys.items())
    forged = Sealer(epoch, key).seal(own, RING_METADATA)
    with pytest.raises(TrustError):
        verify(device, Context.RING, unpad(opener.open(forged, RING_METADATA)), RingPayload)

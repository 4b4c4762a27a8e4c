"""What a hijacked web process tries while no reader's page is open: nothing of it succeeds unnoticed.

Each attack is named in docs/THREAT_MODEL.md; a test at the end holds the page to that.
"""

import asyncio
import base64
import contextlib
import hashlib
import os
import random
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.contract import commands, messages, replies
from device.contract.errors import TicketDenied
from device.contract.settings import Settings
from device.ledger import Ledger
from device.sealing.age import seal
from device.sealing.age_reader import open_bytes
from device.sealing.errors import NotARecipientError
from device.sealing.recipients import parse_recipient
from device.spool import Spool
from device.trust.commands import asking
from device.trust.errors import TrustError
from device.trust.household import Admission
from device.trust.ledger import Chain
from device.trust.signed import Context, payload_of, sign, verify
from provisioning.birth import birth, write_state
from provisioning.reader import DoorError, ReaderKeys
from tests.support.door import Says
from tests.support.hijacked import Attack, hijacked
from tests.support.household import Card, DrivenClock, Household, TestReader

THREAT_MODEL = Path(__file__).parents[2] / "docs" / "THREAT_MODEL.md"
NOTICED = (DoorError, TrustError)


@pytest.fixture
async def attack(household: Household) -> AsyncIterator[Attack]:
    async with hijacked(household) as attack:
        yield attack


async def joined(attack: Attack, label: str = "Hallway phone") -> ReaderKeys:
    """Return the keys of a reader who joined with the card, through the attacker, who let it pass."""
    keys = ReaderKeys(label)
    async with attack.reader(keys) as door:
        await door.pair(attack.household.card.admit)
    return keys


def is_refused(down: messages.Down) -> bool:
    return isinstance(down, messages.Error)


# Joining


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


async def test_it_cannot_use_an_admission_that_it_overheard(attack: Attack) -> None:
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


# Commands and replies


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


def renumbered(reply: bytes, command: bytes) -> bytes:
    """Return an old reply as if it were the answer to this command."""
    message, asked = messages.decode_down(reply), messages.decode_up(command)
    assert isinstance(message, messages.Reply)
    return messages.encode(messages.Reply(asked.id, message.signed))


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


# The ledger


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


# Looking


async def test_it_cannot_have_a_clip_without_a_line(attack: Attack) -> None:
    await joined(attack)
    attack.door.clip()
    before = attack.record()
    for ticket in ("t" * 43, base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("="), ""):
        with pytest.raises(TicketDenied):
            await attack.link.real.redeem(ticket)
    assert attack.record() == before


async def test_a_ticket_is_one_clip_dies_with_its_channel_and_is_for_one_connection(attack: Attack) -> None:
    keys = await joined(attack)
    attack.door.clip(b"first film")
    attack.door.clip(b"second film")
    async with attack.reader(keys) as door:
        await door.follow_ledger()
        ticket = (await door.ask(commands.AskClip(1), replies.Ticket)).ticket
        descriptor, size = await attack.link.real.redeem(ticket)
        assert os.pread(descriptor, 100, 0) == b"first film"
        assert size == 10
        for spoil in (
            lambda: os.write(descriptor, b"x"),
            lambda: os.ftruncate(descriptor, 0),
            lambda: os.open("..", os.O_RDONLY, dir_fd=descriptor),
        ):
            with pytest.raises(OSError, match=r"Bad file descriptor|Invalid argument|Not a directory"):
                spoil()
        os.close(descriptor)
        attack.household.clock.pass_s(601)
        with pytest.raises(TicketDenied):
            await attack.link.real.redeem(ticket)
    async with attack.reader(keys) as door:
        await door.follow_ledger()
        ticket = (await door.ask(commands.AskClip(1), replies.Ticket)).ticket
    for _ in range(100):
        try:
            os.close((await attack.link.real.redeem(ticket))[0])
        except TicketDenied:
            break
        await asyncio.sleep(0.02)
    else:
        pytest.fail("the ticket outlived its channel")


@pytest.mark.skipif(os.geteuid() != 0, reason="to become the server's user takes root")
def test_its_user_cannot_read_the_state_nor_make_a_descriptor_writable(tmp_path: Path) -> None:
    state = tmp_path / "state"
    write_state(birth("Front door"), state, None)
    key = Ed25519PrivateKey.from_private_bytes((state / "device.key").read_bytes())
    ledger = Ledger(state, key, DrivenClock())
    spool = Spool(state)
    clip, descriptor = spool.begin()
    os.close(descriptor)
    spool.write_event(clip, b"event")
    spool.publish(clip, DrivenClock().utc().date())
    ledger.close()
    passed = os.open(next(state.rglob("clip.mp4.age")), os.O_RDONLY)
    # Only what the product itself sets may keep the server's user out.
    for directory in (tmp_path, *tmp_path.parents[:-2]):
        directory.chmod(0o755)
    names = [str(path) for path in (state, *state.rglob("*"))]
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        got = 0
        for name, flags in [(f"/proc/self/fd/{passed}", os.O_RDWR), *((name, os.O_RDONLY) for name in names)]:
            with contextlib.suppress(PermissionError):
                os.open(name, flags)
                got += 1
        os._exit(min(got, 255))
    _, status = os.waitpid(child, 0)
    os.close(passed)
    assert os.waitstatus_to_exitcode(status) == 0


async def test_it_cannot_switch_live_on_nor_the_light_off(attack: Attack) -> None:
    keys = await joined(attack)
    before, me, channel = attack.record(), TestReader("Me"), attack.channel()
    assert is_refused(await attack.command(channel, me, commands.Live()))
    assert attack.record() == before
    assert attack.door.brightness.read_text().strip() == "0"
    async with attack.reader(keys) as door:
        await door.ask(commands.Live(), replies.LiveBegan)
        assert attack.door.brightness.read_text().strip() != "0"
        assert is_refused(await attack.command(channel, me, commands.LiveEnd()))
        assert attack.door.brightness.read_text().strip() != "0"


async def test_a_removed_viewers_live_key_opens_nothing_new(attack: Attack) -> None:
    phone, guest = await joined(attack), await joined(attack, "Guest")
    async with attack.reader(phone) as here, attack.reader(guest) as there:
        await there.follow_ledger()
        await here.follow_ledger()
        await there.ask(commands.Live(), replies.LiveBegan)
        both = await here.ask(commands.Live(), replies.LiveBegan)
        assert open_bytes(both.file, [guest.open])
        says = Says(attack.household.door)
        removal = says.removed(TestReader("", phone.sign, phone.open), TestReader("", guest.sign, guest.open))
        await here.ask(asking(removal), replies.Changed)
        newest = await _live_key_after(attack, both.kid)
        with pytest.raises(NotARecipientError):
            open_bytes(newest.file, [guest.open])
        assert open_bytes(newest.file, [phone.open])


async def _live_key_after(attack: Attack, kid: int) -> messages.LiveKeyPayload:
    """Return the newest live key that passed, once there is one after ``kid``."""
    for _ in range(500):
        for data in reversed(attack.link.heard_down):
            message = messages.decode_down(data)
            if isinstance(message, messages.LiveKey):
                key = payload_of(message.signed, messages.LiveKeyPayload)
                if key.kid > kid:
                    return key
        await asyncio.sleep(0.01)
    pytest.fail("the live key did not turn")


# Doing


STRANGE: list[commands.CommandBody] = [
    commands.AskHead(), commands.Watch(), commands.AskLedger(0), commands.AskEpochs(0), commands.AskDays(),
    commands.AskDay("2026-11-23", 0), commands.AskClip(1), commands.Export(1), commands.AskHeaders([1]),
    commands.Grant(bytes(32), 1, b"grant"), commands.AskGrants(0), commands.Live(), commands.LiveEnd(),
    commands.AskSettings(), commands.Set(Settings(privacy=True)), commands.Drilled(), commands.AskAuthority(),
]  # fmt: skip  # a list of what can be asked


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


# Forging what was recorded


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


def test_the_threat_model_names_every_attack() -> None:
    named = set(re.findall(r"`(test_\w+)`", THREAT_MODEL.read_text(encoding="utf-8")))
    here = {
        name
        for name in globals()
        if name.startswith("test_") and name != "test_the_threat_model_names_every_attack"
    }
    assert len(here) >= 22
    assert here <= named, sorted(here - named)

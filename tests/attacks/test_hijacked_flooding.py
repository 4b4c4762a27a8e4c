"""A hijacked server floods: every channel, every connection, descriptors, memory, the record. Recording goes on."""

import asyncio
import contextlib
import os
import select
import threading
from typing import get_args

import pytest

from device.config import parse
from device.contract import commands, messages, replies
from device.contract.errors import LinkError
from device.contract.link import MAX_CHANNELS, Frame, Redeem, encode
from device.contract.settings import Settings
from device.desk.link import MAX_CONNECTIONS
from device.desk.peer import MAX_WAITING
from device.disk.grants import MAX_GRANTS
from device.recording.recorder import Recorder
from device.trust.commands import asking
from device.trust.household import Admission
from device.trust.lines import MAX_LINE_BYTES
from device.trust.nonces import NONCE_S
from device.trust.signed import Context, sign
from tests.support.door import Door, Says
from tests.support.film import VIDEO, scene
from tests.support.hijacked import STRANGE, Attack, is_refused, joined
from tests.support.household import Household, TestReader
from tests.support.raw_link import RawLink
from tests.support.waiting import eventually

HELLO = messages.encode(messages.Hello(1))
NOISE = (HELLO, messages.encode(messages.Command(2, b"x" * 12_000)), b"{", b"\xff" * 16_000)


class Flood:
    """Every connection that the device still takes, every channel of each, and never a pause."""

    def __init__(self, attack: Attack) -> None:
        self.links = [
            RawLink(attack.door.path) for _ in range(MAX_CONNECTIONS - 1)
        ]  # the server's own is one
        self._stopping = threading.Event()
        self.packets = 0
        for raw in self.links:
            raw.socket.settimeout(0.2)
        self._threads = [threading.Thread(target=self._pour, args=(raw,), daemon=True) for raw in self.links]

    def __enter__(self) -> "Flood":
        for raw in self.links:
            raw.open(*range(1, MAX_CHANNELS + 1))
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(10)
        for raw in self.links:
            raw.socket.close()

    def _pour(self, raw: RawLink) -> None:
        while not self._stopping.is_set():
            channel = self.packets % MAX_CHANNELS + 1
            try:
                raw.socket.send(encode(Frame(channel, NOISE[self.packets % len(NOISE)])))
                raw.socket.recv(1)
            except TimeoutError:
                continue
            except OSError:
                return
            self.packets += 1


async def test_the_door_records_and_answers_while_every_connection_and_channel_is_flooded(
    attack: Attack,
) -> None:
    keys, door = await joined(attack), attack.door
    config = parse("retention: {free_bytes: 8000000}", "test")
    recorder = Recorder(config, VIDEO, door.spool, door.ledger, attack.household.clock)

    def record() -> None:
        for item in scene(5):
            recorder.take(item)
        recorder.stop()

    with Flood(attack) as flood:
        await asyncio.to_thread(record)
        async with attack.reader(keys) as reader:
            await reader.follow_ledger()
            days = await reader.ask(commands.AskDays(), replies.Days)
        assert flood.packets > 50, "it was a flood"
    assert [day.clips for day in days.days] == [1]


async def test_it_cannot_use_up_the_devices_descriptors_with_one_ticket(
    attack: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It redeems what a reader asked for, again and again, and never reads an answer."""
    keys = await joined(attack)
    clip = attack.door.clip()
    async with attack.reader(keys) as door:
        await door.follow_ledger()
        ticket = await door.ask(commands.AskClip(clip), replies.Ticket)
        own = attack.link.real._socket
        assert own is not None
        before, asked, held = _descriptors(), 0, [0]
        redeem = attack.door.desk.redeem

        def counted(ticket: str, connection: int) -> tuple[int, int] | None:
            found = redeem(ticket, connection)
            held.append(_descriptors() - before)
            return found

        monkeypatch.setattr(attack.door.desk, "redeem", counted)
        # Nothing here gives the event loop a turn, so the server's side reads nothing.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while asked < 3_000 and select.select([], [own], [], 5)[1]:
                with contextlib.suppress(BlockingIOError):
                    own.send(encode(Redeem(asked, ticket.ticket)))
                    asked += 1
    assert MAX_WAITING <= max(held) <= MAX_WAITING + 2, "many were asked for, and waited"
    await eventually(lambda: _descriptors() <= before, "descriptors are given back")
    async with _once_linked(attack, keys) as door:
        await door.ask(commands.AskDays(), replies.Days)


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count of names


@contextlib.asynccontextmanager
async def _once_linked(attack: Attack, keys: object) -> object:  # type: ignore[misc]
    """Yield a reader once the server's link is up again."""

    def is_up() -> bool:
        with contextlib.suppress(LinkError):
            attack.link.real.close_channel(attack.link.real.open_channel(lambda _: None, lambda: None))
            return True
        return False

    await eventually(is_up, "the link is up again")
    async with attack.reader(keys) as door:  # type: ignore[arg-type]
        yield door


async def test_a_ticket_is_worth_nothing_on_another_connection(attack: Attack) -> None:
    keys = await joined(attack)
    clip = attack.door.clip()
    async with attack.reader(keys) as door:
        await door.follow_ledger()
        ticket = await door.ask(commands.AskClip(clip), replies.Ticket)
        with RawLink(attack.door.path) as other:
            other.send(Redeem(1, ticket.ticket))
            assert type(other.receive()).__name__ == "Denied"


async def test_it_cannot_take_more_channels_than_there_are(attack: Attack) -> None:
    with RawLink(attack.door.path) as raw:
        raw.open(*range(1, MAX_CHANNELS + 1))
        assert isinstance(raw.say(MAX_CHANNELS, messages.Hello(1)), messages.HelloReply)
        raw.open(MAX_CHANNELS + 1)
        assert raw.is_dropped()
    await joined(attack)


def test_what_strangers_make_the_device_remember_is_forgotten_within_a_minute(household: Household) -> None:
    """Only somebody who joins may spend a nonce without belonging: the one table that a stranger can fill."""
    door, me = Door(household), TestReader("Me")
    own = sign(me.sign, Context.ADMISSION, Admission(household.door, me.public))
    join = asking(type(household.adds(me))(own))
    for _ in range(100):
        assert is_refused(door.send(me.command(door.ledger.chain, door.nonce(), join)))
        door.send(me.command(door.ledger.chain, door.nonce(), commands.AskHead()))
    assert len(door.desk._nonces._spent) == 100, "whoever neither belongs nor joins leaves nothing"
    household.clock.pass_s(NONCE_S + 1)
    door.send(me.command(door.ledger.chain, door.nonce(), join))
    assert len(door.desk._nonces._spent) == 1


def test_with_a_readers_powers_one_command_writes_at_most_two_lines(household: Household) -> None:
    """So much can a page that it changed write; what is kept for others is bounded too."""
    door = Door(household)
    phone, tablet = door.join(), door.join("Tablet")
    door.clip()
    says = Says(household.door)
    bodies = [
        *(body for body in STRANGE if not isinstance(body, commands.Grant | commands.Set)),
        commands.Set(Settings(privacy=True)), commands.Grant(tablet.public.sign, 1, bytes(8_192)),
        asking(says.renamed(phone, tablet, "x" * 40)), asking(says.removed(phone, tablet)),
    ]  # fmt: skip  # a list of what can be asked
    assert {type(body) for body in bodies} == set(get_args(commands.CommandBody))
    for body in bodies:
        lines, size = len(door.ledger.chain), (household.state / "ledger").stat().st_size
        assert not isinstance(door.ask(phone, body), replies.Refused), body
        assert len(door.ledger.chain) - lines <= 2, body
        assert (household.state / "ledger").stat().st_size - size <= 2 * MAX_LINE_BYTES


def test_grants_for_one_reader_take_only_so_much_of_the_disk(household: Household) -> None:
    door = Door(household)
    phone, tablet = door.join(), door.join("Tablet")
    for number in range(MAX_GRANTS + 6):
        given = door.ask(phone, commands.Grant(tablet.public.sign, 1, bytes([number]) * 8_192))
        assert isinstance(given, replies.Granted)
    (kept,) = (household.state / "grants").iterdir()
    base64 = 4 / 3
    assert MAX_GRANTS <= kept.stat().st_size / (8_192 * base64) < MAX_GRANTS + 1

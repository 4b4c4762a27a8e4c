"""A web process in an attacker's hands, between real readers and a real device.

The device's side is real: its desk, its link, its files. The server is the real one too, but for its link, through which the
attacker sees every door message, changes, drops, keeps or invents what it likes, and speaks to the device itself.
"""

import asyncio
import os
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from device.camera.protocol import Luma
from device.contract import commands, messages
from device.contract.client import LinkClient
from device.contract.settings import Settings
from device.desk.bell import Press
from device.desk.link import Link
from device.trust.errors import TrustError
from provisioning.reader.reader import DoorClient, DoorError, ReaderKeys
from server.app import make_app
from server.config import Config, Listen
from tests.support.door import Door
from tests.support.household import Household, TestReader

PAGE: dict[str, Any] = {}
Hook = Callable[[bytes], bytes | None]
NOTICED = (DoorError, TrustError)
"""How a reader says that something is wrong."""


class HijackedLink:
    """What the attacker made of the server's link: ``up`` and ``down`` may change a door message, or drop it by None."""

    def __init__(self, link: LinkClient) -> None:
        self.real = link
        self.up: Hook = lambda data: data
        self.down: Hook = lambda data: data
        self.heard_up: list[bytes] = []
        self.heard_down: list[bytes] = []
        self.heard_talk: list[bytes] = []

    def open_channel(
        self,
        on_frame: Callable[[bytes], None],
        on_close: Callable[[], None],
        on_live: Callable[[bytes, bool | None], None] = lambda _data, _keyframe: None,
    ) -> int:
        self.on_frame = on_frame

        def pass_down(data: bytes) -> None:
            self.heard_down.append(data)
            changed = self.down(data)
            if changed is not None:
                on_frame(changed)

        return self.real.open_channel(pass_down, on_close, on_live)

    def send_frame(self, channel: int, data: bytes) -> None:
        self.heard_up.append(data)
        changed = self.up(data)
        if changed is not None:
            self.real.send_frame(channel, changed)

    def send_talk(self, channel: int, data: bytes) -> None:
        self.heard_talk.append(data)
        self.real.send_talk(channel, data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


class Attack:
    """The attacker's desk: the household it sits in, its link, and a channel of its own to the device."""

    def __init__(self, door: Door, link: HijackedLink, url: str) -> None:
        self.door, self.link, self.url = door, link, url
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()
        self._closed = False

    @property
    def household(self) -> Household:
        return self.door.household

    def reader(self, keys: ReaderKeys) -> DoorClient:
        """Return an honest reader, who speaks through the attacker."""
        return DoorClient(self.url, keys, self.door.born_sha256)

    def record(self) -> bytes:
        """Return the ledger: whatever happened, happened with a line."""
        return (self.household.state / "ledger").read_bytes()

    def channel(self) -> int:
        """Return a new channel of the attacker's own."""
        return self.link.real.open_channel(self._answers.put_nowait, lambda: None)

    async def say(self, channel: int, message: messages.Up) -> messages.Down:
        """Return what the device answers to the attacker."""
        self.link.real.send_frame(channel, messages.encode(message))
        while True:
            down = messages.decode_down(await asyncio.wait_for(self._answers.get(), 10))
            if not isinstance(down, messages.Notice | messages.Ring):
                return down

    async def nonce(self, channel: int) -> bytes:
        hello = await self.say(channel, messages.Hello(1))
        assert isinstance(hello, messages.HelloReply)
        return hello.nonce

    async def command(self, channel: int, who: TestReader, body: commands.CommandBody) -> messages.Down:
        """Return what comes of a command that the attacker signs with a key of its choice."""
        signed = who.command(self.door.ledger.chain, await self.nonce(channel), body)
        return await self.say(channel, messages.Command(2, signed))

    def overheard(self, number: int = -1) -> bytes:
        """Return one of the signed commands that passed."""
        passed = [messages.decode_up(data) for data in self.link.heard_up]
        signed = [message.signed for message in passed if isinstance(message, messages.Command)]
        return signed[number]


class RunningDoor(Door):
    """A door whose link is served in a thread."""

    def __init__(self, household: Household) -> None:
        super().__init__(household)
        self.path = household.state / "link"
        self.pressed: deque[Press] = deque()
        self.link = Link(
            self.path, self.desk, {os.getuid()}, lambda: self.pressed.popleft() if self.pressed else None
        )
        self.ledger.on_line(self.link.wake)
        self.thread = threading.Thread(target=self.link.run, daemon=True)
        self.thread.start()

    def press(self, picture: Luma | None) -> None:
        """Press the bell."""
        self.pressed.append(Press(self.household.clock.utc(), picture))
        self.link.ring()

    def close(self) -> None:
        self.link.stop()
        self.thread.join(10)
        assert not self.thread.is_alive(), "the device's link hangs"
        self.link.close()
        self.ledger.close()


@asynccontextmanager
async def hijacked(household: Household) -> Any:
    """Yield an attack on a running door with a hijacked server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    door = RunningDoor(household)
    client = LinkClient(door.path, retry_s=0.01)
    running = asyncio.create_task(client.run())
    link = HijackedLink(client)
    config = Config(door.path, Listen("127.0.0.1", port))
    runner = web.AppRunner(make_app(config, link, PAGE), access_log=None)  # type: ignore[arg-type]
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield Attack(door, link, f"http://localhost:{port}")
    finally:
        await runner.cleanup()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        door.close()


async def joined(attack: Attack, label: str = "Hallway phone") -> ReaderKeys:
    """Return the keys of a reader who joined with the card, through the attacker, who let it pass."""
    keys = ReaderKeys(label)
    async with attack.reader(keys) as door:
        await door.pair(attack.household.card.admit)
    return keys


def is_refused(down: messages.Down) -> bool:
    return isinstance(down, messages.Error)


def renumbered(reply: bytes, command: bytes) -> bytes:
    """Return an old reply as if it were the answer to this command."""
    message, asked = messages.decode_down(reply), messages.decode_up(command)
    assert isinstance(message, messages.Reply)
    return messages.encode(messages.Reply(asked.id, message.signed))


STRANGE: list[commands.CommandBody] = [
    commands.AskHead(), commands.Watch(), commands.AskLedger(0), commands.AskEpochs(0), commands.AskDays(),
    commands.AskDay("2026-11-23", 0), commands.AskClip(1), commands.Export(1), commands.AskHeaders([1]),
    commands.Grant(bytes(32), 1, b"grant"), commands.AskGrants(0), commands.Live(), commands.LiveEnd(),
    commands.AskSettings(), commands.Set(Settings(privacy=True)), commands.Drilled(), commands.AskAuthority(),
    commands.AskHealth(None), commands.AskSelfTest(0), commands.TellTime(datetime(2026, 11, 23, 12, tzinfo=UTC)),
    commands.Answer(1), commands.Talk(recorded=False), commands.TalkEnd(1),
]  # fmt: skip  # a list of what can be asked

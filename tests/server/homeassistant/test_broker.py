"""A ring at a real broker: in time or not at all, through kill, restart and a wrong password; a hostile one costs its process."""

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import aiomqtt
import pytest

from server.homeassistant import broker as broker_module
from server.homeassistant.broker import LOST, RING, THERE, NotHere, Speaker, _address
from server.homeassistant.child import Child
from server.homeassistant.settings import Broker

MOSQUITTO = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(MOSQUITTO is None, reason="Debian's mosquitto is not here; scripts/test installs it"),
]
PASSWORD = "kept secret"


class Mosquitto:
    """A real broker on loopback that wants a password."""

    def __init__(self, place: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        passwords, self._config = place / "passwords", place / "mosquitto.conf"
        subprocess.run(
            ["mosquitto_passwd", "-b", "-c", str(passwords), "door", PASSWORD],
            check=True,
            capture_output=True,
        )
        passwords.chmod(0o644)
        place.chmod(0o755)
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\npassword_file {passwords}\nallow_anonymous false\nuser root\n"
        )
        self.start()

    def start(self) -> None:
        assert MOSQUITTO is not None
        self.process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self._config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def settings(self, password: str = PASSWORD) -> Broker:
        return Broker("127.0.0.1", self.port, tls=False, username="door", password=password)

    def file(self, place: Path) -> Path:
        path = place / "mqtt.toml"
        path.write_text(
            f'broker = "127.0.0.1"\nport = {self.port}\ntls = false\nusername = "door"\npassword = "{PASSWORD}"\n'
        )
        path.chmod(0o600)
        return path


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    yield broker
    broker.kill()


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once, where life waits a minute."""
    monkeypatch.setattr(broker_module, "AGAIN_S", 0.05)


class House:
    """A Home Assistant: it listens to everything of ours."""

    def __init__(self, mosquitto: Mosquitto) -> None:
        self._mosquitto = mosquitto
        self.heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.is_listening = asyncio.Event()

    async def listen(self) -> None:
        settings = self._mosquitto.settings()
        while True:
            with suppress(aiomqtt.MqttError):
                async with aiomqtt.Client(
                    settings.host, settings.port, username=settings.username, password=settings.password
                ) as client:
                    await client.subscribe("#")
                    self.is_listening.set()
                    async for message in client.messages:
                        await self.heard.put((str(message.topic), bytes(message.payload).decode()))  # type: ignore[arg-type]
            self.is_listening.clear()
            await asyncio.sleep(0.05)

    async def until(self, topic: str, payload: str) -> None:
        async with asyncio.timeout(30):
            while await self.heard.get() != (topic, payload):
                pass


@pytest.fixture
async def house(mosquitto: Mosquitto) -> AsyncIterator[House]:
    house = House(mosquitto)
    listening = asyncio.create_task(house.listen())
    async with asyncio.timeout(30):
        await house.is_listening.wait()
    yield house
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


@pytest.fixture
async def speaking() -> AsyncIterator[Callable[[Broker], Speaker]]:
    tasks: list[asyncio.Task[None]] = []

    def speak(broker: Broker) -> Speaker:
        speaker = Speaker(broker)
        tasks.append(asyncio.create_task(speaker.run()))
        return speaker

    yield speak
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


Speaking = Callable[[Broker], Speaker]
HERE = ("doorward/door", "online")
GONE = ("doorward/door", "offline")
RINGS = ("doorward/ring", '{"event_type": "ring"}')


async def test_a_ring_is_told_and_home_assistant_finds_it(
    mosquitto: Mosquitto, house: House, speaking: Speaking
) -> None:
    speaker = speaking(mosquitto.settings())
    speaker.tell(THERE)
    await house.until(*HERE)
    speaker.tell(RING)
    await house.until(*RINGS)


async def test_a_broker_that_is_killed_and_comes_back_is_told_again(
    mosquitto: Mosquitto, house: House, speaking: Speaking
) -> None:
    speaker = speaking(mosquitto.settings())
    speaker.tell(THERE)
    await house.until(*HERE)
    mosquitto.kill()
    mosquitto.start()
    await house.until(*HERE)
    speaker.tell(RING)
    await house.until(*RINGS)


async def test_a_ring_that_waited_too_long_is_told_to_nobody(
    mosquitto: Mosquitto, house: House, speaking: Speaking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_module, "TOO_LATE_S", -1.0)
    speaker = speaking(mosquitto.settings())
    speaker.tell(RING)
    speaker.tell(THERE)
    await house.until(*HERE)
    # What is said in one breath is said in order: a ring would stand between the two.
    speaker.tell(LOST)
    seen: list[tuple[str, str]] = []
    async with asyncio.timeout(30):
        while GONE not in seen:
            seen.append(await house.heard.get())
    assert RINGS not in seen


async def test_a_wrong_password_is_told_without_it_and_nothing_else_suffers(
    mosquitto: Mosquitto, speaking: Speaking, caplog: pytest.LogCaptureFixture
) -> None:
    refused = asyncio.Event()
    handler = caplog.handler
    emit = handler.emit
    handler.emit = lambda record: (emit(record), refused.set())  # type: ignore[method-assign,assignment]
    try:
        speaking(mosquitto.settings("a wrong one"))
        async with asyncio.timeout(30):
            await refused.wait()
    finally:
        handler.emit = emit  # type: ignore[method-assign]
    assert "no broker host=127.0.0.1" in caplog.text
    assert "a wrong one" not in caplog.text


async def test_a_broker_elsewhere_gets_no_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotHere):
        await _address(Broker("93.184.216.34", 8883))
    loop = asyncio.get_running_loop()

    async def rebound(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 8883))]

    monkeypatch.setattr(loop, "getaddrinfo", rebound)
    with pytest.raises(NotHere):
        await _address(Broker("homeassistant.local", 8883))


async def test_the_process_says_what_the_server_tells_it_and_has_no_descriptor_of_the_servers(
    mosquitto: Mosquitto, house: House, tmp_path: Path
) -> None:
    child = Child(mosquitto.file(tmp_path), pause_s=0.05)
    running = asyncio.create_task(child.run())
    kept = os.open(tmp_path / "passwords", os.O_RDONLY)
    os.set_inheritable(kept, False)
    try:
        child.door(is_there=True)
        await house.until(*HERE)
        assert child.pid is not None
        command = Path(f"/proc/{child.pid}/cmdline").read_bytes()
        environment = Path(f"/proc/{child.pid}/environ").read_bytes()
        assert PASSWORD.encode() not in command + environment
        held = [str(each.readlink()) for each in Path(f"/proc/{child.pid}/fd").iterdir()]
        assert not any("passwords" in place for place in held)
        child.rang()
        await house.until(*RINGS)
        os.kill(child.pid, 9)
        await house.until("doorward/door", "offline")
        await house.until(*HERE)
    finally:
        os.close(kept)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    await house.until("doorward/door", "offline")


@pytest.mark.parametrize(
    "greeting",
    [
        b"\x20\x02\x00\x00" + b"\x30\xff\xff\xff\x7f" + b"x" * 65_536,  # a packet of a quarter of a gigabyte
        b"\x20\x02\x00\x00" + b"\xf0" * 4_096,
        b"HTTP/1.1 302 Found\r\nLocation: http://example.com/\r\n\r\n",
        b"\x20\x02\x00\x00" + b"\x30\x05\x00\x03a/b" * 2_000,  # things that nobody asked for
        b"",
    ],
)
async def test_a_hostile_broker_costs_its_own_process_and_the_server_never_waits(
    tmp_path: Path, greeting: bytes
) -> None:
    came: asyncio.Queue[None] = asyncio.Queue()

    async def hostile(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1_000)
        came.put_nowait(None)
        writer.write(greeting)
        with suppress(ConnectionError):
            await writer.drain()
            await reader.read()
        writer.close()

    server = await asyncio.start_server(hostile, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    path = tmp_path / "mqtt.toml"
    path.write_text(f'broker = "127.0.0.1"\nport = {port}\ntls = false\n')
    child = Child(path, pause_s=0.05)
    running = asyncio.create_task(child.run())
    try:
        async with asyncio.timeout(60):
            await came.get()
        for _ in range(10_000):
            child.rang()  # returns at once, whatever becomes of it
        assert not running.done()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        server.close()

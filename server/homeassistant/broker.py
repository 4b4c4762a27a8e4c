"""Speaks with the broker, in a process of its own: whatever a hostile one sends, it costs this process and nothing else.

    words of the server on standard input ──▶ what is so now, and a ring ──▶ published; a ring that waited too long is dropped

It connects to addresses of this network alone, looked up once for each attempt and then held to. It subscribes to nothing and
follows nothing: a broker that sends something is not listened to. If it goes away, or refuses us, we try again, more and more
slowly. Memory is bounded by the kernel (``main``), since a packet may claim a quarter of a gigabyte.

Source: MQTT 3.1.1, 3.1 (CONNECT, Will); RFC 6066, 3 (server name).
"""

import asyncio
import logging
import socket
import ssl
import time
from typing import Any, Final

import aiomqtt

from server.arrivals.lan import is_lan
from server.homeassistant.settings import Broker
from server.homeassistant.words import OFFLINE, Said, discovery, door, ring

RING: Final = b"r"
THERE: Final = b"u"
LOST: Final = b"l"
TOO_LATE_S: Final = 10.0
"""A ring that is told later than this would call somebody to an empty doorstep."""
AGAIN_S: Final = 60.0
TIMEOUT_S: Final = 10.0

logger = logging.getLogger(__name__)


class NotHere(OSError):
    """The broker is not on this network."""


class Speaker:
    """Says to the broker what it is told, for as long as it runs. One event loop."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._is_there = False
        self._rang_s: float | None = None
        self._changed = asyncio.Event()

    def tell(self, word: bytes) -> None:
        """Take a word; rings that come while one waits are that one."""
        if word == RING:
            self._rang_s = time.monotonic()
        else:
            self._is_there = word == THERE
        self._changed.set()

    async def run(self) -> None:
        """Speak until cancelled."""
        pause_s = 1.0
        while True:
            began_s = time.monotonic()
            try:
                await self._connected()
            except (aiomqtt.MqttError, OSError, ValueError) as error:
                # What a broker says of itself is no text for a journal; ours tells no password.
                logger.warning("no broker host=%s reason=%s", self._broker.host, type(error).__name__)
            if time.monotonic() - began_s > AGAIN_S:
                pause_s = 1.0
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, AGAIN_S)

    async def _connected(self) -> None:
        broker = self._broker
        will = aiomqtt.Will(door(broker.topic, is_there=False).topic, OFFLINE, qos=1, retain=True)
        async with aiomqtt.Client(
            await _address(broker),
            broker.port,
            username=broker.username,
            password=broker.password,
            protocol=aiomqtt.ProtocolVersion.V311,
            will=will,
            timeout=TIMEOUT_S,
            keepalive=20,
            max_queued_incoming_messages=1,
            tls_context=_context(broker) if broker.tls else None,
        ) as client:
            for said in discovery(broker.topic):
                await _publish(client, said)
            logger.info("broker found")
            both = {asyncio.create_task(self._speak(client)), asyncio.create_task(_ignore(client))}
            try:
                ended, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    task.result()
            finally:
                for task in both:
                    task.cancel()
                await asyncio.gather(*both, return_exceptions=True)

    async def _speak(self, client: aiomqtt.Client) -> None:
        said: bool | None = None
        while True:
            self._changed.clear()
            if said != self._is_there:
                said = self._is_there
                await _publish(client, door(self._broker.topic, is_there=said))
            if (rang_s := self._rang_s) is not None:
                if time.monotonic() - rang_s <= TOO_LATE_S:
                    await _publish(client, ring(self._broker.topic))
                # Only now: a broker that went away meanwhile has not been told.
                if self._rang_s == rang_s:
                    self._rang_s = None
            await self._changed.wait()


async def _ignore(client: aiomqtt.Client) -> None:
    """Return when the broker is gone; what it sends unasked is thrown away."""
    async for _ in client.messages:
        pass


async def _publish(client: aiomqtt.Client, said: Said) -> None:
    await client.publish(said.topic, said.payload, qos=1, retain=said.retain)


async def _address(broker: Broker) -> str:
    """Return an address of the broker's on this network.

    Raises:
        NotHere: it has none; nothing is sent to any other.
        OSError: its name is not known.
    """
    found = await asyncio.get_running_loop().getaddrinfo(
        broker.host, broker.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
    )
    for *_, place in found:
        if is_lan(str(place[0])):
            return str(place[0])
    raise NotHere(f"{broker.host} is not on this network")


class _Named(ssl.SSLContext):
    """A context that asks for the certificate of a name, although the connection goes to an address that was looked up."""

    name: str

    def wrap_socket(self, *arguments: Any, **named: Any) -> ssl.SSLSocket:  # noqa: ANN401 - the library's own
        """Return the socket, held to the broker's name."""
        return super().wrap_socket(*arguments, **{**named, "server_hostname": self.name})


def _context(broker: Broker) -> ssl.SSLContext:
    context = _Named(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.name = broker.host
    if broker.authority is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(broker.authority)
    return context

"""``python -m bench.live.viewers``: further viewers, who take what comes and show it to nobody.

    doorward URL CARD COUNT [KBIT_S]    readers of the household that watch live, a connection each, or as slowly as that
    mjpeg URL COUNT                     plain clients of the stream

They open and decode nothing: what they cost is the server's and the device's side. Each is at an address of its own, as in a
house: the door's server has a seat or two for an address. When all of them have got a picture, "watching" is printed.
"""

import asyncio
import itertools
import os
import socket
import sys
from pathlib import Path
from typing import Any

import aiohttp

from device.contract import commands, replies
from provisioning.card.card import read_card_file
from provisioning.reader.reader import DoorClient, ReaderKeys


class FromElsewhere(aiohttp.TCPConnector):
    """Each connection from another address of loopback."""

    _addresses = itertools.count(2)

    def __init__(self, **how: Any) -> None:  # noqa: ANN401 - what the client asks of any connector
        address = f"127.{os.getpid() % 250 + 1}.0.{next(self._addresses)}"
        super().__init__(local_addr=(address, 0), family=socket.AF_INET, **how)


SMALL_BYTES = 16_384
"""What a slow viewer's kernel takes in for it: with more, its slowness would come to the server late."""


async def watch(url: str, card: Path, count: int, kbit_s: float | None = None) -> None:
    """Watch a door with so many connections, until killed; slow ones take in ``kbit_s`` and come again when they are cut."""
    held, born_sha256 = read_card_file(card)
    keys = ReaderKeys(f"Viewers {os.getpid()}")
    async with DoorClient(url, keys, born_sha256) as joining:
        await joining.pair(held.admit_key())

    seen = _Seen(count)

    async def one() -> None:
        async with DoorClient(url, keys, born_sha256) as client:
            await client.ask(commands.Live(), replies.LiveBegan)
            await client._socket.receive()  # noqa: SLF001 - a client is no viewer
            seen.another()
            if kbit_s is not None:
                end = client._socket.get_extra_info("socket")  # noqa: SLF001 - a client is no viewer
                end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BYTES)
            while (message := await client._socket.receive()).type is not aiohttp.WSMsgType.CLOSED:  # noqa: SLF001 - a client is no viewer
                if kbit_s is not None:
                    await asyncio.sleep(len(message.data or b"") * 8 / 1000 / kbit_s)

    async def again() -> None:
        while True:
            await one()

    await asyncio.gather(*(one() if kbit_s is None else again() for _ in range(count)))


async def take(url: str, count: int) -> None:
    """Take a stream with so many connections, until killed."""
    seen = _Seen(count)

    async def one() -> None:
        timeout = aiohttp.ClientTimeout(total=None)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(f"{url}/stream") as response,
        ):
            await response.content.readany()
            seen.another()
            async for _ in response.content.iter_any():
                pass

    await asyncio.gather(*(one() for _ in range(count)))


class _Seen:
    """Counts who has got a picture, and says when everybody has."""

    def __init__(self, count: int) -> None:
        self._missing = count

    def another(self) -> None:
        self._missing -= 1
        if self._missing == 0:
            print("watching", flush=True)


if __name__ == "__main__":
    kind, url, *rest = sys.argv[1:]
    aiohttp.TCPConnector = FromElsewhere  # type: ignore[misc]
    if kind == "doorward":
        asyncio.run(watch(url, Path(rest[0]), int(rest[1]), *map(float, rest[2:])))
    else:
        asyncio.run(take(url, int(rest[0])))

"""``python -m bench.live.viewers``: further viewers, who take what comes and show it to nobody.

    doorward URL CARD COUNT     readers of the household that watch live, a connection each
    mjpeg URL COUNT             plain clients of the stream

They open and decode nothing: what they cost is the server's and the device's side.
"""

import asyncio
import sys
from pathlib import Path

import aiohttp

from device.contract import commands, replies
from provisioning.card.card import read_card_file
from provisioning.reader.reader import DoorClient, ReaderKeys


async def watch(url: str, card: Path, count: int) -> None:
    """Watch a door with so many connections, until killed."""
    held, born_sha256 = read_card_file(card)
    keys = ReaderKeys("Viewers")
    async with DoorClient(url, keys, born_sha256) as joining:
        await joining.pair(held.admit_key())

    async def one() -> None:
        async with DoorClient(url, keys, born_sha256) as client:
            await client.ask(commands.Live(), replies.LiveBegan)
            while (await client._socket.receive()).type is not aiohttp.WSMsgType.CLOSED:  # noqa: SLF001 - a client is no viewer
                pass

    await asyncio.gather(*(one() for _ in range(count)))


async def take(url: str, count: int) -> None:
    """Take a stream with so many connections, until killed."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:

        async def one() -> None:
            async with session.get(f"{url}/stream") as response:
                async for _ in response.content.iter_any():
                    pass

        await asyncio.gather(*(one() for _ in range(count)))


if __name__ == "__main__":
    kind, url, *rest = sys.argv[1:]
    asyncio.run(watch(url, Path(rest[0]), int(rest[1])) if kind == "doorward" else take(url, int(rest[0])))

"""``python -m server.homeassistant FILE``: say to the broker what comes on standard input, until it ends.

The server starts it. It has neither the link nor any certificate of ours, and the kernel bounds what it may hold.
"""

import asyncio
import logging
import resource
import sys
from pathlib import Path
from typing import Final

from server.errors import ServerError
from server.homeassistant.broker import Speaker
from server.homeassistant.settings import read_settings

MEMORY_BYTES: Final = 160 << 20
"""Of data: Python, TLS and a few packets take a fifth of it."""


async def _speak(path: Path) -> None:
    speaker = Speaker(read_settings(path))
    words = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(words), sys.stdin)
    speaking = asyncio.create_task(speaker.run())
    while not speaking.done() and (word := await words.read(1)):
        speaker.tell(word)
    speaking.cancel()
    await asyncio.gather(speaking, return_exceptions=True)


def main() -> int:
    """Return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        asyncio.run(_speak(Path(sys.argv[1])))
    except ServerError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - the command's own voice
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

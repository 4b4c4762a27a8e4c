"""Waiting for what happens, inside an event loop or outside; the limit is there to end a test that would wait for ever."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any

PATIENCE_S = 30.0
LOOK_EVERY_S = 0.01


async def eventually(look: Callable[[], Awaitable[Any] | Any], what: str) -> Any:
    """Return the first true value of ``look``, and fail with ``what`` if there never is one."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = look()
                if inspect.isawaitable(found):
                    found = await found
                if found:
                    return found
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        raise AssertionError(f"waited {PATIENCE_S:.0f} s in vain: {what}") from None


def wait_for(look: Callable[[], Any], what: str = "nothing came of it") -> Any:
    """Return the first true value of ``look``, outside an event loop, and fail with ``what`` if there never is one."""
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        if found := look():
            return found
        time.sleep(LOOK_EVERY_S)
    raise AssertionError(f"waited {PATIENCE_S:.0f} s in vain: {what}")

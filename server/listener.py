"""The running server: sockets, link and application, started together and stopped in order."""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from device.contract.client import LinkClient
from server.app import make_app
from server.config import BadSetting, Config, Listen, check_exposure
from server.connections import EACH, TOTAL, Connection
from server.errors import ServerError
from server.limits import Seats
from server.page import Asset
from server.systemd import passed_sockets
from server.tls import server_context

BACKLOG: Final = 64
HANDSHAKE_S: Final = 10.0
SHUTDOWN_S: Final = 3.0

logger = logging.getLogger(__name__)


class PortUnusable(ServerError, OSError):
    """Nothing can listen there."""


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that runs.

    Attributes:
        linking: the link's task, which ends only by a bug.
        ports: one for each listening socket.
    """

    linking: "asyncio.Task[None]"
    ports: list[int]


@asynccontextmanager
async def serving(
    config: Config, page: Mapping[str, Asset], environment: Mapping[str, str]
) -> AsyncIterator[Serving]:
    """Serve inside the ``with`` block.

    Args:
        config: whose door this is.
        page: by request path.
        environment: where systemd tells of the sockets that it passes.

    Raises:
        ServerError: certificates, port or arguments cannot be used; nothing listens.
    """
    tls = server_context(config.tls) if config.tls is not None else None
    link = LinkClient(config.link)
    async with AsyncExitStack() as stack:
        sockets = passed_sockets(environment, os.getpid())
        for each in sockets:
            stack.callback(each.close)
        if config.listen is not None:
            sockets.append(stack.enter_context(_bind(config.listen)))
        if not sockets:
            raise BadSetting("there is nothing to listen on", hint="give --listen HOST:PORT")
        for each in sockets:
            check_exposure(each.getsockname()[0], is_tls=tls is not None)
        linking = asyncio.create_task(link.run())
        stack.push_async_callback(_cancel, linking)
        runner = web.AppRunner(make_app(config, link, page), shutdown_timeout=SHUTDOWN_S)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        loop = asyncio.get_running_loop()
        seats = Seats(TOTAL, EACH)
        manager = runner.server
        if manager is None:
            raise RuntimeError("an application that was set up has a server")
        for each in sockets:
            server = await loop.create_server(
                lambda: Connection(manager, seats, is_tls=tls is not None, loop=loop),
                sock=each,
                backlog=BACKLOG,
                ssl=tls,
                ssl_handshake_timeout=HANDSHAKE_S if tls else None,
                ssl_shutdown_timeout=1.0 if tls else None,
            )
            stack.callback(server.close)
            logger.info("listening on=%s tls=%s", _where(each), "yes" if tls else "no")
        yield Serving(linking, [each.getsockname()[1] for each in sockets])


async def _cancel(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _bind(listen: Listen) -> socket.socket:
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((listen.host, listen.port))
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise PortUnusable(
            f"cannot listen on {listen.host} port {listen.port}: {error.strerror}",
            hint="another program may use it; choose another port with --listen",
        ) from error
    return listening


def _where(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

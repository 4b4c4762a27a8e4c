"""The running server: sockets, seats, link and application, started together and stopped in order."""

import asyncio
import logging
import os
import resource
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from device.contract.client import LinkClient
from server.app import NEIGHBOURS, make_app
from server.arrivals.accepting import Accepting
from server.arrivals.arrivals import SPARE, TOTAL, Arrivals, Tally, connections_within
from server.arrivals.connections import Connection
from server.certificates.tls import server_context
from server.config import BadSetting, Config, Listen, check_exposure
from server.errors import ServerError
from server.homeassistant.child import Child
from server.homeassistant.settings import read_settings
from server.routes.page import Asset
from server.systemd import passed_sockets

BACKLOG: Final = 64
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
        if config.mqtt is not None:
            read_settings(config.mqtt)  # said at the start, not by a process that ends again and again
            child = Child(config.mqtt)
            link.tell(child.rang, lambda is_there: child.door(is_there=is_there))
            stack.push_async_callback(_cancel, asyncio.create_task(child.run()))
        for each in sockets:
            check_exposure(each.getsockname()[0], is_tls=tls is not None)
        linking = asyncio.create_task(link.run())
        stack.push_async_callback(_cancel, linking)
        app = make_app(config, link, page)
        runner = web.AppRunner(app, shutdown_timeout=SHUTDOWN_S)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        loop = asyncio.get_running_loop()
        arrivals = Arrivals(connections_within(_descriptors()), tls is not None, app[NEIGHBOURS])
        tally = Tally(lambda counts: logger.info("connections refused %s", counts))
        manager = runner.server
        if manager is None:
            raise RuntimeError("an application that was set up has a server")
        for each in sockets:
            each.listen(BACKLOG)
            accepting = Accepting(
                each,
                arrivals,
                lambda leave: Connection(manager, leave, is_tls=tls is not None, loop=loop),
                tally,
                tls,
            )
            stack.callback(accepting.close)
            logger.info("listening on=%s tls=%s", _where(each), "yes" if tls else "no")
        yield Serving(linking, [each.getsockname()[1] for each in sockets])


def _descriptors() -> int:
    """Return how many descriptors this process may have, after asking for as many as it can use."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = TOTAL + SPARE
    if soft < wanted and (hard == resource.RLIM_INFINITY or hard > soft):
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft if soft != resource.RLIM_INFINITY else wanted


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

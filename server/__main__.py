"""``python -m server``: serve the page and relay, until told to stop.

Exit codes: 0 stopped in order, 1 the world was wrong (an ``error:`` and a ``hint:`` line say how), 2 wrong arguments.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
from pathlib import Path

from server.config import Config, parse_listen, parse_name
from server.errors import ServerError


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m server", description="The web side of doorward.")
    parser.add_argument("--link", type=Path, required=True, metavar="PATH", help="the device's unix socket")
    parser.add_argument("--listen", metavar="HOST:PORT", help="besides the sockets that systemd passes")
    parser.add_argument(
        "--tls", type=Path, metavar="DIR", help="leaf-NN.pem and leaf-NN.key; without it, loopback only"
    )
    parser.add_argument("--name", action="append", default=[], metavar="NAME", help="a DNS name of this door")
    parser.add_argument(
        "--mqtt", type=Path, metavar="FILE", help="tell the household's own broker of rings (docs/CONFIG.md)"
    )
    parser.add_argument("--verbose", action="store_true", help="log refused connections")
    parser.add_argument("--quiet", action="store_true", help="log warnings only")
    arguments = parser.parse_args()
    level = logging.WARNING if arguments.quiet else logging.DEBUG if arguments.verbose else logging.INFO
    logging.basicConfig(level=level, format="%(levelname)s %(name)s %(message)s")
    try:
        config = Config(
            arguments.link,
            parse_listen(arguments.listen) if arguments.listen else None,
            arguments.tls,
            frozenset(map(parse_name, arguments.name)),
            arguments.mqtt,
        )
        asyncio.run(_serve(config))
    except ServerError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - the command's own voice
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


async def _serve(config: Config) -> None:
    # Imported late: a wrong argument is told at once.
    from server.listener import serving
    from server.routes.page import load_page
    from server.systemd import notify, stay_alive

    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with serving(config, load_page(), os.environ) as running:
        notify(os.environ, "READY=1")
        living = asyncio.create_task(stay_alive(os.environ))
        stopping = asyncio.create_task(stopped.wait())
        await asyncio.wait({stopping, running.linking}, return_when=asyncio.FIRST_COMPLETED)
        living.cancel()
        notify(os.environ, "STOPPING=1")
        if running.linking.done():  # a bug: say it, and let systemd start anew
            running.linking.result()


if __name__ == "__main__":
    sys.exit(main())

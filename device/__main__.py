"""``python -m device``: run the camera side until it is told to stop.

Exit codes: 0 stopped in order, 1 the world was wrong (an ``error:`` and a ``hint:`` line say how), 2 wrong arguments.
"""

import argparse
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Final

import msgspec

from device.config import Config, check, load
from device.errors import DeviceError
from device.host.memory import keep_in_memory
from device.host.systemd import Systemd

_STOPPING: Final = (signal.SIGINT, signal.SIGTERM)


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m device", description="The camera side of doorward.")
    parser.add_argument("--config", type=Path, metavar="FILE", help="doorward.yaml; see docs/CONFIG.md")
    parser.add_argument("--state", metavar="DIR", help="instead of 'state' in the file")
    parser.add_argument(
        "--camera",
        metavar="SOURCE",
        help="instead of 'camera.source': scene, pi, pi:N, usb, usb:N, replay:FILE",
    )
    parser.add_argument("--socket", metavar="PATH", help="instead of 'link.socket'")
    parser.add_argument(
        "--verbose", action="store_true", help="log when clips begin and end, which is personal data"
    )
    parser.add_argument("--quiet", action="store_true", help="log warnings only")
    arguments = parser.parse_args()
    level = logging.WARNING if arguments.quiet else logging.DEBUG if arguments.verbose else logging.INFO
    logging.basicConfig(level=level, format="%(levelname)s %(name)s %(message)s")
    if doubt := keep_in_memory():
        logging.getLogger("device").info(doubt)
    try:
        _run(_overridden(load(arguments.config) if arguments.config else Config(), arguments))
    except DeviceError as error:
        _explain(str(error), error.hint)
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _explain(
            f"{where}{error.strerror or error}",
            "see that the state directory can be written and the disk is sound",
        )
        return 1
    return 0


def _run(config: Config) -> None:
    asked = False

    def stop(*_: object) -> None:
        nonlocal asked
        if not asked:  # an orderly stop takes a moment, and a second Ctrl-C must not cut it short
            asked = True
            app.stop()

    # Held back until there is something to stop: nobody should see it listen and have it die unseen.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    try:
        # Imported late: a wrong configuration is told at once, before picture libraries take their seconds and megabytes.
        from device.app import App

        app = App(config, Systemd(os.environ))
        for number in _STOPPING:
            signal.signal(number, stop)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPING)
    app.run()


def _overridden(config: Config, arguments: argparse.Namespace) -> Config:
    """Return the configuration with what the command line says, checked by the same rules."""
    tree = msgspec.to_builtins(config)
    if arguments.state is not None:
        tree["state"] = arguments.state
    if arguments.camera is not None:
        tree["camera"]["source"] = arguments.camera
    if arguments.socket is not None:
        tree["link"]["socket"] = arguments.socket
    return check(tree, "command line")


def _explain(message: str, hint: str) -> None:
    print(f"error: {message}", file=sys.stderr)  # noqa: T201 - the command's own voice
    if hint:
        print(f"hint: {hint}", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Python's own end would take the handlers away first, and a second Ctrl-C would kill after all.
    os._exit(code)

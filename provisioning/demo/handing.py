"""Sockets that are ours before anything starts, and how the server comes by them: as from systemd.

The card's code stands behind the link's ``#``, where whatever program answers can read it. To ``localhost`` a browser asks ::1 as
well as 127.0.0.1, and to a name on the LAN every address that is announced. So both families are taken, and listened on, before
the device starts; from then on no other program can be met there, another demo neither.

``python -m provisioning.demo.handing NUMBERS COMMAND …`` becomes the command, with these descriptors from 3 upwards. The
variable that says whose they are holds a process number, so only the process itself can set it.

Source: sd_listen_fds(3); socket(7), SO_REUSEADDR: a port that is listened on is not given again.
"""

import errno
import fcntl
import os
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from provisioning.errors import ProvisioningError

LOOPBACK: Final = ("127.0.0.1", "::1")
EVERYWHERE: Final = ("0.0.0.0", "::")  # noqa: S104 - over TLS, where --lan asks for it
BACKLOG: Final = 64
_FIRST: Final = 3
_NO_SUCH_FAMILY: Final = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
"""This computer has no IPv6: nobody can answer there, whoever it is."""


class PortUnusable(ProvisioningError, OSError):
    """Another program has the port, or it may not be had."""


@contextmanager
def taken(hosts: Sequence[str], port: int) -> Iterator[list[socket.socket]]:
    """Yield listening sockets on a TCP port of each host, IPv4 first; on all of them, or on none.

    Raises:
        PortUnusable: one of them is another program's.
    """
    with ExitStack() as stack:
        sockets: list[socket.socket] = []
        for host in hosts:
            try:
                each = stack.enter_context(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET))
                each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if each.family == socket.AF_INET6:
                    each.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                each.bind((host, port))
                each.listen(BACKLOG)
            except OSError as error:
                if sockets and error.errno in _NO_SUCH_FAMILY:
                    continue
                raise _unusable(host, port, error) from error
            sockets.append(each)
        yield sockets


def handed(sockets: Sequence[socket.socket], command: Sequence[str]) -> list[str]:
    """Return the command line by which a child takes ``sockets``, which it has to inherit."""
    numbers = ",".join(str(each.fileno()) for each in sockets)
    return [sys.executable, "-m", "provisioning.demo.handing", numbers, *command]


def _unusable(host: str, port: int, error: OSError) -> PortUnusable:
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if error.errno == errno.EADDRINUSE:
        said = f"port {port} is in use: another program, or another door, listens on {where}"
    else:
        said = f"port {port} cannot be used on {where}: {error.strerror}"
    return PortUnusable(said, hint="choose another one with --port")


def main() -> None:
    """Become the command."""
    numbers, command = [int(number) for number in sys.argv[1].split(",")], sys.argv[2:]
    # First out of the way, or one would be written over before it is moved.
    high = [fcntl.fcntl(number, fcntl.F_DUPFD, _FIRST + len(numbers)) for number in numbers]
    for place, number in enumerate(high, _FIRST):
        os.dup2(number, place)
        os.close(number)
    os.environ["LISTEN_PID"], os.environ["LISTEN_FDS"] = str(os.getpid()), str(len(numbers))
    os.execv(command[0], command)  # noqa: S606 - our own interpreter and module


if __name__ == "__main__":
    main()

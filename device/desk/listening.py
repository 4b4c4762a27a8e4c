"""The link's socket file, made where it shall be; what a killed device left there is cleared away.

Source: unix(7).
"""

import errno
import os
import socket
from pathlib import Path

from device.errors import DeviceError


class LinkBusy(DeviceError, OSError):
    """The socket path cannot be used."""


def listen(path: Path, backlog: int) -> socket.socket:
    """Return a socket that listens on ``path``; a stale file of an earlier run is replaced.

    Raises:
        LinkBusy: another process listens there, or the path cannot be used.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.setblocking(False)
    try:
        _make_way(path)
        listener.bind(os.fspath(path))
        path.chmod(0o660)
        listener.listen(backlog)
    except OSError as error:
        listener.close()
        raise LinkBusy(
            f"cannot listen on {path}: {error.strerror or error}",
            hint="the directory must exist and be writable, and the path shorter than 108 bytes",
        ) from error
    return listener


def _make_way(path: Path) -> None:
    """Remove the socket file that a killed device left; a listening one, and any file that is no socket, is in the way.

    Raises:
        OSError: another device listens.
    """
    if not path.is_socket():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as probe:
        probe.setblocking(False)
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
        else:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))

"""What the server is told: where the device is, where to listen, under which names.

There is nothing else to set. Who may speak is decided by ``lan``, not by configuration.
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from server.arrivals.lan import House, address
from server.errors import ServerError

_NAME: Final = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.ASCII
)


class BadSetting(ServerError, ValueError):
    """An argument that cannot be used; the sentence says which."""


@dataclass(frozen=True, slots=True)
class Listen:
    """An address and a port to listen on.

    Attributes:
        host: an IP address.
        port: 0 to 65535; 0 lets the kernel choose.
    """

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Config:
    """All of it, checked.

    Attributes:
        link: the device's unix socket.
        listen: None if systemd passes the sockets.
        tls: directory of ``leaf-NN.pem`` and ``leaf-NN.key``; None for plain HTTP on loopback.
        names: DNS names of this door.
        mqtt: settings of the household's own broker; None if there is none to be told.
    """

    link: Path
    listen: Listen | None = None
    tls: Path | None = None
    names: frozenset[str] = frozenset()
    mqtt: Path | None = None

    @property
    def house(self) -> House:
        """What counts as ours."""
        return House(self.names, self.tls is not None)


def parse_listen(text: str) -> Listen:
    """Return ``HOST:PORT``; HOST is an IP address (IPv6 in brackets) or ``localhost``.

    Raises:
        BadSetting: it is not.
    """
    host, _, port = text.rpartition(":")
    host = "127.0.0.1" if host == "localhost" else host
    literal = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        parsed = ip_address(literal)
    except ValueError as error:
        raise _bad_listen(text) from error
    if (
        (parsed.version == 6) != (literal != host)
        or not re.fullmatch("[0-9]{1,5}", port)
        or int(port) > 65535
    ):
        raise _bad_listen(text)
    return Listen(literal, int(port))


def parse_name(text: str) -> str:
    """Return a DNS name in lower case, without a trailing dot.

    Raises:
        BadSetting: it is not one.
    """
    name = text.lower().removesuffix(".")
    if _NAME.fullmatch(name) is None or name.rpartition(".")[2].isdigit():
        raise BadSetting(f"--name {text!r} is not a DNS name", hint="like doorward.local")
    return name


def check_exposure(host: str, *, is_tls: bool) -> None:
    """Check that plain HTTP stays on this computer.

    Raises:
        BadSetting: it would not.
    """
    parsed = address(host)
    if not is_tls and (parsed is None or not parsed.is_loopback):
        raise BadSetting(
            f"plain HTTP on {host} would let the network read and change the page",
            hint="give --tls DIR, or listen on 127.0.0.1",
        )


def _bad_listen(text: str) -> BadSetting:
    return BadSetting(
        f"--listen {text!r} is not an address and a port", hint="like 127.0.0.1:8080, 0.0.0.0:443 or [::]:443"
    )

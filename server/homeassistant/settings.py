"""Which broker, and as whom: a small TOML file that only its owner reads, since a password may be in it.

    broker = "homeassistant.local"     a name or an address on this network
    port = 8883                        1883 without TLS
    tls = true                         by default; false sends name and password in the clear
    authority = "/etc/…/ca.pem"        who vouches for the broker; the computer's own list without it
    username = "doorward"
    password = "…"
    topic = "doorward"                 the first word of ours, letters, digits, - and _

Source: docs/CONFIG.md, "Home Assistant".
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from server.errors import ServerError

MAX_BYTES: Final = 65_536
_TOPIC: Final = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)


class MqttUnusable(ServerError, ValueError):
    """The settings cannot be used; the sentence says which."""


@dataclass(frozen=True, slots=True)
class Broker:
    """All of it, checked.

    Attributes:
        host: a name or an address.
        port: 1 to 65535.
        tls: whether the broker has to show a certificate, and nothing is said in the clear.
        authority: certificates in PEM that vouch for it; None for the computer's own.
        username: None if the broker asks for none.
        password: the same.
        topic: the first word of our topics.
    """

    host: str
    port: int = 8883
    tls: bool = True
    authority: Path | None = None
    username: str | None = None
    password: str | None = None
    topic: str = "doorward"

    def __repr__(self) -> str:
        """Return which broker, and nothing that opens it."""
        return f"Broker({self.host!r}, {self.port})"


_KINDS: Final[dict[str, type]] = {
    "broker": str,
    "port": int,
    "tls": bool,
    "authority": str,
    "username": str,
    "password": str,
    "topic": str,
}


def read_settings(path: Path) -> Broker:
    """Return what a settings file says.

    Raises:
        MqttUnusable: it cannot be read, others may read it, or something in it makes no sense.
    """
    try:
        with path.open("rb") as file:
            rights = path.stat().st_mode
            text = file.read(MAX_BYTES + 1)
        found: dict[str, Any] = tomllib.loads(text.decode())
    except OSError as error:
        raise MqttUnusable(
            f"{path} cannot be read: {error.strerror}", hint="name the file with the broker's settings"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MqttUnusable(
            f"{path} is no TOML: {error}", hint='write lines like broker = "homeassistant.local"'
        ) from error
    if "password" in found and rights & 0o077:
        raise MqttUnusable(
            f"others may read {path}, and a password is in it",
            hint=f"chmod 600 {path}, and change the password",
        )
    return _checked(path, found)


def _checked(path: Path, found: dict[str, Any]) -> Broker:
    for name, value in found.items():
        kind = _KINDS.get(name)
        if kind is None:
            raise MqttUnusable(f"{path}: {name} is no setting", hint=f"there are {', '.join(_KINDS)}")
        if type(value) is not kind:
            raise MqttUnusable(f"{path}: {name} is not of the right kind", hint=f"it is a {kind.__name__}")
    broker = {"host" if name == "broker" else name: value for name, value in found.items()}
    if not broker.get("host"):
        raise MqttUnusable(f"{path} names no broker", hint='write broker = "homeassistant.local"')
    if not 0 < broker.get("port", 1) < 65_536:
        raise MqttUnusable(f"{path}: port {broker['port']} is none", hint="8883 with TLS, 1883 without")
    if _TOPIC.fullmatch(broker.get("topic", "doorward")) is None:
        raise MqttUnusable(f"{path}: topic {broker['topic']!r}", hint="letters, digits, - and _, at most 32")
    if "authority" in broker:
        broker["authority"] = Path(broker["authority"])
    broker.setdefault("port", 8883 if broker.get("tls", True) else 1883)
    return Broker(**broker)

"""Who may speak at all: a pure decision over the peer's address, Host, Origin, Fetch Metadata and method.

Rules, in this order; the first that fails refuses:

1. The peer is loopback, link-local or private (RFC 1918, unique local). Nobody routed from the internet.
2. ``Host`` names us: a configured name, the very address that the connection came in on, or ``localhost`` on loopback; with the
   port it came in on. A rebound DNS name (``evil.example`` → 192.168.1.7) makes a browser send *its* name, so it ends here.
3. ``Origin``, when sent, is ours. It says which page runs the script.
4. ``Sec-Fetch-Site``, when sent, is ``same-origin``; or ``none`` for a top-level navigation to the page itself, which is what
   a typed address, a bookmark, the home screen or a scanned QR code give. A *link* on any other page is ``cross-site`` and is
   refused as well: no page elsewhere has a reason to open the door's, and one that does may choose the URL, the
   moment and the fragment (a card code of its own making). The price is that a link in web mail must be copied.
5. GET or HEAD, without a body.

A header that is missing is no offence: the CLI sends none, browsers before 2023 lack Fetch Metadata, and a request that carries
no cookie and no signature can do nothing that its sender could not do directly. Rule 2 has no such exception.

Source: docs/DESIGN.md §5; W3C Fetch Metadata; RFC 6890; RFC 9110 §7.2.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from server.errors import Refused

Address = IPv4Address | IPv6Address

# Spelled out: ipaddress.is_private also holds documentation, benchmark and reserved ranges, and changes with Python.
_LAN4: Final = tuple(
    IPv4Network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")
)
_LAN6: Final = tuple(IPv6Network(network) for network in ("fe80::/10", "fc00::/7", "::1/128"))
_AUTHORITY: Final = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?", re.ASCII)


class Place(Enum):
    """What a route is, as far as these rules care."""

    PAGE = auto()
    ASSET = auto()
    DOOR = auto()
    SEALED = auto()


@dataclass(frozen=True, slots=True)
class House:
    """What is ours.

    Attributes:
        names: DNS names, lower case, without a trailing dot.
        is_tls: whether all listening is TLS.
    """

    names: frozenset[str]
    is_tls: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """The facts of one request. Header values are given as often as they were sent."""

    place: Place
    peer: str
    local: str
    local_port: int
    target: str
    method: str
    has_body: bool
    host: Sequence[str]
    origin: Sequence[str] = ()
    site: Sequence[str] = ()
    mode: Sequence[str] = ()
    dest: Sequence[str] = ()


def address(text: str) -> Address | None:
    """Return the address a socket reports, IPv4-mapped ones as IPv4 and without a zone; None if it is none."""
    try:
        parsed = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def is_lan(peer: str) -> bool:
    """Tell whether a peer's address is loopback, link-local or private."""
    match address(peer):
        case IPv4Address() as four:
            return any(four in network for network in _LAN4)
        case IPv6Address() as six:
            return any(six in network for network in _LAN6)
        case _:
            return False


def refusal(asked: Asked, house: House) -> Refused | None:
    """Return why a request is refused, or None."""
    if not is_lan(asked.peer):
        return Refused(403, "not_lan", "This door answers inside its own network only.")
    # An absolute target ("GET http://evil/") would name another host than Host does.
    if not asked.target.startswith("/") or not _is_ours(asked, house):
        return Refused(
            421, "foreign_host", "No door has this name here. Open the address that the door was set up with."
        )
    if any(not _is_same(asked, origin, house) for origin in asked.origin) or len(asked.origin) > 1:
        return Refused(403, "foreign_origin", "Another site's page may not speak to this door.")
    if asked.site and not _is_wanted(asked):
        return Refused(
            403,
            "cross_site",
            "Another page sent you here. Type this address yourself, or use a bookmark or the QR code.",
        )
    methods = ("GET",) if asked.place is Place.DOOR else ("GET", "HEAD")
    if asked.method not in methods:
        return Refused(405, "bad_method", "There is nothing to change here.", {"Allow": ", ".join(methods)})
    if asked.has_body:
        return Refused(400, "body", "A request to this door carries no body.", {"Connection": "close"})
    return None


def _authority(text: str, is_tls: bool) -> tuple[str, int] | None:
    """Return host (lower case; an address in its one form) and port of ``host[:port]``."""
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        return None
    host, port = match[1].lower(), int(match[2] or (443 if is_tls else 80))
    literal = address(host.strip("[]"))
    return (str(literal) if literal else host), port


def _is_ours(asked: Asked, house: House) -> bool:
    if len(asked.host) != 1:
        return False
    authority = _authority(asked.host[0], house.is_tls)
    local = address(asked.local)
    if authority is None or local is None or authority[1] != asked.local_port:
        return False
    # On loopback the local address is 127.0.0.1 or ::1; "localhost" is resolved by the browser itself, never by DNS.
    return authority[0] in house.names | {str(local)} | ({"localhost"} if local.is_loopback else set())


def _is_same(asked: Asked, origin: str, house: House) -> bool:
    scheme = "https://" if house.is_tls else "http://"
    if not origin.startswith(scheme):
        return False
    theirs = _authority(origin.removeprefix(scheme), house.is_tls)
    return theirs is not None and theirs == _authority(asked.host[0], house.is_tls)


def _is_wanted(asked: Asked) -> bool:
    match list(asked.site):
        case ["same-origin"]:
            return True
        case ["none"]:
            navigates = list(asked.mode) == ["navigate"] and list(asked.dest) in ([], ["document"])
            return asked.place is Place.PAGE and navigates
        case _:
            return False

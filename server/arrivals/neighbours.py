"""Who is who among addresses: one guest behind many of them, and those at which the household was heard.

    party       whom a share is counted for: an IPv4 address; with IPv6 its /64, for whoever has one address there has 2^64
    known       an address to which the device lately signed an answer: a reader is there, since strangers get none

Link-local addresses are one /64 like any other. A household's phones share their prefix with the guest; so a /64 has a larger
share than an address, and a known address has one of its own, whatever its prefix does. A guest who takes the address of a
phone that is away has that phone's share and no more. Nothing of this is written anywhere.

Source: RFC 4291 §2.5.1, §2.5.6; RFC 8981 (a phone's addresses change by the day).
"""

from dataclasses import dataclass, field
from ipaddress import IPv6Address
from typing import Final

from server.arrivals.lan import address

MOST_KNOWN: Final = 64
_HOST_BITS: Final = 64


def one(peer: str) -> str:
    """Return an address in its one form: an IPv4-mapped one as IPv4, without a zone."""
    return str(address(peer) or peer)


def party(peer: str) -> str:
    """Return whom an address is counted for."""
    match address(peer):
        case IPv6Address() as six if not six.is_loopback:
            return f"{IPv6Address(int(six) >> _HOST_BITS << _HOST_BITS)}/64"
        case other:
            return str(other or peer)


@dataclass
class Neighbours:
    """The addresses at which a reader was heard last; the longest silent one is forgotten first."""

    _known: dict[str, None] = field(default_factory=dict)

    def heard(self, peer: str) -> None:
        """Remember that the device signed an answer to this address."""
        peer = one(peer)
        self._known.pop(peer, None)
        self._known[peer] = None
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]

    def knows(self, peer: str) -> bool:
        """Tell whether a reader was heard at this address."""
        return one(peer) in self._known

    def payer(self, peer: str) -> str:
        """Return who pays for what an address does: itself where it is known, else its party."""
        return one(peer) if self.knows(peer) else party(peer)

"""Who gets a connection: decided at ``accept``, of the address alone, before a byte of TLS is spoken. Pure.

    Away      not of this network
    Crowded   all seats of this address, its party, of strangers, or all there are, are taken
    Hasty     more handshakes from there than anybody needs

A seat is held until the connection's descriptor is closed, whether its handshake ended well, badly or never. So a guest holds as
many descriptors, handshakes and buffers as it has seats, and a flood of connections costs an ``accept`` and a ``close`` each.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from server.arrivals.lan import is_lan
from server.arrivals.limits import Rates, Seat, Seats
from server.arrivals.neighbours import Neighbours
from server.errors import ServerError

TOTAL: Final = 192
EACH: Final = (
    48  # eight WebSockets, four recordings, and a browser's six connections for the page, for a few tabs
)
STRANGER: Final = 24
PARTY: Final = 2 * EACH
RESERVE: Final = 64
HANDSHAKES_PER_S: Final = 10.0
HANDSHAKE_BURST: Final = 60.0
KNOWN_TIMES: Final = 4  # as often where a reader was heard: several browsers, and each may open all anew

SPARE: Final = 64
"""Descriptors that are no connection's: the link, sealed files under way (16), listening sockets, the loop, what Python opens."""
LEAST: Final = 16
TELL_EACH_S: Final = 60.0


class TooFewDescriptors(ServerError, OSError):
    """The system lets this process open too little to serve anybody."""


class Refusal(Enum):
    """Why a connection is closed at once."""

    AWAY = "away"
    CROWDED = "crowded"
    HASTY = "hasty"


def connections_within(descriptors: int) -> int:
    """Return how many connections fit, with a reserve, into so many descriptors.

    Raises:
        TooFewDescriptors: hardly any.
    """
    if descriptors - SPARE < LEAST:
        raise TooFewDescriptors(
            f"this process may open {descriptors} files, and needs {SPARE + LEAST} at least",
            hint="raise LimitNOFILE of the unit, or ulimit -n",
        )
    return min(TOTAL, descriptors - SPARE)


@dataclass
class Arrivals:
    """Decides over each connection.

    Attributes:
        total: connections at a time.
        is_tls: handshakes cost something, and are counted.
        neighbours: tell who is known.
    """

    total: int
    is_tls: bool
    neighbours: Neighbours
    _seats: Seats = field(init=False)
    _rates: Rates = field(init=False)
    _known_rates: Rates = field(init=False)

    def __post_init__(self) -> None:
        each, reserve = min(EACH, self.total // 3), self.total * RESERVE // TOTAL
        self._seats = Seats(
            self.total, each, min(STRANGER, each), min(PARTY, self.total // 2), reserve, self.neighbours
        )
        self._rates = Rates(HANDSHAKES_PER_S, HANDSHAKE_BURST, self.neighbours)
        self._known_rates = Rates(
            KNOWN_TIMES * HANDSHAKES_PER_S, KNOWN_TIMES * HANDSHAKE_BURST, self.neighbours
        )

    def arrive(self, peer: str, now_s: float) -> Seat | Refusal:
        """Return the seat of a connection, or why it has none."""
        if not is_lan(peer):
            return Refusal.AWAY
        rates = self._known_rates if self.neighbours.knows(peer) else self._rates
        if self.is_tls and not rates.of(peer, now_s).try_take(now_s):
            return Refusal.HASTY
        return self._seats.take(peer) or Refusal.CROWDED

    def leave(self, seat: Seat) -> None:
        """Give a seat back."""
        self._seats.leave(seat)


@dataclass
class Tally:
    """Counts what happens often, and tells of it once a minute at most: a flood must not fill the journal.

    Attributes:
        tell: given how often what happened since the last time, without addresses.
    """

    tell: Callable[[str], None]
    _counts: Counter[str] = field(default_factory=Counter)
    _told_s: float | None = None

    def count(self, what: str, now_s: float) -> None:
        """Count one."""
        self._counts[what] += 1
        if self._told_s is None or now_s - self._told_s >= TELL_EACH_S:
            self.tell(" ".join(f"{name}={count}" for name, count in sorted(self._counts.items())))
            self._counts.clear()
            self._told_s = now_s

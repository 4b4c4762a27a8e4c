"""How much one peer may have and do at a time. Pure: the caller tells the time.

A peer is an address, a party all that one guest can be at once (``neighbours``). Who takes many parties, as one can on IPv4 by
answering for many addresses, meets the share of all strangers: what is kept in reserve is for addresses at which a reader of
the household was heard. A phone that nobody has heard of waits as long as that guest stays.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from server.arrivals.neighbours import Neighbours, one, party
from server.errors import Refused


@dataclass
class TokenBucket:
    """A rate with a burst.

    Attributes:
        rate_per_s: tokens that come back each second.
        burst: tokens at most, and at the start.
    """

    rate_per_s: float
    burst: float
    _level: float = field(init=False)
    _at_s: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._level = self.burst

    def take(self, now_s: float) -> float:
        """Take one token, on credit if there is none; return how many seconds to wait before using it."""
        self._refill(now_s)
        self._level -= 1
        return max(0.0, -self._level / self.rate_per_s)

    def try_take(self, now_s: float) -> bool:
        """Take one token if there is one."""
        self._refill(now_s)
        if self._level < 1:
            return False
        self._level -= 1
        return True

    def is_full(self, now_s: float) -> bool:
        """Tell whether it remembers nothing, so that a new one would be the same."""
        self._refill(now_s)
        return self._level >= self.burst

    def _refill(self, now_s: float) -> None:
        elapsed_s = 0.0 if self._at_s is None else max(0.0, now_s - self._at_s)
        self._level = min(self.burst, self._level + elapsed_s * self.rate_per_s)
        self._at_s = now_s


@dataclass
class Rates:
    """One bucket for each that pays; those that are full again are forgotten."""

    rate_per_s: float
    burst: float
    neighbours: Neighbours
    _buckets: dict[str, TokenBucket] = field(default_factory=dict)
    _tidy_at: int = 64

    def of(self, peer: str, now_s: float) -> TokenBucket:
        """Return the bucket that a peer takes from."""
        peer = self.neighbours.payer(peer)
        if peer not in self._buckets and len(self._buckets) >= self._tidy_at:
            self._buckets = {key: kept for key, kept in self._buckets.items() if not kept.is_full(now_s)}
            self._tidy_at = max(64, 2 * len(self._buckets))
        return self._buckets.setdefault(peer, TokenBucket(self.rate_per_s, self.burst))


@dataclass(frozen=True, slots=True)
class Seat:
    """One that was taken; whoever took it gives it back."""

    payers: tuple[str, ...]
    stranger: bool


@dataclass
class Seats:
    """How many there may be: together, for each address, for each party, and for all strangers together.

    Attributes:
        total: together.
        each: for an address at which a reader was heard.
        stranger: for any other address.
        party: for all unknown addresses of one party.
        reserve: how many of the total no stranger gets.
        neighbours: tell who is known.
    """

    total: int
    each: int
    stranger: int
    party: int
    reserve: int
    neighbours: Neighbours
    _taken: Counter[str] = field(default_factory=Counter)
    _all: int = 0
    _strangers: int = 0

    def take(self, peer: str) -> Seat | None:
        """Take a seat if one is free."""
        stranger = not self.neighbours.knows(peer)
        shares = {one(peer): self.stranger if stranger else self.each}
        if stranger:
            shares.setdefault(party(peer), self.party)
        if self._all >= self.total or (stranger and self._strangers >= self.total - self.reserve):
            return None
        if any(self._taken[payer] >= share for payer, share in shares.items()):
            return None
        self._taken.update(shares.keys())
        self._all += 1
        self._strangers += stranger
        return Seat(tuple(shares), stranger)

    def leave(self, seat: Seat) -> None:
        """Give a seat back."""
        for payer in seat.payers:
            self._taken[payer] -= 1
            if self._taken[payer] <= 0:
                del self._taken[payer]
        self._all -= 1
        self._strangers -= seat.stranger

    @contextmanager
    def seat(self, peer: str, refusal: Callable[[], Refused]) -> Iterator[None]:
        """Hold a seat.

        Raises:
            Refused: none is free.
        """
        seat = self.take(peer)
        if seat is None:
            raise refusal()
        try:
            yield
        finally:
            self.leave(seat)

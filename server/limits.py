"""How much one peer may have and do at a time. Pure: the caller tells the time.

A peer is an address, not a network: in a house all phones share one IPv6 prefix. Somebody who takes many addresses
meets the totals, and then everybody waits: a guest can always be a nuisance, never more.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

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
    """One bucket for each peer; those that are full again are forgotten."""

    rate_per_s: float
    burst: float
    _buckets: dict[str, TokenBucket] = field(default_factory=dict)
    _tidy_at: int = 64

    def of(self, peer: str, now_s: float) -> TokenBucket:
        """Return the bucket of a peer."""
        if peer not in self._buckets and len(self._buckets) >= self._tidy_at:
            self._buckets = {key: kept for key, kept in self._buckets.items() if not kept.is_full(now_s)}
            self._tidy_at = max(64, 2 * len(self._buckets))
        return self._buckets.setdefault(peer, TokenBucket(self.rate_per_s, self.burst))


@dataclass
class Seats:
    """How many there may be, together and for each peer."""

    total: int
    each: int
    _taken: Counter[str] = field(default_factory=Counter)

    def take(self, peer: str) -> bool:
        """Take a seat if one is free."""
        if self._taken.total() >= self.total or self._taken[peer] >= self.each:
            return False
        self._taken[peer] += 1
        return True

    def leave(self, peer: str) -> None:
        """Give a seat back."""
        self._taken[peer] -= 1
        if self._taken[peer] <= 0:
            del self._taken[peer]

    @contextmanager
    def seat(self, peer: str, refusal: Callable[[], Refused]) -> Iterator[None]:
        """Hold a seat.

        Raises:
            Refused: none is free.
        """
        if not self.take(peer):
            raise refusal()
        try:
            yield
        finally:
            self.leave(peer)

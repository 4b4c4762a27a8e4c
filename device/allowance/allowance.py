"""How much readers may have the door write: each of them in a day, and all of them together.

    a reader        1 MiB     some sixteen hundred looks
    the card        2 MiB     letting in some thirty times, and taking out again
    a new card    128 KiB     apart, so that whoever has spent the card's day has not spent this
    all together    4 MiB     readers, whatever their number; the card's word does not wait for them

What is spent comes back with time, a day's share in a day. A page that somebody changed, or a phone that was lost, so fills no
disk, and takes nothing from the others. What the recorder writes is not counted, nor are removals and objections: each of them
undoes something that was.

Pure: monotonic microseconds in, answers out.
"""

from dataclasses import dataclass
from typing import Final

DAY_US: Final = 86_400_000_000
READER_BYTES: Final = 1 << 20
CARD_BYTES: Final = 2 << 20
NEW_CARD_BYTES: Final = 1 << 17
TOGETHER_BYTES: Final = 4 << 20
CARD: Final = b"the card"
NEW_CARD: Final = b"a new card"
TOGETHER: Final = b"all together"
_CARDS: Final = {CARD: CARD_BYTES, NEW_CARD: NEW_CARD_BYTES}


@dataclass(slots=True)
class _Share:
    """What is left of a day's share.

    Attributes:
        whole_bytes: what a day gives.
        left_bytes: what was left at ``at_us``.
        at_us: monotonic time.
        told: that it was spent has been told, and it has not come back since.
    """

    whole_bytes: int
    left_bytes: float
    at_us: int
    told: bool = False

    def come_back(self, now_us: int) -> None:
        past_us = max(0, now_us - self.at_us)
        self.left_bytes = min(self.whole_bytes, self.left_bytes + self.whole_bytes * past_us / DAY_US)
        self.at_us = now_us
        if self.left_bytes > self.whole_bytes / 2:
            self.told = False


class Allowance:
    """The shares of one household."""

    def __init__(self, now_us: int, together_bytes: int = TOGETHER_BYTES) -> None:
        """Begin with whole shares; ``together_bytes`` is what all of them have left."""
        self._shares = {TOGETHER: _Share(TOGETHER_BYTES, min(together_bytes, TOGETHER_BYTES), now_us)}

    @property
    def together_bytes(self) -> int:
        """What all readers together have left."""
        return int(self._shares[TOGETHER].left_bytes)

    def take(self, account: bytes, cost_bytes: int, now_us: int) -> bytes | None:
        """Take ``cost_bytes`` from a share and from that of all; return whose is spent if it is not there, and take nothing.

        Args:
            account: sign key of a reader, or ``CARD`` or ``NEW_CARD``.
            cost_bytes: what is about to be written.
            now_us: monotonic time.
        """
        own, together = self._share(account, now_us), self._share(TOGETHER, now_us)
        if own.left_bytes < cost_bytes:
            return account
        if account in _CARDS:
            own.left_bytes -= cost_bytes
            return None
        if together.left_bytes < cost_bytes:
            return TOGETHER
        own.left_bytes -= cost_bytes
        together.left_bytes -= cost_bytes
        return None

    def give_back(self, account: bytes, cost_bytes: int, now_us: int) -> None:
        """Undo ``take``: nothing was written."""
        for key in (account,) if account in _CARDS else (account, TOGETHER):
            share = self._share(key, now_us)
            share.left_bytes = min(share.whole_bytes, share.left_bytes + cost_bytes)

    def is_news(self, account: bytes) -> bool:
        """Return, once until half of a share has come back, that it is worth a line that it was spent."""
        share = self._shares[account]
        news, share.told = not share.told, True
        return news

    def forget(self, reader: bytes) -> None:
        """Forget a reader who was removed; its key never comes back."""
        self._shares.pop(reader, None)

    def _share(self, account: bytes, now_us: int) -> _Share:
        if account not in self._shares:
            whole_bytes = _CARDS.get(account, READER_BYTES)
            self._shares[account] = _Share(whole_bytes, whole_bytes, now_us)
        share = self._shares[account]
        share.come_back(now_us)
        return share

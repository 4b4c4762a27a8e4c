"""Tickets: a long random name for one clip, for ten minutes, as long as its WebSocket lives.

The server redeems a ticket for a descriptor of ciphertext. It learns nothing that it could not see pass by anyway, and
can ask for no clip that no reader asked for.
"""

import secrets
from dataclasses import dataclass
from typing import Final

from device.contract.messages import TICKET_S

MAX_TICKETS: Final = 256  # four for each of 64 channels; the oldest gives way


@dataclass(frozen=True, slots=True)
class Channel:
    """One WebSocket: which link connection brought it, and its number there."""

    connection: int
    number: int


@dataclass(frozen=True, slots=True)
class _Grant:
    clip: int
    channel: Channel
    until_us: int


class Tickets:
    """Tickets in force, in the order in which they were made."""

    def __init__(self) -> None:
        self._grants: dict[str, _Grant] = {}

    def issue(self, clip: int, channel: Channel, now_us: int) -> str:
        """Return a new ticket of 43 base64url characters (256 random bits)."""
        if len(self._grants) >= MAX_TICKETS:
            del self._grants[next(iter(self._grants))]
        ticket = secrets.token_urlsafe(32)
        self._grants[ticket] = _Grant(clip, channel, now_us + TICKET_S * 1_000_000)
        return ticket

    def clip(self, ticket: str, connection: int, now_us: int) -> int | None:
        """Return the clip that a ticket stands for, or None if it is none that this connection may redeem now."""
        grant = self._grants.get(ticket)
        if grant is None or grant.channel.connection != connection:
            return None
        return grant.clip if now_us <= grant.until_us else None

    def forget(self, channel: Channel) -> None:
        """Drop the tickets of a channel that closed."""
        self._grants = {ticket: grant for ticket, grant in self._grants.items() if grant.channel != channel}

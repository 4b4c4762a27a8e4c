"""Tickets: a long random name for one clip, for ten minutes, as long as its WebSocket lives.

The server redeems a ticket for a descriptor of ciphertext. It learns nothing that it could not see pass by anyway, and
can ask for no clip that no reader asked for.
"""

import secrets
from dataclasses import dataclass
from typing import Final

from device.contract.replies import TICKET_S

MAX_TICKETS: Final = 256  # four for each of 64 channels; the oldest gives way


@dataclass(frozen=True, slots=True)
class Channel:
    """One WebSocket: which link connection brought it, and its number there."""

    connection: int
    number: int


@dataclass(frozen=True, slots=True)
class _Issued:
    clip: int
    channel: Channel
    reader: bytes
    until_us: int


class Tickets:
    """Tickets in force, in the order in which they were made."""

    def __init__(self) -> None:
        self._issued: dict[str, _Issued] = {}

    def issue(self, clip: int, channel: Channel, reader: bytes, now_us: int) -> str:
        """Return a new ticket of 43 base64url characters (256 random bits)."""
        if len(self._issued) >= MAX_TICKETS:
            del self._issued[next(iter(self._issued))]
        ticket = secrets.token_urlsafe(32)
        self._issued[ticket] = _Issued(clip, channel, reader, now_us + TICKET_S * 1_000_000)
        return ticket

    def clip(self, ticket: str, connection: int, now_us: int) -> int | None:
        """Return the clip that a ticket stands for, or None if it is none that this connection may redeem now."""
        issued = self._issued.get(ticket)
        if issued is None or issued.channel.connection != connection:
            return None
        return issued.clip if now_us <= issued.until_us else None

    def forget(self, channel: Channel) -> None:
        """Drop the tickets of a channel that closed."""
        self._issued = {
            ticket: issued for ticket, issued in self._issued.items() if issued.channel != channel
        }

    def forget_reader(self, reader: bytes) -> None:
        """Drop the tickets of a reader who was removed."""
        self._issued = {ticket: issued for ticket, issued in self._issued.items() if issued.reader != reader}

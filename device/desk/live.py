"""Who watches now, and the key that only they have.

A live key seals what is shown live. It is new whenever somebody comes, goes or is removed, so nobody opens a picture from
before they asked or after they left; it is sealed to exactly those whose "live began" line is on the ledger.

Pure but for drawing keys: channels and recipients in, age files out.

Source: docs/FORMAT.md, "Live".
"""

import os
from dataclasses import dataclass

import msgspec

from device.desk.tickets import Channel
from device.sealing.age import seal
from device.sealing.recipients import parse_recipient
from device.sealing.sframe import Sealer
from device.trust.roster import Roster

KEY_BYTES = 32
SOUND_KID = 1 << 32
"""What is heard is sealed under the same base key with this much higher a KID: another key and salt, and a counter of its own."""


class LiveKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Plaintext of a live key's age file."""

    kid: int
    key: bytes


@dataclass(frozen=True, slots=True)
class Turn:
    """A new key.

    Attributes:
        kid: its number, rising from 1 at each start of the device.
        file: age file with the key, for everybody who watches.
        viewers: their channels.
    """

    kid: int
    file: bytes
    viewers: tuple[Channel, ...]


class Live:
    """The viewers and the key in force."""

    def __init__(self) -> None:
        self._viewers: dict[Channel, bytes] = {}
        self._since_us: dict[Channel, int] = {}
        self._kid = 0
        self._sealer: Sealer | None = None
        self._sound_sealer: Sealer | None = None

    @property
    def is_on(self) -> bool:
        """Whether anybody watches: the light's one question."""
        return bool(self._viewers)

    @property
    def viewers(self) -> tuple[Channel, ...]:
        """Where somebody watches."""
        return tuple(self._viewers)

    @property
    def sealer(self) -> Sealer | None:
        """What seals the next fragment; None while nobody watches."""
        return self._sealer

    @property
    def sound_sealer(self) -> Sealer | None:
        """What seals the next moment of sound; None while nobody watches."""
        return self._sound_sealer

    def watches(self, channel: Channel) -> bool:
        """Return whether this channel watches."""
        return channel in self._viewers

    def join(self, channel: Channel, reader: bytes, roster: Roster, now_us: int) -> Turn:
        """Take in a viewer, whose line is on the ledger and who can be sealed to, and return the key that counts from now on."""
        self._viewers[channel] = reader
        self._since_us.setdefault(channel, now_us)
        return self._turn(roster)

    def leave(
        self, channels: set[Channel], roster: Roster, now_us: int
    ) -> tuple[list[tuple[bytes, int]], Turn | None]:
        """Return whose watching ends with these channels and how long it was (µs), and the next key if somebody still watches."""
        gone = [
            (self._viewers.pop(channel), now_us - self._since_us.pop(channel))
            for channel in channels
            if channel in self._viewers
        ]
        if not gone:
            return [], None
        if not self._viewers:
            self._sealer = self._sound_sealer = None
            return gone, None
        return gone, self._turn(roster)

    def channels_of(self, reader: bytes) -> set[Channel]:
        """Return where a reader watches."""
        return {channel for channel, viewer in self._viewers.items() if viewer == reader}

    def _turn(self, roster: Roster) -> Turn:
        self._kid += 1
        key = os.urandom(KEY_BYTES)
        self._sealer, self._sound_sealer = Sealer(self._kid, key), Sealer(SOUND_KID + self._kid, key)
        readers = [reader for reader in roster.readers if reader.sign in set(self._viewers.values())]
        plaintext = msgspec.json.encode(LiveKey(self._kid, key))
        file = seal(plaintext, [parse_recipient(reader.recipient) for reader in readers])
        return Turn(self._kid, file, tuple(self._viewers))

"""Watching live, as the household may: the light, then the line, then the key; and the line of its end, which says how long.

A light that goes off by itself ends it for everybody: nobody watches in silence.

One thread.
"""

import logging
import math
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.clock import Clock
from device.contract import messages, replies
from device.desk.live import Live, Turn
from device.desk.tickets import Channel
from device.door.light import Light, LightError
from device.ledger import Ledger
from device.sealing.fitness import unfit
from device.trust.lines import LiveBegan, LiveEnded, utc
from device.trust.signed import Context, sign

LIGHT_US: Final = 1_000_000

logger = logging.getLogger(__name__)


class Viewing:
    """Who watches live, and what has to be so meanwhile."""

    def __init__(self, ledger: Ledger, key: Ed25519PrivateKey, clock: Clock, light: Light) -> None:
        """Begin with nobody; ``key`` is the device's."""
        self.live = Live()
        self._ledger = ledger
        self._key = key
        self._clock = clock
        self._light = light
        self._checked_us = 0
        self._outbox: list[tuple[Channel, bytes]] = []

    def begin(self, channel: Channel, reader: bytes) -> replies.ReplyBody:
        """Return the live key, or why there is none; light and line come before it.

        Raises:
            OSError: the disk refused the line.
        """
        viewer = self._ledger.roster.reader(reader)
        if viewer is None or unfit(viewer.recipient):
            return replies.Refused("not_allowed", "nothing can be sealed to this reader's key: join anew")
        if not self.live.watches(channel):
            try:
                self._light.switch(on=True)
            except LightError as error:
                return replies.Refused("not_allowed", f"the door's light does not work: {error}")
            self._ledger.note(LiveBegan(at_utc=utc(self._clock.utc()), reader=reader))
        turn = self.live.join(channel, reader, self._ledger.roster, self._clock.monotonic_us())
        self._tell_key(turn, but=channel)
        return replies.LiveBegan(turn.kid, turn.file)

    def end(self, channels: set[Channel]) -> None:
        """End watching on these channels, with a line for each that watched.

        Raises:
            OSError: the disk refused a line, or the light did not go off; nobody watches all the same.
        """
        gone, turn = self.live.leave(channels, self._ledger.roster, self._clock.monotonic_us())
        if turn is not None:
            self._tell_key(turn)
        try:
            if gone and not self.live.is_on:
                self._light.switch(on=False)
        finally:
            for reader, watched_us in gone:
                watched_s = math.ceil(watched_us / 1e6)
                self._ledger.note(
                    LiveEnded(at_utc=utc(self._clock.utc()), reader=reader, watched_s=watched_s)
                )

    def check_light(self) -> None:
        """End live for everybody if the light is off: whoever asks again is told why there is none. Once a second at most."""
        now_us = self._clock.monotonic_us()
        if not self.live.is_on or now_us - self._checked_us < LIGHT_US:
            return
        self._checked_us = now_us
        try:
            self._light.check()
        except LightError as error:
            logger.error("live ended: %s", error)  # noqa: TRY400 - a sentence, not a trace
            try:
                self.end(set(self.live.viewers))
            except OSError as refused:
                logger.error("live ended: %s", refused)  # noqa: TRY400 - a sentence, not a trace

    def turned(self) -> list[tuple[Channel, bytes]]:
        """Return the live keys that wait to be told."""
        told, self._outbox = self._outbox, []
        return told

    def _tell_key(self, turn: Turn, but: Channel | None = None) -> None:
        payload = messages.LiveKeyPayload(self._ledger.roster.door, turn.kid, turn.file)
        told = messages.encode(messages.LiveKey(sign(self._key, Context.LIVE, payload)))
        self._outbox += [(channel, told) for channel in turn.viewers if channel != but]

"""The microphone at work, in a thread of its own: opened, listened to, opened again after whatever went wrong.

    microphone ──▶ moments with their times ──▶ whoever takes them, without waiting

While the door is private nothing is listened to: not even the program runs. Without a microphone there is none of this.

``listen`` belongs to one thread; ``conditions`` to any.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol

from device.clock import Clock
from device.errors import sentence_of
from device.hearing.microphone import Microphone
from device.hearing.sound import MOMENT_US, Sound, Stamps
from device.trust.condition import Condition
from device.trust.lines import utc

if TYPE_CHECKING:
    from device.hearing.aac import AacEncoder

AGAIN_S: Final = 10.0
PRIVATE_S: Final = 0.5
AHEAD_US: Final = 200_000
"""A card that counts faster than time passes, such as one that is none, is held to it."""

logger = logging.getLogger(__name__)


class Hears(Protocol):
    """What gives moments of sound."""

    def moment(self) -> bytes:
        """Return the samples of the next moment.

        Raises:
            HearingError: there is none.
        """
        ...

    def close(self) -> None:
        """End."""
        ...


class Ears:
    """One door's microphone."""

    def __init__(
        self,
        device: str,
        clock: Clock,
        wait: Callable[[float], bool],
        is_private: Callable[[], bool],
        heard: Callable[[Sound], None],
        open_microphone: Callable[[str], Hears] = Microphone,
    ) -> None:
        """Begin deaf.

        Args:
            device: the sound card, as ALSA calls it; empty: there is none, and nothing is ever heard.
            clock: the device's.
            wait: waits for so many seconds and returns whether it is time to end.
            is_private: whether nothing may be heard at this moment.
            heard: takes each moment; it must not block.
            open_microphone: begins to listen; raises HearingError.
        """
        self._device = device
        self._open = open_microphone
        self._clock = clock
        self._wait = wait
        self._is_private = is_private
        self._heard = heard
        self._trouble: tuple[datetime, str] | None = None

    @property
    def listens(self) -> bool:
        """Whether there is a microphone at all; what is wrong with it the conditions say."""
        return bool(self._device)

    @property
    def encoder(self) -> "Callable[[], AacEncoder] | None":
        """What begins a film's track of sound; None without a microphone."""
        if not self.listens:
            return None
        # Late: FFmpeg takes memory that a door without ears, and with a camera that encodes, has better uses for.
        from device.hearing.aac import AacEncoder

        return AacEncoder

    def listen(self) -> None:
        """Listen until it is time to end."""
        while self.listens and not self._wait(PRIVATE_S if self._is_private() else 0.0):
            if self._is_private():
                continue
            try:
                self._listen_once()
            except OSError as error:
                # Ours, with a sentence, or the kernel's: whatever it is costs the sound and nothing else.
                self._tell(sentence_of(error))
                if self._wait(AGAIN_S):
                    return

    def conditions(self) -> tuple[Condition, ...]:
        """Return whether it does not hear at this moment."""
        trouble = self._trouble
        return () if trouble is None else (Condition("microphone", utc(trouble[0])),)

    def _listen_once(self) -> None:
        """Listen until the door is private, or it is time to end."""
        microphone, stamps = self._open(self._device), Stamps()
        try:
            begun_us, moments = self._clock.monotonic_us(), 0
            while True:
                pcm = microphone.moment()
                now_us = self._clock.monotonic_us()
                moments += 1
                # After the moment, not before: it may be one of a time that is nobody's.
                if self._is_private():
                    return
                self._tell("")
                self._heard(Sound(pcm, stamps.stamp(now_us)))
                ahead_us = moments * MOMENT_US - (now_us - begun_us)
                if self._wait(max(0, ahead_us - AHEAD_US) / 1e6):
                    return
        finally:
            microphone.close()

    def _tell(self, trouble: str) -> None:
        before = self._trouble
        if trouble == ("" if before is None else before[1]):
            return
        if trouble:
            logger.error("microphone: %s", trouble)
            self._trouble = (self._clock.utc() if before is None else before[0], trouble)
        else:
            logger.warning("microphone: it is well again")
            self._trouble = None

"""The loudspeaker at work: begins with a talk, plays what there is, ends with it, and says what of it cannot be.

It is tried with a moment of silence at the start, and again while it is troubled, so that nobody is offered a loudspeaker that
the door does not have.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from device.door.errors import DoorError
from device.door.protocol import Speaks
from device.door.voice import FRAME_BYTES, Voice
from device.errors import sentence_of

POLL_US: Final = 200_000
OVERDUE_US: Final = 5_000_000
SHED_US: Final = 400_000
"""If moments waited for so long without a break, they are no wavering of the way: one is left out, and the voice lags less."""
RETRY_US: Final = 30_000_000


class Speech:
    """One loudspeaker. One thread, but for ``voice``."""

    def __init__(
        self,
        voice: Voice,
        open_loudspeaker: Callable[[], Speaks],
        volume_percent: int,
        now_us: int,
        *,
        shares: bool = False,
    ) -> None:
        """Open it and try it, or be troubled.

        Args:
            voice: what is said.
            open_loudspeaker: opens it; raises OSError.
            volume_percent: how loud; ears hear ratios, so half of it is a quarter of the amplitude.
            now_us: monotonic time.
            shares: whether the chime has the same sound card.
        """
        self.shares = shares
        self.voice = voice
        self._open = open_loudspeaker
        self._loudness = (volume_percent / 100) ** 2
        self._loudspeaker: Speaks | None = None
        self._overdue_us: int | None = None
        self._held: bytes | None = None
        self._is_trial = False
        self._calm_us = now_us
        self._asked_us = now_us
        self._retry_us = now_us
        self._try(now_us)

    @property
    def trouble(self) -> str:
        """Why nobody can be heard, in a sentence; empty if they can."""
        return self.voice.trouble

    @property
    def is_on(self) -> bool:
        """Whether somebody talks, or is still heard."""
        return self.voice.is_on or (self._overdue_us is not None and not self._is_trial)

    @property
    def due_us(self) -> int | None:
        """When ``attend`` is due, whatever happens."""
        dues = [
            None if self._overdue_us is None else self._asked_us + POLL_US,
            self._retry_us if self.voice.trouble else None,
        ]
        return min((due for due in dues if due is not None), default=None)

    @property
    def room(self) -> int | None:
        """What is ready to be written when more can be played; None if nothing waits."""
        if self._loudspeaker is None or not (self._held or self.voice.waiting):
            return None
        return self._loudspeaker.descriptor

    def attend(self, now_us: int) -> None:
        """Begin, play, end, and see how it ended."""
        loudspeaker = self._loudspeaker
        if loudspeaker is not None:
            try:
                self._play(loudspeaker, now_us)
            except OSError as error:
                self._give_up(error, now_us)
        if self.voice.trouble and now_us >= self._retry_us:
            self._try(now_us)

    def close(self) -> None:
        """Be silent."""
        if self._loudspeaker is not None:
            self._loudspeaker.close()
            self._loudspeaker = None

    def _play(self, loudspeaker: Speaks, now_us: int) -> None:
        if self.voice.is_on and not self.voice.trouble and loudspeaker.descriptor is None:
            loudspeaker.begin()
            self._held, self._overdue_us, self._is_trial = None, None, False
        self._shed(now_us)
        while loudspeaker.descriptor is not None and (sound := self._held or self._louder()):
            self._held = None if loudspeaker.write(sound) else sound
            if self._held:
                break
        if not self.voice.is_on and loudspeaker.descriptor is not None and not self._held:
            loudspeaker.finish()
            self._overdue_us = now_us + OVERDUE_US
        if loudspeaker.descriptor is None and self._overdue_us is None:
            return
        self._asked_us = now_us
        if loudspeaker.ended(overdue=self._overdue_us is not None and now_us >= self._overdue_us):
            if self._overdue_us is None:
                raise DoorError("what plays at the door ended by itself")
            self._overdue_us = None
            self.voice.trouble = ""

    def _shed(self, now_us: int) -> None:
        if self.voice.waiting <= 1:
            self._calm_us = now_us
        elif now_us - self._calm_us >= SHED_US:
            self.voice.take()
            self._calm_us = now_us

    def _louder(self) -> bytes | None:
        """Return the next moment, as loud as it is set; None if nothing waits."""
        sound = self.voice.take()
        if sound is None or self._loudness == 1:
            return sound
        return (np.frombuffer(sound, "<i2") * self._loudness).astype("<i2").tobytes()

    def _try(self, now_us: int) -> None:
        self._retry_us = now_us + RETRY_US
        try:
            if self._loudspeaker is None:
                self._loudspeaker = self._open()
            self._loudspeaker.begin()
            self._loudspeaker.write(bytes(FRAME_BYTES))
            self._loudspeaker.finish()
        except OSError as error:
            self._give_up(error, now_us)
        else:
            self._asked_us, self._overdue_us, self._is_trial = now_us, now_us + OVERDUE_US, True

    def _give_up(self, error: OSError, now_us: int) -> None:
        self.voice.trouble = sentence_of(error)
        self._overdue_us, self._held = None, None
        self._retry_us = now_us + RETRY_US
        if self._loudspeaker is not None:
            self._loudspeaker.finish()

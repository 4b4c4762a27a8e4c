"""The chime at work: plays, strikes, lets go, and says what of it cannot be.

A chime that is not heard is told until it was heard again. The relay is let go by time, at the end, and when its line is opened:
a device that was killed in between leaves it as it was for as long as it takes to start anew.
"""

from collections.abc import Callable
from typing import Final

from device.door.chime import Action, Chime, Release, Sound, Strike
from device.door.protocol import OutputLine, Plays
from device.errors import sentence_of

POLL_US: Final = 200_000
OVERDUE_US: Final = 5_000_000
RETRY_US: Final = 30_000_000


class Sounder:
    """A sound, a relay, both or neither. One thread."""

    def __init__(
        self,
        open_player: Callable[[], tuple[Plays, int]] | None,
        open_relay: Callable[[], OutputLine] | None,
        strike_us: int,
        now_us: int,
    ) -> None:
        """Open what there is, or be troubled.

        Args:
            open_player: returns a player and how long its sound is; raises OSError. None: no sound.
            open_relay: returns the relay's line; raises OSError. None: no relay.
            strike_us: for how long the relay is on.
            now_us: monotonic time.
        """
        self._open_player = open_player
        self._open_relay = open_relay
        self._player: Plays | None = None
        self._relay: OutputLine | None = None
        self._overdue_us: int | None = None
        self._asked_us = now_us
        self._sound_us = 0
        self._strike_us = strike_us if open_relay else 0
        self._troubles: dict[str, str] = {}
        self._chime = Chime()
        self._retry_us = now_us
        self._reopen(now_us)

    @property
    def trouble(self) -> str:
        """What of it cannot be heard, in a sentence; empty if nothing."""
        return "; ".join(self._troubles.values())

    @property
    def due_us(self) -> int | None:
        """When ``attend`` is due."""
        dues = [
            self._chime.due_us,
            None if self._overdue_us is None else self._asked_us + POLL_US,
            self._retry_us if self._is_lacking else None,
        ]
        return min((due for due in dues if due is not None), default=None)

    def ring(self, now_us: int, *, sounds: bool) -> None:
        """Sound, if the household wants to hear it."""
        if self._is_lacking:
            self._reopen(now_us)
        self._obey(self._chime.ring(now_us, sounds=sounds), now_us)

    def give_way(self) -> None:
        """Be silent: the sound card is somebody else's now. The relay goes on."""
        if self._overdue_us is not None and self._player is not None:
            self._player.hush()
            self._overdue_us = None

    def attend(self, now_us: int) -> None:
        """Let the relay go if it is time, and see how the sound ended."""
        self._obey(self._chime.passed(now_us), now_us)
        if self._overdue_us is not None and self._player is not None:
            self._asked_us = now_us
            try:
                if self._player.ended(overdue=now_us >= self._overdue_us):
                    self._overdue_us = None
                    self._troubles.pop("sound", None)
            except OSError as error:
                self._overdue_us = None
                self._say("sound", error)
        if self._is_lacking and now_us >= self._retry_us:
            self._reopen(now_us)

    def close(self) -> None:
        """Let the relay go, and be silent."""
        if self._relay is not None:
            self._relay.close()
        if self._player is not None:
            self._player.close()
        self._relay = self._player = None

    @property
    def _is_lacking(self) -> bool:
        return (self._open_player is not None and self._player is None) or (
            self._open_relay is not None and self._relay is None
        )

    def _reopen(self, now_us: int) -> None:
        self._retry_us = now_us + RETRY_US
        if self._open_player is not None and self._player is None:
            try:
                self._player, self._sound_us = self._open_player()
                self._troubles.pop("sound", None)
            except OSError as error:
                self._say("sound", error)
        if self._open_relay is not None and self._relay is None:
            try:
                self._relay = self._open_relay()
                self._troubles.pop("relay", None)
            except OSError as error:
                self._say("relay", error)
        self._chime.has(self._sound_us, self._strike_us if self._relay is not None else 0)

    def _obey(self, actions: list[Action], now_us: int) -> None:
        for action in actions:
            match action:
                case Sound():
                    self._play(now_us)
                case Strike() | Release():
                    self._switch(on=isinstance(action, Strike))

    def _play(self, now_us: int) -> None:
        if self._player is None:
            return
        try:
            self._player.play()
        except OSError as error:
            self._say("sound", error)
        else:
            self._asked_us = now_us
            self._overdue_us = now_us + self._sound_us + OVERDUE_US

    def _switch(self, *, on: bool) -> None:
        if self._relay is None:
            return
        try:
            self._relay.switch(on=on)
            self._troubles.pop("relay", None)
        except OSError as error:
            self._say("relay", error)
            relay, self._relay = self._relay, None
            relay.close()

    def _say(self, part: str, error: OSError) -> None:
        self._troubles[part] = sentence_of(error)

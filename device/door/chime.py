"""When the chime sounds: on a ring, unless the household wants it silent; and when the relay of a mechanical one is let go.

    ring ──▶ Sound ──▶ (nothing more until it is over)
         └─▶ Strike ──▶ Release after ``strike_us`` ──▶ (nothing more until the coil has rested)

A coil that is held burns. So a strike ends by its time whatever else happens, and rests ``REST_TIMES`` as long: whoever leans on
the bell heats it no further. A ring that comes meanwhile is heard already.

Pure.
"""

from dataclasses import dataclass
from typing import Final

REST_TIMES: Final = 4


@dataclass(frozen=True, slots=True)
class Sound:
    """Play the sound."""


@dataclass(frozen=True, slots=True)
class Strike:
    """Switch the relay on."""


@dataclass(frozen=True, slots=True)
class Release:
    """Switch the relay off."""


Action = Sound | Strike | Release


class Chime:
    """One chime: a sound, a relay, or both. One thread."""

    def __init__(self) -> None:
        """Begin in silence, with nothing that could be heard."""
        self._sound_us = 0
        self._strike_us = 0
        self._quiet_from_us: int | None = None
        self._release_us: int | None = None
        self._rested_us: int | None = None

    def has(self, sound_us: int, strike_us: int) -> None:
        """Take how long the sound is, and for how long the relay is on; 0 for none."""
        self._sound_us = sound_us
        self._strike_us = strike_us

    def ring(self, now_us: int, *, sounds: bool) -> list[Action]:
        """Take a ring; ``sounds`` is whether the household wants to hear it."""
        actions: list[Action] = self.passed(now_us)
        if not sounds:
            return actions
        if self._sound_us and (self._quiet_from_us is None or now_us >= self._quiet_from_us):
            self._quiet_from_us = now_us + self._sound_us
            actions.append(Sound())
        if self._strike_us and (self._rested_us is None or now_us >= self._rested_us):
            self._release_us = now_us + self._strike_us
            self._rested_us = self._release_us + REST_TIMES * self._strike_us
            actions.append(Strike())
        return actions

    def passed(self, now_us: int) -> list[Action]:
        """Return what is to be done by now."""
        if self._release_us is None or now_us < self._release_us:
            return []
        self._release_us = None
        return [Release()]

    @property
    def due_us(self) -> int | None:
        """When ``passed`` must be called."""
        return self._release_us

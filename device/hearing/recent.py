"""The last seconds of sound, for a clip that is about to begin.

Pure.
"""

from collections import deque

from device.hearing.sound import MOMENT_US, Sound


class Recent:
    """A ring of moments, bounded in time and so in bytes: 32 kB a second.

    Args:
        max_us: what is older than the newest by more is dropped; above zero.
    """

    def __init__(self, max_us: int) -> None:
        if max_us <= 0:
            raise ValueError(f"a ring of {max_us} µs holds nothing")
        self._sounds: deque[Sound] = deque(maxlen=-(-max_us // MOMENT_US))

    def add(self, sound: Sound) -> None:
        """Keep a moment, and drop the oldest if there is no room."""
        self._sounds.append(sound)

    def take(self, from_us: int, until_us: int) -> list[Sound]:
        """Return what was heard in that time; the moments stay in the ring."""
        return [sound for sound in self._sounds if from_us - MOMENT_US < sound.at_us < until_us]

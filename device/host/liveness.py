"""Whether every loop that matters still moves: a device of which one hangs is better started anew.

Pure: names and monotonic microseconds in, answers out.
"""


class Liveness:
    """When each loop moved last. ``moved`` is each loop's own; one name is written by one thread, so there is no lock."""

    def __init__(self, names: tuple[str, ...], limit_us: int, now_us: int) -> None:
        """Begin; each of ``names`` counts as having moved now, and may rest for ``limit_us``."""
        self._limit_us = limit_us
        self._moved_us = dict.fromkeys(names, now_us)

    def moved(self, name: str, now_us: int) -> None:
        """Take in that a loop came round."""
        self._moved_us[name] = now_us

    def hanging(self, now_us: int) -> tuple[str, ...]:
        """Return the loops that have not come round for too long."""
        return tuple(name for name, moved_us in self._moved_us.items() if now_us - moved_us > self._limit_us)

"""Rings that no film can have each leave a word, an event without one; but whoever leans on the bell leaves one in ten seconds.

A word takes a number, a picture and a line: ten a second, in privacy or on a full disk, would fill what the reserve holds.
So the first ring has its word at once, and those that follow within ten seconds share the next one, which counts them.

Pure: camera times in, counts out.
"""

from typing import Final

AGAIN_US: Final = 10_000_000


class Words:
    """Which ring leaves a word, and which wait for the next one."""

    def __init__(self) -> None:
        self._left_us: int | None = None
        self._waiting = 0

    def ring(self, at_us: int) -> int:
        """Take in a ring and return how many the word that is due now tells of; 0 if none is due."""
        self._waiting += 1
        return self.due(at_us)

    def due(self, now_us: int) -> int:
        """Return how many rings the word that is due now tells of; 0 if none is due. Times that go back make one due."""
        if not self._waiting or (self._left_us is not None and 0 <= now_us - self._left_us < AGAIN_US):
            return 0
        self._left_us = now_us
        return self.rest()

    def rest(self) -> int:
        """Return how many wait: nothing comes after this."""
        told, self._waiting = self._waiting, 0
        return told

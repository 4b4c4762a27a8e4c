"""Life: what stirs is alive, what does not is furniture.

Whoever stands before a door sways, breathes, turns their head; a parked bicycle, a lamp that went on, a puddle do not.
So where structure changes, its neighbourhood earns credit, and time spends it. The change is measured against a short
memory, so that slow swaying adds up. Somebody with credit is kept out of the background however long they stand there;
without it, they are furniture, and soon part of the background. So nobody is learned, and nobody leaves a ghost. It is the
conservative update of Barnich and Van Droogenbroeck (ViBe, 2011), with stirring in the place of chance.
"""

from typing import Final

import numpy as np

from device.sight.opencv import untyped as cv2
from device.sight.structure import Bytes2D, Level, in_company

NOW_S: Final = 0.2
NEWEST: Final = 0.5
"""Share of the newest picture in what is now: however seldom they come, one alone would be all noise."""
MEMORY_S: Final = 0.5
"""What is now, averaged over some pictures to calm the noise, is compared with what was a moment ago."""
LONG_S: Final = 2.0
"""Whoever is known to be alive may sway so slowly, or in such noise, that only a longer average against a longer memory
shows it. A step of the light stirs against that for seconds, but is never known to be alive."""
CALMER: Final = 1.5
"""Times less noise has the difference of those two."""
PARTS: Final = 32
"""Of a second, in which credit is counted: so 255 are eight seconds, and nobody has more."""
CREDIT_S: Final = 255 / PARTS
"""Somebody who stops moving is alive for so much longer."""
EARNED: Final = 2
"""Seconds of credit for each of stirring: a single step of the light, which stirs for as long as the memory lasts, is alive for
less than three."""
KNOWN_S: Final = 2.5
"""Somebody with more credit than any step of the light earns is known to be alive,"""
EARNED_KNOWN: Final = 8
"""and gets much more of it: who reads a letter stirs seldom."""
NOISE_LOOKS: Final = 4

_NEARBY: Final = np.ones((9, 9), np.uint8)


class Life:
    """Where something stirred lately.

    Args:
        first: the structure of the first picture; only read.
    """

    def __init__(self, first: Bytes2D) -> None:
        self._now = first.astype(np.float32)
        self._memory = self._now.copy()
        self._long = self._now.copy()
        self._credit: Bytes2D = np.zeros(first.shape, np.uint8)
        self._known = Level(first.shape)
        self._level = Level(first.shape)
        self._unspent = 0.0
        self._looks = 0
        self._noise = 0.0
        self._anybody = False

    @property
    def noise(self) -> float:
        """The mean change of the calmer three quarters of the picture, in levels: half the deviation of normal noise."""
        return self._noise

    def credit(self, seen: Bytes2D, limit: Bytes2D, past_s: float, *, needed: bool) -> Bytes2D:
        """Take a picture; return the credit of each pixel, in PARTS of a second.

        Args:
            seen: the picture's structure.
            limit: by how many levels each pixel may change without stirring.
            past_s: seconds since the last time.
            needed: something is unexplained. Otherwise credit is only spent, and the noise measured now and then.
        """
        self._looks += 1
        whole, self._unspent = divmod(past_s * PARTS + self._unspent, 1)
        measured = self._looks % NOISE_LOOKS == 0
        if needed or measured:
            memory = cv2.convertScaleAbs(self._memory)
            if measured:
                self._measure(cv2.absdiff(seen, memory))
            if needed:
                self._earn(seen, memory, limit, past_s, int(whole))
        if self._anybody:
            self._credit = cv2.subtract(self._credit, self._level.of(int(whole)))
            self._anybody = cv2.countNonZero(self._credit) > 0
        cv2.accumulateWeighted(seen, self._now, min(NEWEST, past_s / NOW_S))
        cv2.accumulateWeighted(seen, self._memory, min(1.0, past_s / MEMORY_S))
        cv2.accumulateWeighted(seen, self._long, min(1.0, past_s / LONG_S))
        return self._credit

    def _earn(self, seen: Bytes2D, memory: Bytes2D, limit: Bytes2D, past_s: float, spent: int) -> None:
        """Give credit around what stirs: EARNED times what is spent meanwhile, EARNED_KNOWN times to the known."""
        # One picture ahead of the memory that is kept: what is now has to count at once.
        weight = min(NEWEST, past_s / NOW_S)
        now = cv2.addWeighted(seen, weight, cv2.convertScaleAbs(self._now), 1 - weight, 0)
        stirred = in_company(cv2.compare(cv2.absdiff(now, memory), limit, cv2.CMP_GT))
        known = cv2.compare(self._credit, self._known.of(round(KNOWN_S * PARTS)), cv2.CMP_GT)
        if cv2.countNonZero(known):
            swayed = cv2.absdiff(memory, cv2.convertScaleAbs(self._long))
            swayed = cv2.compare(swayed, cv2.convertScaleAbs(limit, alpha=1 / CALMER), cv2.CMP_GT)
            stirred = cv2.bitwise_or(stirred, cv2.bitwise_and(in_company(swayed), known))
        if cv2.countNonZero(stirred):
            extra = cv2.bitwise_and(known, self._level.of(spent * (EARNED_KNOWN - EARNED)))
            earned = cv2.add(extra, self._level.of(spent * EARNED))
            self._credit = cv2.add(self._credit, cv2.bitwise_and(cv2.dilate(stirred, _NEARBY), earned))
            self._anybody = True

    def _measure(self, change: Bytes2D) -> None:
        sample = change[::8, ::4].ravel()
        calmer = sample.size * 3 // 4
        self._noise = int(np.partition(sample, calmer)[:calmer].sum()) / calmer

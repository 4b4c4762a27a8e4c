"""Life: what stirs is alive, what does not is furniture.

Whoever stands before a door sways, breathes, turns their head; a parked bicycle, a lamp that went on, a puddle do not.
So where structure changes, its neighbourhood earns credit, and time spends it. The change is measured against a short
memory, so that slow swaying adds up. Somebody with credit is kept out of the background however long they stand there;
without it, they are furniture, and soon part of the background. So nobody is learned, and nobody leaves a ghost.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from device.sight.opencv import untyped as cv2
from device.sight.structure import Bytes2D, in_company

MEMORY_S: Final = 0.5
CREDIT_MS: Final = 8_000
"""Somebody who stops moving is alive for so much longer."""
EARNED: Final = 3
"""Milliseconds of credit for each of stirring: a single step of the light, which stirs for as long as the memory lasts, buys two
seconds."""
FINER: Final = 1.5
"""Stirring needs so much less change than standing out does: a wrong stir only keeps something alive for a moment."""

_NEARBY: Final = np.ones((9, 9), np.uint8)


class Life:
    """Where something stirred lately.

    Args:
        first: the structure of the first picture; only read.
    """

    def __init__(self, first: Bytes2D) -> None:
        self._memory = first.astype(np.float32)
        self._credit_ms: npt.NDArray[np.uint16] = np.zeros(first.shape, np.uint16)
        self._change: Bytes2D = np.zeros(first.shape, np.uint8)
        self._credit: Bytes2D = np.zeros(first.shape, np.uint8)
        self._anybody = False

    def watch(self, seen: Bytes2D, past_s: float) -> int:
        """Take a picture's structure; return the median change of the whole picture, in levels: its noise."""
        self._change = cv2.absdiff(seen, cv2.convertScaleAbs(self._memory))
        cv2.accumulateWeighted(seen, self._memory, min(1.0, past_s / MEMORY_S))
        sample = self._change[::8, ::4].ravel()
        return int(np.partition(sample, sample.size // 2)[sample.size // 2])

    def credit(self, limit: Bytes2D, past_s: float) -> Bytes2D:
        """Earn and spend; return 255 where there is credit.

        Args:
            limit: by how many levels each pixel may change without stirring.
            past_s: seconds since the last time.
        """
        past_ms = round(past_s * 1000)
        stirred = in_company(cv2.compare(cv2.convertScaleAbs(self._change, alpha=FINER), limit, cv2.CMP_GT))
        if cv2.countNonZero(stirred):
            self._anybody = True
            cv2.add(self._credit_ms, past_ms * EARNED, dst=self._credit_ms, mask=cv2.dilate(stirred, _NEARBY))
            cv2.min(self._credit_ms, CREDIT_MS, dst=self._credit_ms)
        if self._anybody:
            cv2.subtract(self._credit_ms, past_ms, dst=self._credit_ms)
            self._credit = cv2.compare(self._credit_ms, 0, cv2.CMP_GT)
            self._anybody = cv2.countNonZero(self._credit) > 0
        return self._credit

"""The link's thread rests when it has worked too much, so that no flood takes the processor from whoever records.

Python runs one thread at a time. A server that asks without a pause would have the recorder wait for its turn hundreds of
times a second, and pictures would be lost. So of each second the link may work for ``WORK_US``; then it rests until the second
is over, and what the server sends meanwhile waits in the kernel.

Pure: times in, a rest out.
"""

from typing import Final

SECOND_US: Final = 1_000_000
WORK_US: Final = 400_000


class Pace:
    """How much was done in the present second."""

    def __init__(self) -> None:
        self._since_us = 0
        self._done_us = 0

    def rest_us(self, now_us: int, worked_us: int) -> int:
        """Return how long to rest.

        Args:
            now_us: monotonic time.
            worked_us: processor time of the link's thread so far.
        """
        if not 0 <= now_us - self._since_us < SECOND_US:
            self._since_us, self._done_us = now_us, worked_us
        if worked_us - self._done_us < WORK_US:
            return 0
        return self._since_us + SECOND_US - now_us

"""How long a door ran, and how old its clips are by that: no wall clock has a say.

A wall clock jumps, lags while it films and leaps when the network is back; files carry its times. Here a clip's age is what
the door ran since the clip had ended. **Marks** keep it: at a mark's time, every clip below its number had ended. Numbers
rise, so a clip is at most as old as any before it, and at least as old as any after it.

Time is counted in quarters of an hour and errs on one side only: what ran is rounded down, a mark's time up. Whatever is
lost (the rest of a quarter with the plug, the file as a whole) makes clips younger, so that they are kept for longer.

Pure: seconds and numbers in, ages out.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

QUARTER_S: Final = 900
STEPS: Final = 1024
"""Marks over the time that clips are kept for, about: their file stays small, and an age is good to a thousandth of that time."""

Mark = tuple[int, int]
"""Quarters that the door had run, and a clip's number: every clip below it had ended by then."""


class RunningTime:
    """One door's running time from its birth on. One thread.

    Attributes:
        quarters: whole quarters of an hour that it ran, as the last ``count`` found.
        marks: rising in both.
    """

    def __init__(self, quarters: int, marks: Sequence[Mark], span_s: float) -> None:
        """Go on from what an earlier run kept.

        Args:
            quarters: that it ran so far; what it ran beyond them is lost.
            marks: its marks. Those that do not rise count for nothing.
            span_s: for how long clips are kept.
        """
        self.quarters = quarters
        self.marks: list[Mark] = []
        self._apart = max(1, int(span_s / QUARTER_S / STEPS))
        self._before_s = quarters * QUARTER_S
        self._ran_s = float(self._before_s)
        for mark in marks:
            if not self.marks or (mark[0] > self.marks[-1][0] and mark[1] > self.marks[-1][1]):
                self.marks.append(mark)

    def count(self, running_s: float, ended_below: int, oldest: int) -> bool:
        """Count up to now and return whether there is something new to keep.

        Args:
            running_s: seconds since this run began.
            ended_below: every clip below this number has ended.
            oldest: the oldest clip that is kept, or the next one to come.
        """
        self._ran_s = max(self._ran_s, self._before_s + running_s)
        quarters = int(self._ran_s // QUARTER_S)
        if quarters == self.quarters:
            return False
        self.quarters = quarters
        self._mark(quarters + 1, ended_below)
        self.marks = [mark for mark in self.marks if mark[1] > oldest]
        return True

    def age_s(self, clip: int) -> float:
        """Return for how long the door has run, at least, since a clip had ended."""
        at = bisect_right(self.marks, clip, key=lambda mark: mark[1])
        if at == len(self.marks):
            return 0.0
        return max(0.0, self._ran_s - self.marks[at][0] * QUARTER_S)

    def _mark(self, quarters: int, ended_below: int) -> None:
        if self.marks and ended_below <= self.marks[-1][1]:
            return
        if len(self.marks) > 1 and quarters - self.marks[-2][0] <= self._apart:
            self.marks.pop()  # its clips go with this mark, and are that much younger
        self.marks.append((quarters, ended_below))

"""Looks at the computer every few seconds, tells the journal what begins and what is over, and the pages what is.

In a thread of its own, since a firmware that hangs answers nobody: neither button nor recorder may wait for it.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from device.clock import Clock
from device.health.sensors import ROOT, celsius, throttled
from device.health.signs import SENTENCES, Course, Signs
from device.trust.condition import Condition

LOOK_EVERY_S: Final = 10.0

logger = logging.getLogger(__name__)


class Health:
    """The health of one computer."""

    def __init__(self, clock: Clock, wait: Callable[[float], bool], root: Path = ROOT) -> None:
        """Begin.

        Args:
            clock: the device's.
            wait: waits for so many seconds and returns whether it is time to end.
            root: where ``sys`` lies.
        """
        self._clock = clock
        self._wait = wait
        self._root = root
        self._course = Course()

    def watch(self) -> None:
        """Look until it is time to end."""
        self.look()
        while not self._wait(LOOK_EVERY_S):
            self.look()

    def look(self) -> None:
        """Look once."""
        signs = Signs(throttled(self._root), celsius(self._root), self._clock.utc())
        began, over = self._course.look(signs, self._clock.monotonic_us())
        for ill in began:
            logger.error("%s: %s", ill, SENTENCES[ill])
        for ill in over:
            logger.warning("%s: it is well again", ill)

    def conditions(self) -> tuple[Condition, ...]:
        """Return what is in the way at this moment; any thread."""
        return self._course.conditions()

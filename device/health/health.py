"""Looks at the computer every few seconds, tells the journal what begins and what is over, and the pages what is.

In a thread of its own, since a firmware that hangs answers nobody: neither button nor recorder may wait for it. The card is
looked at less often, as its clips are counted one by one.
"""

import logging
import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Final

from device.clock import Clock
from device.config import Config
from device.contract.local import Ail
from device.health import storage
from device.health.card import read_storage
from device.health.judging import judge_clock, judge_heat, judge_memory, judge_power
from device.health.parts import judge_all
from device.health.sensors import ROOT, celsius, is_set, locked_kib, throttled
from device.health.signs import SENTENCES, Course, Signs, ills
from device.trust.condition import Condition
from device.trust.report import Finding

LOOK_EVERY_S: Final = 10.0
CARD_EVERY_US: Final = 600_000_000

logger = logging.getLogger(__name__)


class Health:
    """The health of one door."""

    def __init__(
        self,
        clock: Clock,
        wait: Callable[[float], bool],
        root: Path = ROOT,
        config: Config | None = None,
        ails: Callable[[], tuple[Ail, ...]] = tuple,
        also: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin.

        Args:
            clock: the device's.
            wait: waits for so many seconds and returns whether it is time to end.
            root: where ``sys``, ``proc`` and ``run`` lie.
            config: whose parts and card are looked at as well; None: the computer alone.
            ails: what recorder and door meet; any thread.
            also: called at each look.
        """
        self._clock = clock
        self._wait = wait
        self._root = root
        self._config = config
        self._ails = ails
        self._also = also
        self._course = Course()
        self._signs = Signs(None, None, clock.utc())
        self._card: tuple[Finding, ...] = ()
        self._newest_day: date | None = None
        self._card_us: int | None = None

    def watch(self) -> None:
        """Look until it is time to end."""
        while True:
            try:
                self.look()
            except Exception:
                # Whatever a card or a kernel has there that nobody foresaw: it must not take the recorder with it.
                logger.exception("the computer could not be looked at; it is tried again")
            if self._wait(LOOK_EVERY_S):
                return

    def look(self) -> None:
        """Look once."""
        now_us = self._clock.monotonic_us()
        self._signs = Signs(throttled(self._root), celsius(self._root), self._clock.utc())
        began, over = self._course.look(self._signs, now_us)
        for ill in began:
            logger.error("%s: %s", ill, SENTENCES[ill])
        for ill in over:
            logger.warning("%s: it is well again", ill)
        if self._card_us is None or now_us - self._card_us >= CARD_EVERY_US:
            self._card_us = now_us
            self._look_at_card()
        self._also()

    def is_clock_known(self) -> bool:
        """Return whether the door knows the time: nothing speaks against it; any thread."""
        return is_set(self._root) is not False and "clock" not in ills(Signs(None, None, self._clock.utc()))

    def conditions(self) -> tuple[Condition, ...]:
        """Return what is in the way at this moment; any thread."""
        return self._course.conditions()

    def findings(self) -> tuple[Finding, ...]:
        """Return how each thing is, as it was seen last; any thread."""
        return tuple(self._judged())

    def _judged(self) -> Iterator[Finding]:
        signs = self._signs
        if self._config is not None:
            light = self._config.door.light
            trouble = (
                "" if os.access(light, os.W_OK) else f"{light} cannot be switched: nobody can watch live"
            )
            yield from judge_all(self._config, self._ails(), trouble if light else "")
        yield from self._card
        yield judge_power(signs.throttled)
        yield judge_heat(signs.throttled, signs.celsius)
        yield judge_memory(locked_kib(os.getpid(), self._root))
        yield judge_clock(self._clock.utc(), self._newest_day, is_set=is_set(self._root))

    def _look_at_card(self) -> None:
        if self._config is None:
            return
        try:
            found, self._newest_day = read_storage(Path(self._config.state), self._root)
        except OSError as error:
            says = f"it cannot be looked at: {error.strerror or error}"
            self._card = (Finding("card", "fault", says, "put in another card"),)
        else:
            self._card = tuple(storage.judge(found, self._config.retention))

"""When the self-test runs, and what came of it: a while after the start, then once a day, and never beside anything real.

    calm? ──no──▶ wait ──▶ calm? …          something real comes in the midst: give up, and wait again
      └─yes─▶ run ──▶ passed: a day   failed: an hour

Its thread has nothing else to do, and pauses before each picture, so that it takes a part of one core at most.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from device.clock import Clock
from device.contract.local import SelfTest
from device.errors import DeviceError
from device.health.self_test import GaveUp, Made
from device.trust.condition import Condition
from device.trust.lines import utc
from device.trust.report import Film, Finding

FIRST_S: Final = 120.0
"""After the start: the first pictures, and whoever waits for the door to come up, come first."""
AGAIN_S: Final = 86_400.0
FAILED_S: Final = 3_600.0
CALM_S: Final = 300.0
LATE_US: Final = 2 * 86_400 * 1_000_000
"""A door where something is recorded all the time has no calm minute for it; after so long that is said."""
BREATH_S: Final = 0.05

Run = Callable[[Callable[[], bool]], Made]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a self-test.

    Attributes:
        at_utc: when it ended.
        at_us: the same, CLOCK_MONOTONIC.
        says: why it failed; empty if it passed.
        do: what helps.
    """

    at_utc: datetime
    at_us: int
    says: str = ""
    do: str = ""


class Daily:
    """The self-tests of one run of the device. One thread, but for what says otherwise."""

    def __init__(
        self, clock: Clock, wait: Callable[[float], bool], run: Run, is_busy: Callable[[], bool]
    ) -> None:
        """Begin.

        Args:
            clock: the device's.
            wait: waits for so many seconds and returns whether it is time to end.
            run: runs one, calling what it is given before each picture; raises what ``self_test.run`` raises.
            is_busy: whether something is recorded or watched now; any thread.
        """
        self._clock = clock
        self._wait = wait
        self._run = run
        self._is_busy = is_busy
        self._began_us = clock.monotonic_us()
        self._failing_since_utc: datetime | None = None
        self._last: Outcome | None = None
        self._passed: Outcome | None = None
        self._made: Made | None = None
        self._opened = False

    def watch(self) -> None:
        """Run them until it is time to end."""
        pause_s = FIRST_S
        while not self._wait(pause_s):
            pause_s = self.attempt()

    def attempt(self) -> float:
        """Run one if nothing real is going on, and return after how many seconds the next is due."""
        if self._is_busy():
            return CALM_S
        try:
            made = self._run(lambda: self._wait(BREATH_S) or self._is_busy())
        except GaveUp:
            return CALM_S
        except DeviceError as error:
            self._failed(str(error), error.hint)
        except OSError as error:
            self._failed(f"the card refused: {error.strerror or error}", "look at the lines on card and room")
        except Exception as error:
            # A test that stumbles has failed, and must not take the door with it.
            logger.exception("self-test stumbled")
            self._failed(f"it stumbled: {type(error).__name__}", "look into the journal")
        else:
            self._pass(made)
            return AGAIN_S
        return FAILED_S

    def finding(self) -> Finding:
        """Return how it is; any thread."""
        last, passed = self._last, self._passed
        before = "it has not passed since the start"
        if passed is not None:
            before = f"it last passed at {passed.at_utc:%Y-%m-%d %H:%M} UTC"
        if last is not None and last.says:
            return Finding("self-test", "fault", f"it failed: {last.says}; {before}", last.do)
        now_us = self._clock.monotonic_us()
        if now_us - (self._began_us if passed is None else passed.at_us) > LATE_US:
            return Finding(
                "self-test", "warning", f"{before}: it found no calm minute", "see why so much is recorded"
            )
        if passed is None:
            return Finding("self-test", "unknown", f"{before}, and is due soon")
        opened = "opened by a reader" if self._opened else "no reader has opened it yet"
        return Finding("self-test", "ok", f"{before}; {opened}")

    def told(self) -> SelfTest:
        """Return the same for whoever is at the Pi; any thread."""
        found = self.finding()
        return SelfTest(found.level, found.says, found.do)

    def conditions(self) -> tuple[Condition, ...]:
        """Return what is in the way at this moment; any thread."""
        since_utc = self._failing_since_utc
        return () if since_utc is None else (Condition("self_test", utc(since_utc)),)

    def film(self) -> Film | None:
        """Return what is told of the film of the last one that passed; any thread."""
        made = self._made
        return None if made is None else Film(made.sha256, self._opened)

    def sealed(self) -> bytes:
        """Return that film, sealed; empty while there is none. Any thread."""
        made = self._made
        return b"" if made is None else made.film

    def opened(self, sha256: bytes) -> None:
        """Take a reader's word that the film opens: ``sha256`` is of what came out. Any thread."""
        made = self._made
        if made is not None and made.sha256 == sha256:
            self._opened = True

    def _pass(self, made: Made) -> None:
        if self._failing_since_utc is not None:
            logger.warning("self-test: it passes again")
        else:
            logger.info("self-test: passed bytes=%d", len(made.film))
        self._opened = False
        self._made = made
        self._passed = self._last = Outcome(self._clock.utc(), self._clock.monotonic_us())
        self._failing_since_utc = None

    def _failed(self, says: str, do: str) -> None:
        now_utc = self._clock.utc()
        logger.error("self-test: it failed: %s", says)
        self._last = Outcome(now_utc, self._clock.monotonic_us(), says, do)
        self._failing_since_utc = self._failing_since_utc or now_utc

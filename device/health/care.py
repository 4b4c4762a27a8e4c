"""The wiring of a door's health: who looks, who tries the way each day, and what both tell.

Nothing waits for either at the end: a firmware that hangs answers nobody, and a self-test is of no use any more.
"""

from collections.abc import Callable
from pathlib import Path

from device.clock import Clock
from device.config import Config
from device.contract.local import Ail
from device.health.checkup import Checkup
from device.health.daily import Daily
from device.health.health import Health
from device.health.self_test import run
from device.health.times import Times
from device.ledger import Ledger
from device.trust.condition import Condition


class Care:
    """The health of one running door.

    Attributes:
        checkup: what a reader is told of it.
        daily: the self-tests.
    """

    def __init__(
        self,
        config: Config,
        ledger: Ledger,
        clock: Clock,
        wait: Callable[[float], bool],
        ails: Callable[[], tuple[Ail, ...]],
        is_busy: Callable[[], bool],
        next_clip: Callable[[], int],
    ) -> None:
        """Begin; see ``Health``, ``Daily`` and ``Times`` for what they take."""
        self.daily = Daily(
            clock, wait, lambda breathe: run(Path(config.state), ledger, clock, breathe), is_busy
        )
        times = Times(ledger, clock, next_clip, lambda: self._health.is_clock_known())
        self._health = Health(clock, wait, config=config, ails=ails, also=times.look)
        self.checkup = Checkup(ledger, clock, self._health.findings, self.daily, times.tell)

    @property
    def works(self) -> tuple[Callable[[], None], ...]:
        """What has a thread each, which nothing waits for at the end."""
        return self._health.watch, self.daily.watch

    def conditions(self) -> tuple[Condition, ...]:
        """Return what is in the way at this moment; any thread."""
        return (*self._health.conditions(), *self.daily.conditions())

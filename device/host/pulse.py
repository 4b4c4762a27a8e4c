"""The device's pulse: the service manager is told while every loop moves; else which does not, and it starts anew."""

import logging
from collections.abc import Callable

from device.clock import Clock
from device.host.liveness import Liveness
from device.host.systemd import Systemd

logger = logging.getLogger(__name__)


class Pulse:
    """Of loops that run in threads of their own."""

    def __init__(self, manager: Systemd, clock: Clock, loops: tuple[str, ...]) -> None:
        """Begin; each loop may rest for half as long as the manager waits for a word."""
        self._manager = manager
        self._clock = clock
        self._liveness = Liveness(loops, manager.patience_us // 2, clock.monotonic_us())

    def of(self, loop: str) -> Callable[[], None]:
        """Return what a loop calls whenever it comes round."""
        return lambda: self._liveness.moved(loop, self._clock.monotonic_us())

    def rests(self, loop: str, seconds: float) -> None:
        """Take in that a loop waits for so long on purpose, which is no hang, and comes round after it."""
        self._liveness.moved(loop, self._clock.monotonic_us() + round(seconds * 1e6))

    def beat(self, stops_within: Callable[[float], bool]) -> None:
        """Tell the manager, in a thread of its own, until the device stops; it waits so many seconds for that each time."""
        self._manager.tell("READY=1")
        while not stops_within(self._manager.patience_us / 4e6):
            if hanging := self._liveness.hanging(self._clock.monotonic_us()):
                logger.error("does not move: %s", ", ".join(hanging))
                self._manager.tell(f"STATUS=does not move: {', '.join(hanging)}")
            else:
                self._manager.tell("WATCHDOG=1")
        self._manager.tell("STOPPING=1")

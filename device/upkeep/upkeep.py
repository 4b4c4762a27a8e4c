"""The disk under the recorder: room for what comes, and what trouble left behind put right."""

import errno
import logging
from collections.abc import Callable
from typing import Final

from device.clock import Clock
from device.config import Retention
from device.disk.file_times import forget_times
from device.disk.spool import Spool
from device.ledger import Record
from device.upkeep.recovery import recover
from device.upkeep.reserve import Reserve
from device.upkeep.retention import Limits
from device.upkeep.room import make_room
from device.upkeep.running_file import RunningFile

LOOK_EVERY_US: Final = 5_000_000  # a running clip grows by 2 MB in between; free_bytes is far above
SWEEP_EVERY_US: Final = 3_600_000_000

logger = logging.getLogger(__name__)


class Upkeep:
    """Keeps the spool within its limits. One thread."""

    def __init__(self, spool: Spool, ledger: Record, clock: Clock, retention: Retention) -> None:
        self._spool = spool
        self._ledger = ledger
        self._clock = clock
        self._reserve = Reserve(spool.directory.parent)
        self._limits = Limits(
            keep_at_most_s=retention.keep_at_most_days * 86_400,
            keep_at_least_s=retention.keep_at_least_hours * 3_600,
            spool_bytes=retention.spool_bytes,
            free_bytes=retention.free_bytes,
        )
        self._running_file = RunningFile(spool.directory.parent, ledger)
        self._running_time = self._running_file.read(spool.next_clip, self._limits.keep_at_most_s)
        self._began_us = clock.monotonic_us()
        self._is_kept = True
        self.begin_afresh()

    def begin_afresh(self) -> None:
        """Forget the camera's time: it may be another from now on."""
        self._looked_us: int | None = None
        self._swept_us: int | None = None

    def is_due(self, at_us: int) -> bool:
        """Return, every few seconds of the camera's time, that it is time to look around."""
        if self._looked_us is not None and at_us - self._looked_us < LOOK_EVERY_US:
            return False
        self._looked_us = at_us
        return True

    def count(self, *, filming: bool) -> None:
        """Count the time that the door has run.

        Args:
            filming: whether the newest clip has not ended yet.
        """
        next_clip = self._spool.next_clip
        running_s = (self._clock.monotonic_us() - self._began_us) / 1e6
        oldest = self._spool.oldest_clip
        if self._running_time.count(running_s, next_clip - filming, next_clip if oldest is None else oldest):
            self._is_kept = False
        if not self._is_kept:
            self.attempt(self._keep)

    def make_room(self) -> None:
        """Make room for a clip; none is running.

        Raises:
            OSError: there is none, or the disk failed.
        """
        self.count(filming=False)
        self._reserve.ease()
        if not self._make_room():
            raise OSError(errno.ENOSPC, "the disk is full of clips too young to give way")

    def is_nearly_full(self) -> bool:
        """Return whether a clip that is running must end."""
        return self._spool.free_bytes() < self._limits.free_bytes // 2

    def sweep(self, at_us: int) -> None:
        """Put right, once an hour, what trouble with the disk left unfinished, and let go of what is old; no clip is running."""
        if self._swept_us is None or at_us - self._swept_us >= SWEEP_EVERY_US:
            self._swept_us = at_us
            self.attempt(self._sweep)

    def attempt(self, work: Callable[[], object]) -> bool:
        """Do what may fail with the disk, and return whether it did not.

        Recording goes on all the same, and the next start puts the spool right.
        """
        try:
            self._reserve.ease()
            work()
        except OSError as error:
            logger.error("the disk refused: %s", error)  # noqa: TRY400 - a sentence, not a trace
            return False
        return True

    def _keep(self) -> None:
        forget_times(self._spool.directory.parent)
        self._running_file.write(self._running_time)
        self._is_kept = True

    def _make_room(self) -> bool:
        return make_room(self._spool, self._ledger, self._limits, self._running_time.age_s, self._clock.utc())

    def _sweep(self) -> None:
        self._spool.leaving.clear()
        self._make_room()
        self._reserve.hold()
        for clip in recover(self._spool, self._ledger, self._clock):
            logger.warning("finished a clip that trouble with the disk had left clip=%d", clip)

"""The sealed directory on disk: clips while they are recorded, finished clips by day, and what a power cut left.

    recording/000042/{begun,clip.mp4.age}  →  event written  →  renamed to  2026-11-23/000042/{event,clip.mp4.age}

A finished clip appears by one rename, whole, and goes by one (see ``device.disk.leaving``). A number is never used again, so a
ledger line always means one clip.
Names come from numbers and dates alone: no text from outside ever becomes a path.

Source: docs/FORMAT.md, "Spool".
"""

import logging
import os
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from device.disk.durable import (
    make_directory,
    open_file,
    read_file,
    sweep,
    sync_directory,
    write_file,
)
from device.disk.kept import Kept
from device.disk.leaving import Leaving
from device.disk.places import clips_in, is_day
from device.errors import DeviceError
from device.trust.statement import MAX_EVENT_BYTES

SPOOL: Final = "spool"
RECORDING: Final = "recording"
CLIP: Final = "clip.mp4.age"
EVENT: Final = "event"
BEGUN: Final = "begun"
_NUMBER: Final = "number"
_MOST_CLIPS: Final = 10**12
_LAST_S: Final = 253_402_300_799.0  # the end of the year 9999: a file may carry a time that no calendar has

logger = logging.getLogger(__name__)


class SpoolError(DeviceError, OSError):
    """The spool cannot be used."""


class Spool:
    """The spool of one door. One writing thread; reading methods may be called from another.

    Attributes:
        directory: where it lies.
        leaving: what gave way.
    """

    def __init__(self, state: Path) -> None:
        """Open the spool below ``state``, creating it if need be.

        Raises:
            SpoolError: no number is left for another clip.
            OSError: it cannot be made or read.
        """
        self.directory = state / SPOOL
        make_directory(self.directory)
        make_directory(self.directory / RECORDING, aside=True)
        self.leaving = Leaving(self.directory)
        sweep(self.directory)
        self._days: dict[int, str] = {}
        for day in self.directory.iterdir():
            if is_day(day.name):
                self._days.update(dict.fromkeys(clips_in(day), day.name))
        self._next = max((self._read_number(), *(n + 1 for n in (*self._days, *self.unfinished()))))
        if self._next >= _MOST_CLIPS:
            raise SpoolError(
                f"{self.directory}: no number is left for another clip",
                hint="something here has a number that no clip of this door can have; move it away",
            )

    @property
    def next_clip(self) -> int:
        """The number that the next clip will have."""
        return self._next

    @property
    def oldest_clip(self) -> int | None:
        """The number of the oldest finished clip."""
        return min(self._days, default=None)

    def begin(self) -> tuple[int, int]:
        """Return the next clip's number and a descriptor to write its ciphertext to; the caller closes it.

        Raises:
            OSError: nothing was begun, though a number may be spent.
        """
        clip = self.begin_without_clip()
        home = self._running(clip)
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            descriptor = os.open(home / CLIP, flags, 0o600)
        except OSError:
            home.rmdir()
            raise
        sync_directory(home)
        return clip, descriptor

    def begin_without_clip(self) -> int:
        """Return the next clip's number, its directory made, for an event that has no video.

        Raises:
            OSError: nothing was begun, though a number may be spent.
        """
        clip = self._next
        write_file(self.directory / _NUMBER, b"%d\n" % (clip + 1))
        self._next += 1
        make_directory(self._running(clip))
        return clip

    def write_begun(self, clip: int, sealed: bytes) -> None:
        """Keep what is known at the start of a clip, for the case that its end never comes.

        Raises:
            OSError: it was not kept.
        """
        write_file(self._running(clip) / BEGUN, sealed)

    def write_event(self, clip: int, sealed: bytes) -> None:
        """Write a clip's event beside its ciphertext, still among the running ones.

        Raises:
            OSError: there is no event.
        """
        write_file(self._running(clip) / EVENT, sealed)

    def publish(self, clip: int, day: date, *, keep_begun: bool = False) -> None:
        """Move a clip whose event is written to its day, in one step.

        Args:
            clip: its number.
            day: UTC day of its first frame.
            keep_begun: keep ``begun``, as the only word on a clip that was cut short.

        Raises:
            OSError: the clip is still among the running ones; the next start publishes it.
        """
        home = self.directory / day.isoformat()
        make_directory(home, aside=True)
        # Before it lies there: whoever watches it meanwhile looks in both places.
        self._days[clip] = home.name
        try:
            if not keep_begun:
                (self._running(clip) / BEGUN).unlink(missing_ok=True)
            self._running(clip).rename(home / f"{clip:06d}")
        except OSError:
            del self._days[clip]
            raise
        sync_directory(home)
        sync_directory(self.directory / RECORDING)

    def abandon(self, clip: int) -> None:
        """Remove a running clip of which nothing can be kept.

        Raises:
            OSError: something of it stays.
        """
        shutil.rmtree(self._running(clip))

    def unfinished(self) -> list[int]:
        """Return the numbers of clips that are running, or that an earlier run left unfinished, rising."""
        return clips_in(self.directory / RECORDING)

    def unfinished_files(self, clip: int) -> frozenset[str]:
        """Return the names of the files of an unfinished clip, leftovers of interrupted writes removed."""
        home = self._running(clip)
        sweep(home)
        return frozenset(file.name for file in home.iterdir())

    def unfinished_path(self, clip: int) -> Path:
        """Return where an unfinished clip's ciphertext lies."""
        return self._running(clip) / CLIP

    def begun_day(self, clip: int) -> date:
        """Return the UTC day on which the first word on an unfinished clip was written."""
        files = list(self._running(clip).iterdir())
        first = min((file.lstat().st_mtime for file in files if file.name in (BEGUN, EVENT)), default=0.0)
        return datetime.fromtimestamp(min(max(first, 0.0), _LAST_S), UTC).date()

    def days(self) -> list[tuple[str, int]]:
        """Return each day that holds clips and how many, newest first."""
        counts: dict[str, int] = {}
        for day in list(self._days.values()):
            counts[day] = counts.get(day, 0) + 1
        return sorted(counts.items(), reverse=True)

    def clips(self, day: str) -> list[int]:
        """Return the numbers of a day's finished clips, rising."""
        return sorted(clip for clip, its_day in list(self._days.items()) if its_day == day)

    def sealed(self, clip: int, name: str) -> bytes | None:
        """Return the event or begun file of a clip, finished or running; None if it cannot be had."""
        try:
            return read_file(self._home(clip) / name, MAX_EVENT_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            logger.error("the %s of clip %d cannot be read: %s", name, clip, error.strerror)  # noqa: TRY400 - a sentence
            return None

    def open_clip(self, clip: int, *, running: bool = False) -> tuple[int, int] | None:
        """Return a read-only descriptor of a clip's ciphertext and its size by now; the caller closes it.

        None if it cannot be had. One that is not finished can be had if ``running`` says so, once something is said of it.
        """
        may_run = running and (self._running(clip) / BEGUN).exists()
        if not may_run and clip not in self._days:
            return None
        for home in (self._home, self._running, self._home):
            try:
                descriptor = open_file(home(clip) / CLIP)
            except FileNotFoundError:
                continue
            except OSError as error:
                logger.error("clip %d cannot be read: %s", clip, error.strerror)  # noqa: TRY400 - a sentence, not a trace
                return None
            return descriptor, os.fstat(descriptor).st_size
        return None

    def size_bytes(self, clip: int, *, running: bool = False) -> int | None:
        """Return the size of a clip's ciphertext, or None where ``open_clip`` gives none."""
        opened = self.open_clip(clip, running=running)
        if opened is None:
            return None
        os.close(opened[0])
        return opened[1]

    def kept(self) -> list[Kept]:
        """Return what retention weighs: every finished clip, oldest first."""
        homes = [(clip, self._home(clip)) for clip in sorted(self._days)]
        return [
            Kept(clip, sum(file.lstat().st_blocks * 512 for file in home.iterdir())) for clip, home in homes
        ]

    def delete(self, clip: int) -> None:
        """Remove a finished clip; its day's directory goes with the last one.

        Whoever is reading it gets no byte more: what was passed to the server counts for nothing from here on.

        Raises:
            OSError: some of it stays, as a clip or among the leaving ones.
        """
        home = self._home(clip)
        self.leaving.take(home)
        del self._days[clip]
        self.leaving.clear()
        if not any(home.parent.iterdir()):
            home.parent.rmdir()

    def free_bytes(self) -> int:
        """Return how many bytes the file system still takes."""
        stat = os.statvfs(self.directory)
        return stat.f_bavail * stat.f_frsize

    def _home(self, clip: int) -> Path:
        day = self._days.get(clip)
        return self._running(clip) if day is None else self.directory / day / f"{clip:06d}"

    def _running(self, clip: int) -> Path:
        return self.directory / RECORDING / f"{clip:06d}"

    def _read_number(self) -> int:
        try:
            return max(1, int(read_file(self.directory / _NUMBER, 16)))
        except FileNotFoundError:
            return 1
        except (OSError, ValueError) as error:
            # The clips that are there say which numbers are taken, but for those that gave way.
            logger.error("%s cannot be read: %s", self.directory / _NUMBER, error)  # noqa: TRY400 - a sentence
            return 1

"""From the camera's thread to the recorder's: a bounded queue in which pictures may be lost, and no ring is.

``put``, ``put_late`` and ``press`` are for whoever captures and rings, ``hear`` for who listens, ``next`` and ``sounds`` for the
recorder. Sound waits beside the queue, so that it takes no picture's place; what waits too long gives way to newer.
"""

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from device.camera.errors import CameraError
from device.camera.protocol import AccessUnit, Captured, Luma, Pressed
from device.hearing.sound import Sound

QUEUE_ITEMS: Final = 256  # about 8 s of access units and luma planes: a slow card may take that long
STALLED_S: Final = 4.0
ROUND_S: Final = 4.0
SOUNDS: Final = 256
"""Ten seconds: as long as pictures may wait."""
LATE_PRESSES: Final = 64
"""More than one a second for as long as a card may take: what is beyond is the same visit."""


class Intake:
    """What waits to be recorded."""

    def __init__(
        self, stopping: threading.Event, has_failed: Callable[[], bool], overloaded: Callable[[], None]
    ) -> None:
        """Begin empty.

        Args:
            stopping: set once the device stops.
            has_failed: whether nobody takes anything any more.
            overloaded: told when the recorder stalls.
        """
        self._stopping = stopping
        self._has_failed = has_failed
        self._overloaded = overloaded
        self._queue: queue.Queue[Captured | CameraError | None] = queue.Queue(QUEUE_ITEMS)
        self._late: deque[Pressed] = deque(maxlen=LATE_PRESSES)
        self._sounds: deque[Sound] = deque(maxlen=SOUNDS)

    def hear(self, sound: Sound) -> None:
        """Take in a moment of sound, without waiting."""
        self._sounds.append(sound)

    def sounds(self) -> Iterator[Sound]:
        """Yield what was heard since the last time, oldest first."""
        with contextlib.suppress(IndexError):
            while True:
                yield self._sounds.popleft()

    def press(self, pressed: Pressed) -> None:
        """Take in a press, without waiting."""
        try:
            self._queue.put_nowait(pressed)
        except queue.Full:
            # The camera's thread, which waits for room just so, puts it.
            self._late.append(pressed)

    def put(self, item: Captured | CameraError | None) -> None:
        """Queue an item; a recorder that stalls for seconds loses pictures, and the ledger says so.

        Nothing else is lost for it: not a ring, not the settings that count from here on, not the end of the camera. They
        wait until there is room, or the recorder has failed; once the device stops, they too wait no longer than pictures do.
        """
        self.put_late()
        self._put_one(item)

    def put_late(self) -> None:
        """Queue the presses for which there was no room."""
        while self._late:
            self._put_one(self._late.popleft())

    def next(self, moved: Callable[[], None]) -> Captured | CameraError | None:
        """Return what is to be recorded next; None is the camera's end. ``moved`` is called while nothing comes, too."""
        while True:
            moved()
            try:
                return self._queue.get(timeout=ROUND_S)
            except queue.Empty:
                continue

    def _put_one(self, item: Captured | CameraError | None) -> None:
        while not self._has_failed():
            stopping = self._stopping.is_set()
            try:
                self._queue.put(item, timeout=STALLED_S)
            except queue.Full:
                self._overloaded()
                if isinstance(item, Luma | AccessUnit) or (stopping and item is not None):
                    return
            else:
                return

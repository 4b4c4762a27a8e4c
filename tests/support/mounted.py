"""What is mounted at a door, for tests: a line that behaves as the kernel's do, a player and a relay that remember."""

import os
from collections import deque

from device.door.button import Edge
from device.door.errors import DoorError
from device.door.line import BUFFERED_EDGES


class Line:
    """A button's line: events are stamped, numbered, and the oldest fall out of a buffer that nobody reads."""

    def __init__(self, *, pressed: bool = False) -> None:
        self.pressed = pressed
        self.closed = False
        self.broken: DoorError | None = None
        self._events: deque[Edge] = deque(maxlen=BUFFERED_EDGES)
        self._number = 0
        self.descriptor = os.eventfd(0, os.EFD_NONBLOCK)

    def change(self, at_us: int, *, pressed: bool) -> None:
        """Pull the line, or let it go."""
        self._number += 1
        self.pressed = pressed
        self._events.append(Edge(at_us, pressed, self._number))
        os.eventfd_write(self.descriptor, 1)

    def press(self, at_us: int) -> None:
        """Press for a fifth of a second."""
        self.change(at_us, pressed=True)
        self.change(at_us + 200_000, pressed=False)

    def breaks(self, error: DoorError) -> None:
        """Fail from now on, as a chip that is gone: poll(2) says that there is something."""
        self.broken = error
        os.eventfd_write(self.descriptor, 1)

    def is_pressed(self) -> bool:
        return self.pressed

    def edges(self) -> list[Edge]:
        if self.broken is not None:
            raise self.broken
        if self._events:
            os.eventfd_read(self.descriptor)
        found, self._events = list(self._events), deque(maxlen=BUFFERED_EDGES)
        return found

    def close(self) -> None:
        assert not self.closed
        self.closed = True
        os.close(self.descriptor)


class Relay:
    """A relay's line."""

    def __init__(self) -> None:
        self.switched: list[bool] = []
        self.broken: DoorError | None = None
        self.closed = False

    @property
    def is_on(self) -> bool:
        return bool(self.switched) and self.switched[-1]

    def switch(self, *, on: bool) -> None:
        if self.broken is not None:
            raise self.broken
        self.switched.append(on)

    def close(self) -> None:
        assert not self.closed
        self.closed = True
        self.switched.append(False)


class Speaker:
    """A player."""

    def __init__(self) -> None:
        self.played = 0
        self.playing = False
        self.fault: DoorError | None = None
        self.ended_by_us = 0
        self.closed = False

    def play(self) -> None:
        self.played += 1
        self.playing = True

    def hush(self) -> None:
        self.playing = False

    def ended(self, *, overdue: bool) -> bool:
        if overdue and self.playing:
            self.playing = False
            self.ended_by_us += 1
            raise DoorError("it never comes to an end")
        if not self.playing and self.fault is not None:
            raise self.fault
        return not self.playing

    def close(self) -> None:
        self.closed = True


class Loudspeaker:
    """A loudspeaker whose room a test decides."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.begun = 0
        self.room = 1_000
        self.ends_at_once = True
        self.playing = False
        self.fault: DoorError | None = None
        self.closed = False
        self.descriptor: int | None = None
        self._pipe = os.eventfd(0, os.EFD_NONBLOCK)

    @property
    def said(self) -> bytes:
        """What was heard, but for silence."""
        return b"".join(sound for sound in self.heard if any(sound))

    def begin(self) -> None:
        self.begun += 1
        self.playing = True
        self.descriptor = self._pipe

    def write(self, sound: bytes) -> bool:
        if self.room <= 0:
            return False
        self.room -= 1
        self.heard.append(sound)
        return True

    def finish(self) -> None:
        self.descriptor = None
        if self.ends_at_once:
            self.playing = False

    def ended(self, *, overdue: bool) -> bool:
        if self.fault is not None:
            self.playing, self.descriptor = False, None
            raise self.fault
        if overdue and self.playing:
            self.playing = False
            raise DoorError("it never comes to an end")
        return not self.playing

    def close(self) -> None:
        assert not self.closed
        self.closed = True
        os.close(self._pipe)

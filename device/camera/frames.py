"""What an encoder of ours is fed: whole pictures, from something that draws, decodes or captures them.

Everywhere between a source and the encoder a picture is I420 in one array, BT.709, limited range.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from device.camera.protocol import Bytes2D, VideoFormat


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture.

    Attributes:
        i420: uint8 (height * 3 // 2, width), C-contiguous; valid until the next frame is asked for, and may be painted over.
        at_us: when it was captured.
        pressed: somebody pressed a bell that only this source knows of.
    """

    i420: Bytes2D
    at_us: int
    pressed: bool = False


class FrameSource(Protocol):
    """Something that yields pictures; the same three calls, threads and errors as ``Camera``."""

    @property
    def video(self) -> VideoFormat:
        """Size and rate."""
        ...

    def frames(self) -> Iterator[Frame]:
        """Yield pictures until the source ends or ``stop`` is called."""
        ...

    def stop(self) -> None:
        """Make ``frames`` end soon; any thread."""
        ...

    def close(self) -> None:
        """Give the device back."""
        ...


class Pace:
    """When each frame is due: by the clock in real time, or by counting as fast as possible.

    Args:
        realtime: wait for each frame's time and stamp it with CLOCK_MONOTONIC; otherwise times count from zero.
    """

    def __init__(self, realtime: bool) -> None:
        self._realtime = realtime
        self._began_us: int | None = None
        self._stopped = threading.Event()

    @property
    def stopped(self) -> bool:
        """Whether ``stop`` was called."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """End every wait, now and later; any thread."""
        self._stopped.set()

    def elapsed_us(self) -> int:
        """Return the time since the first ``wait``; zero when not in real time, where nobody can be late."""
        return _now_us() - self._began_us if self._realtime and self._began_us is not None else 0

    def wait(self, after_us: int) -> int:
        """Return the camera time of a frame, when it is due.

        Args:
            after_us: its time since the source began.
        """
        if not self._realtime:
            return after_us
        if self._began_us is None:
            self._began_us = _now_us()
        due_us = self._began_us + after_us
        if (early_us := due_us - _now_us()) > 0:
            self._stopped.wait(early_us / 1e6)
        return due_us


def _now_us() -> int:
    return time.monotonic_ns() // 1000

"""What a camera is to the rest of the house: a stream of access units and small pictures on one clock.

A camera is opened by ``sources.open_camera`` and then has one life:

    captured()    one thread iterates; blocks until something was captured, ends when the source ends or after stop()
    stop()        from any thread, any number of times; the iterator ends within a frame or two
    close()       from the iterating thread, after the iterator ended; gives the device back

Time is monotonic microseconds. A live camera stamps CLOCK_MONOTONIC at capture; one that runs as fast as possible
(tests, ``replay``) counts from zero by its frames. Within one camera, times of access units rise, and so do those of
luma planes. For one frame the order is ``Turned``, ``Pressed``, ``Luma``, ``AccessUnit``; a camera whose hardware encodes
may deliver an access unit some frames after its luma plane, so pair them by time, never by order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from device.contract.settings import Settings

Bytes2D = npt.NDArray[np.uint8]
"""An array of uint8 with two dimensions, rows first."""


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """Size and rate of the main stream; width a multiple of 16, height and width even."""

    width_px: int
    height_px: int
    fps: int

    @property
    def frame_us(self) -> int:
        """Time from one frame to the next."""
        return 1_000_000 // self.fps


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One encoded frame.

    Attributes:
        data: H.264 in Annex B; a keyframe brings its SPS and PPS.
        keyframe: it is an IDR picture, so that decoding can begin here.
        at_us: when the frame was captured.
    """

    data: bytes
    keyframe: bool
    at_us: int


@dataclass(frozen=True, slots=True)
class Luma:
    """The lores picture of one frame: Y for motion, and the colours beside it for a thumbnail.

    Attributes:
        i420: uint8 (height * 3 // 2, width), the Y rows, then U and V; nobody writes to it any more, so it may be kept.
        at_us: when the frame was captured.
    """

    i420: Bytes2D
    at_us: int

    @property
    def plane(self) -> Bytes2D:
        """Y alone, a view of uint8 (height, width)."""
        return self.i420[: self.i420.shape[0] * 2 // 3]


@dataclass(frozen=True, slots=True)
class Pressed:
    """Somebody pressed the bell that belongs to this camera: the scene's drawn one."""

    at_us: int


@dataclass(frozen=True, slots=True)
class Turned:
    """From this time on the household's settings are others; the next access unit is a keyframe.

    Attributes:
        settings: what pictures are painted by from now on.
        at_us: time of the first such picture.
    """

    settings: Settings
    at_us: int


Captured = AccessUnit | Luma | Pressed | Turned


class Camera(Protocol):
    """Whatever sees the doorstep."""

    @property
    def video(self) -> VideoFormat:
        """Size and rate of the access units."""
        ...

    def captured(self) -> Iterator[Captured]:
        """Yield what the camera captures, blocking in between, until its source ends or ``stop`` is called.

        Raises:
            CameraError: it was unplugged, fell silent, or its picture cannot be read.
        """
        ...

    def stop(self) -> None:
        """Make ``captured`` end soon; any thread, also before it began."""
        ...

    def close(self) -> None:
        """Give the device back, after ``captured`` ended."""
        ...

"""A camera that was not there when the door started: it fails at once, and is opened again like any that fails.

A door whose cable came loose over night still rings, serves what it has, and says what is wrong.
"""

from collections.abc import Callable, Iterator

from device.camera.errors import CameraError
from device.camera.protocol import Camera, Captured, VideoFormat


class Absent:
    """A ``Camera`` that is none."""

    def __init__(self, video: VideoFormat, error: CameraError) -> None:
        """Begin; ``error`` is why it could not be opened."""
        self._video = video
        self._error = error

    @property
    def video(self) -> VideoFormat:
        """Size and rate that it would have."""
        return self._video

    def captured(self) -> Iterator[Captured]:
        """Yield nothing.

        Raises:
            CameraError: always.
        """
        yield from ()
        raise self._error

    def stop(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def first(opens: Callable[[], Camera], video: VideoFormat, *, waits: bool) -> Camera:
    """Return the camera that a door starts with.

    Args:
        opens: opens it.
        video: size and rate.
        waits: whether a door without a camera is of use: where a person started it by hand, a refusal is more.

    Raises:
        CameraError: it cannot be opened, and ``waits`` is false.
    """
    try:
        return opens()
    except CameraError as error:
        if not waits:
            raise
        return Absent(video, error)

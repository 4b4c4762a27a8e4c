"""A camera's items for tests: the drawn doorstep, played as fast as possible, small enough to be quick."""

from collections.abc import Iterator
from functools import cache
from itertools import takewhile

from device.camera.protocol import Captured, VideoFormat
from device.camera.sources import open_camera

VIDEO = VideoFormat(640, 368, 15)


@cache
def scene(seconds: int) -> tuple[Captured, ...]:
    """Return what the scene camera captures in its first seconds; its first visitor enters at 3.0 s, rings, leaves at 12.0 s."""
    camera = open_camera("scene", VIDEO, realtime=False)
    try:
        return tuple(takewhile(lambda item: item.at_us < seconds * 1_000_000, camera.captured()))
    finally:
        camera.stop()
        camera.close()


def until(items: tuple[Captured, ...], seconds: float) -> Iterator[Captured]:
    """Yield the items before a time."""
    return (item for item in items if item.at_us < seconds * 1_000_000)

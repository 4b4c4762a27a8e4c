"""A camera whose every pixel is colourful and changes all the time: what shines through a mask shows."""

from collections.abc import Iterator

import cv2
import numpy as np

from device.camera.frames import Frame
from device.camera.painter import Painter
from device.camera.protocol import Captured, VideoFormat
from device.camera.software import SoftwareCamera
from device.contract.settings import Settings
from device.sight.luma import planes
from tests.support.film import VIDEO


class Carnival:
    """A ``FrameSource`` of some seconds; somebody rings at the times that are given."""

    def __init__(self, seconds: int, rings_s: tuple[float, ...] = (2.0,)) -> None:
        self._seconds = seconds
        self._rings = {round(at_s * VIDEO.fps) for at_s in rings_s}
        self._stopped = False

    @property
    def video(self) -> VideoFormat:
        return VIDEO

    def frames(self) -> Iterator[Frame]:
        i420 = np.empty((VIDEO.height_px * 3 // 2, VIDEO.width_px), np.uint8)
        parts = planes(i420, VIDEO.height_px, VIDEO.width_px)
        dice = np.random.default_rng(4)
        # Smooth, as an encoder at its wit's end would smear everything over everything.
        fields = [
            cv2.resize(
                dice.integers(30, 225, (5, 8), np.uint8), part.shape[::-1], interpolation=cv2.INTER_CUBIC
            )
            for part in parts
        ]
        for number in range(self._seconds * VIDEO.fps):
            if self._stopped:
                return
            # Rolled sideways, so that it moves into and out of every mask, in luma and in colour.
            for share, part, field in zip((1, 2, 2), parts, fields, strict=True):
                part[:] = np.roll(field, 8 * number // share, axis=1)
            yield Frame(i420, number * 1_000_000 // VIDEO.fps, number in self._rings)

    def stop(self) -> None:
        self._stopped = True

    def close(self) -> None: ...


def carnival(
    settings: Settings,
    seconds: int,
    rings_s: tuple[float, ...] = (2.0,),
    turns: dict[float, Settings] | None = None,
) -> Iterator[Captured]:
    """Yield what it captures under settings that turn to others at some times."""
    painter = Painter(VIDEO, settings)
    camera = SoftwareCamera(Carnival(seconds, rings_s), painter)
    waiting = sorted((turns or {}).items())
    for item in camera.captured():
        yield item
        if waiting and item.at_us >= waiting[0][0] * 1e6 - 1.5 * VIDEO.frame_us:
            painter.turn(waiting.pop(0)[1])
    camera.close()

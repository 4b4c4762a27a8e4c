"""The scene camera: a drawn doorstep, for the demo and for tests that must know the truth.

What is drawn is a pure function of the seed and the time, to the last pixel of noise: a test can draw the frame again that a clip
should show. In real time a frame that would come too late is left out, as a camera does.
"""

from collections.abc import Iterator
from itertools import takewhile
from typing import Final

import numpy as np

from device.camera.doorstep.actors import draw
from device.camera.doorstep.backdrop import Backdrop
from device.camera.doorstep.canvas import Canvas, rgb
from device.camera.doorstep.script import Visit, daylight, visits
from device.camera.frames import Frame, Pace
from device.camera.protocol import Bytes2D, VideoFormat

_MORNING_S: Final = 8 * 3600
_INK: Final = rgb(250, 250, 250)
_PLATE: Final = rgb(26, 28, 32)


class Scene:
    """A ``FrameSource`` that draws.

    Args:
        video: size and rate.
        seed: the same seed, the same visits.
        realtime: at the pace of the clock; otherwise as fast as it is asked, with times that count from zero.
        canary: words drawn into every frame, so that a scan can look for them where no picture may be.
    """

    def __init__(
        self, video: VideoFormat, *, seed: int = 7, realtime: bool = True, canary: str = "doorward"
    ) -> None:
        self._video = video
        self._seed = seed
        self._pace = Pace(realtime)
        self._canary = canary
        self._backdrop = Backdrop(video, seed)
        self._i420 = np.empty((video.height_px * 3 // 2, video.width_px), np.uint8)

    @property
    def video(self) -> VideoFormat:
        """Size and rate."""
        return self._video

    def truth(self, until_us: int) -> list[Visit]:
        """Return the visits that begin before ``until_us``, in microseconds since the first frame."""
        return list(takewhile(lambda visit: visit.from_us < until_us, visits(self._seed)))

    def frames(self) -> Iterator[Frame]:
        """Yield frames without end, until ``stop``; all share one buffer."""
        cast = visits(self._seed)
        visit = next(cast)
        last_us = -1
        number = 0
        while not self._pace.stopped:
            scene_us = number * 1_000_000 // self._video.fps
            at_us = self._pace.wait(scene_us)
            if scene_us >= visit.to_us:
                visit = next(cast)
            i420 = self._paint(visit, scene_us)
            pressed = visit.pressed_us is not None and last_us < visit.pressed_us <= scene_us
            yield Frame(i420, at_us, pressed)
            last_us = scene_us
            number = max(number + 1, self._pace.elapsed_us() * self._video.fps // 1_000_000)

    def picture(self, scene_us: int) -> Bytes2D:
        """Return the picture at this time since the first frame, a new array: uint8 (height * 3 // 2, width)."""
        past = takewhile(lambda visit: visit.from_us <= scene_us, visits(self._seed))
        return self._paint(
            max(past, key=lambda visit: visit.from_us, default=next(visits(self._seed))), scene_us
        ).copy()

    def stop(self) -> None:
        """Make ``frames`` end soon; any thread."""
        self._pace.stop()

    def close(self) -> None:
        """Do nothing: a drawing holds no device."""

    def _paint(self, visit: Visit, scene_us: int) -> Bytes2D:
        light = daylight(scene_us)
        self._backdrop.put(self._i420, light)
        canvas = Canvas(self._i420, self._video)
        draw(canvas, visit, scene_us, light)
        self._backdrop.add_noise(self._i420, light, scene_us * self._video.fps // 1_000_000)
        canvas.light = 1.0
        hours, rest = divmod(_MORNING_S + scene_us // 1_000_000, 3600)
        words = f"{self._canary} {hours % 24:02}:{rest // 60:02}:{rest % 60:02}"
        canvas.rectangle((24, 656), (48 + 18 * len(words), 704), _PLATE)
        canvas.text((38, 670), 3, words, _INK)
        return self._i420

"""Does a clip show what the camera showed? The camera's pictures are made again and compared with the clip's.

A scene is drawn again from its seed, a file is decoded again, both as fast as possible. Where in it the clip begins
is not told to us: the offset with the smallest difference is found first, on tiny pictures, then whole pictures are
compared.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np

from device.camera.protocol import Bytes2D, VideoFormat
from device.camera.replay import Replay
from device.camera.scene import Scene

ENOUGH_DB: Final = 26.0  # another second of the same scene gives below 20, a clip at our quality above 30
_TINY: Final = (80, 45)
_SAMPLES: Final = 7


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a clip compares.

    Attributes:
        frames: how many the clip has.
        offset_s: where in the camera's time the clip begins.
        psnr_db: of luma, the worst of seven pictures spread over the clip.
    """

    frames: int
    offset_s: float
    psnr_db: float

    @property
    def is_same(self) -> bool:
        """Whether it shows what the camera showed."""
        return self.psnr_db >= ENOUGH_DB


def compare(mp4: bytes, source: str, video: VideoFormat, until_s: float) -> Likeness:
    """Return how a clip compares with what its camera showed.

    Args:
        mp4: the opened clip.
        source: ``scene`` or ``replay:FILE``.
        video: what the camera was set to.
        until_s: it was recorded before this camera time.
    """
    shown = list(_decoded(mp4, video))
    numbers = [number for number, _ in shown]
    tiny = np.stack([picture for _, picture in shown])
    expected = np.stack([_shrink(picture) for picture in _camera(source, video, round(until_s * video.fps))])
    places = range(max(1, len(expected) - numbers[-1]))
    offset = min(places, key=lambda place: _distance(tiny, expected, numbers, place))
    chosen = {numbers[at] for at in np.linspace(0, len(numbers) - 1, _SAMPLES).astype(int)}
    clip = {number: picture for number, picture in _decoded(mp4, video, whole=True) if number in chosen}
    worst = min(
        _psnr(clip[number - offset], picture)
        for number, picture in enumerate(_camera(source, video, offset + numbers[-1] + 1))
        if number - offset in chosen
    )
    return Likeness(len(shown), offset / video.fps, worst)


def _camera(source: str, video: VideoFormat, frames: int) -> Iterator[Bytes2D]:
    """Yield luma of the camera's first frames, valid until the next."""
    if source.startswith("replay:"):
        frame_source: Scene | Replay = Replay(Path(source.removeprefix("replay:")), video, realtime=False)
    else:
        frame_source = Scene(video, realtime=False)
    try:
        for number, frame in enumerate(frame_source.frames()):
            if number >= frames:
                return
            yield frame.i420[: video.height_px]
    finally:
        frame_source.close()


def _decoded(mp4: bytes, video: VideoFormat, *, whole: bool = False) -> Iterator[tuple[int, Bytes2D]]:
    """Yield frame numbers and luma of a clip, tiny unless whole."""
    with av.open(io.BytesIO(mp4), "r") as container:
        for frame in container.decode(video=0):
            luma = np.asarray(frame.to_ndarray(format="yuv420p")[: video.height_px], np.uint8)
            yield round(float(frame.time or 0) * video.fps), luma if whole else _shrink(luma)


def _shrink(luma: Bytes2D) -> Bytes2D:
    return np.asarray(cv2.resize(luma, _TINY, interpolation=cv2.INTER_AREA), np.uint8)


def _distance(tiny: "np.ndarray", expected: "np.ndarray", numbers: list[int], place: int) -> float:
    every = slice(None, None, max(1, len(numbers) // 20))
    there = np.clip(np.array(numbers[every]) + place, 0, len(expected) - 1)
    return float(np.abs(tiny[every].astype(np.int16) - expected[there].astype(np.int16)).mean())


def _psnr(one: Bytes2D, other: Bytes2D) -> float:
    return float(cv2.PSNR(np.ascontiguousarray(one), np.ascontiguousarray(other)))

"""A video file as a camera, scaled to the video format.

The file's own times decide which pictures are shown: each picture of the camera is the newest of the file at that
moment, so a file of another rate neither runs faster nor slower. Its first picture is time zero.
"""

from collections.abc import Iterator
from pathlib import Path

from av.video.frame import VideoFrame

from device.camera.errors import CameraError
from device.camera.film import Film
from device.camera.frames import Frame, Pace
from device.camera.pictures import PictureScaler
from device.camera.protocol import VideoFormat


class Replay:
    """A ``FrameSource`` over a file.

    Args:
        path: the file.
        video: size and rate to bring it to.
        realtime: at the file's own pace, from now on; otherwise as fast as it is asked, with times that count from zero.

    Raises:
        CameraError: the file cannot be read, or holds no video.
    """

    def __init__(self, path: Path, video: VideoFormat, *, realtime: bool = True) -> None:
        self._path = path
        self._video = video
        self._pace = Pace(realtime)
        self._film = Film(path)

    @property
    def video(self) -> VideoFormat:
        """Size and rate."""
        return self._video

    def frames(self) -> Iterator[Frame]:
        """Yield the file's pictures at the camera's rate, until the file ends or ``stop``; all share one buffer.

        Raises:
            CameraError: the file cannot be read any further, or no picture in it can be decoded.
        """
        scaler = PictureScaler(self._video)
        number = 0
        picture: VideoFrame | None = None
        for due_us, following in self._film.pictures():
            while picture is not None and number * 1_000_000 // self._video.fps < due_us:
                i420 = scaler.scale(picture)
                yield Frame(i420, self._pace.wait(number * 1_000_000 // self._video.fps))
                if self._pace.stopped:
                    return
                number = max(number + 1, self._pace.elapsed_us() * self._video.fps // 1_000_000)
            picture = following
        if picture is None:
            raise CameraError(
                f"{self._path}: no picture in it can be decoded", hint="give another video file"
            )
        yield Frame(scaler.scale(picture), self._pace.wait(number * 1_000_000 // self._video.fps))

    @property
    def left_out(self) -> int:
        """How many pictures of the file could not be decoded so far."""
        return self._film.left_out

    def stop(self) -> None:
        """Make ``frames`` end soon; any thread."""
        self._pace.stop()

    def close(self) -> None:
        """Close the file."""
        self._film.close()

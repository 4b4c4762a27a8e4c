"""A video file as a camera: whatever FFmpeg reads, scaled to the video format.

The file's own times decide which pictures are shown: each picture of the camera is the newest of the file at that
moment, so a file of another rate neither runs faster nor slower. Its first picture is time zero.
"""

from collections.abc import Iterator
from pathlib import Path

import av
import av.error
from av.video.frame import VideoFrame

from device.camera.errors import CameraError
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
        try:
            self._container = av.open(str(path), metadata_errors="ignore")
        except (av.error.FFmpegError, OSError) as error:
            raise CameraError(
                f"{path}: cannot be played: {error.strerror or error}",
                hint="give a video file that FFmpeg can read",
            ) from error
        # FFmpeg draws any text as a film of letters.
        if not self._container.streams.video or self._container.format.name == "tty":
            self._container.close()
            raise CameraError(f"{path}: holds no video", hint="give a video file that FFmpeg can read")

    @property
    def video(self) -> VideoFormat:
        """Size and rate."""
        return self._video

    def frames(self) -> Iterator[Frame]:
        """Yield the file's pictures at the camera's rate, until the file ends or ``stop``; all share one buffer.

        Raises:
            CameraError: the file is damaged, or no picture in it can be decoded.
        """
        scaler = PictureScaler(self._video)
        number = 0
        picture: VideoFrame | None = None
        for due_us, following in self._pictures():
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

    def stop(self) -> None:
        """Make ``frames`` end soon; any thread."""
        self._pace.stop()

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def _pictures(self) -> Iterator[tuple[int, VideoFrame]]:
        stream = self._container.streams.video[0]
        stream.thread_count = 1
        first_s: float | None = None
        try:
            for picture in self._container.decode(stream):
                if picture.pts is None:
                    continue
                first_s = picture.time if first_s is None else first_s
                yield round((picture.time - first_s) * 1e6), picture
        except av.error.FFmpegError as error:
            raise CameraError(
                f"{self._path}: cannot be decoded any further: {error.strerror}",
                hint="the file is damaged; give another",
            ) from error

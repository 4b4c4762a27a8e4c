"""A webcam: V4L2 through FFmpeg's own reader, watched for silence. A picture that is broken ends nothing; a read that fails does.

A driver whose camera is gone may block for ever instead of failing, so another thread reads and keeps only the newest
picture, and the iterating thread waits for it no longer than SILENT_S. A reader that never comes back is left to the
end of the process: nothing may be freed under it.
"""

import errno
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

import av
import av.error
from av.container import InputContainer
from av.video.frame import VideoFrame

from device.camera.errors import PLUG_IN, CameraError
from device.camera.frames import Frame
from device.camera.pictures import PictureScaler
from device.camera.protocol import VideoFormat

SILENT_S: Final = 5.0
"""A webcam in the dark may take half a second per picture; five seconds are a dead one."""
_JOIN_S: Final = 1.0


class Capture(Protocol):
    """Whatever gives pictures, one at a time."""

    def read(self) -> VideoFrame | None:
        """Return the next picture, blocking until something comes; None if that was no whole picture.

        Raises:
            CameraError: nothing will come any more.
        """
        ...

    def close(self) -> None:
        """Give the device back; never while ``read`` runs."""
        ...


class Usb:
    """A ``FrameSource`` over a capture; times are CLOCK_MONOTONIC at arrival.

    Args:
        capture: closed with the source.
        video: size to scale to, and the rate that is not exceeded.
        silent_s: how long to wait for a picture.
    """

    def __init__(self, capture: Capture, video: VideoFormat, *, silent_s: float = SILENT_S) -> None:
        self._capture = capture
        self._video = video
        self._silent_s = silent_s
        self._changed = threading.Condition()
        self._newest: tuple[VideoFrame, int] | None = None
        self._failed: CameraError | None = None
        self._stopped = False
        self._reader = threading.Thread(target=self._read, name="usb-camera", daemon=True)

    @property
    def video(self) -> VideoFormat:
        """Size and rate."""
        return self._video

    def frames(self) -> Iterator[Frame]:
        """Yield the camera's pictures until ``stop``; all share one buffer.

        Raises:
            CameraError: it was unplugged, or has been silent for ``silent_s``.
        """
        scaler = PictureScaler(self._video)
        self._reader.start()
        next_us = 0
        while (newest := self._wait()) is not None:
            picture, at_us = newest
            if at_us < next_us:
                continue  # a camera that is faster than asked
            next_us = at_us + self._video.frame_us * 3 // 4
            yield Frame(scaler.scale(picture), at_us)

    def stop(self) -> None:
        """Make ``frames`` end soon; any thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def close(self) -> None:
        """Give the camera back, unless its driver still holds the reader."""
        self.stop()
        if self._reader.ident is not None:
            self._reader.join(_JOIN_S)
        if not self._reader.is_alive():
            self._capture.close()

    def _wait(self) -> tuple[VideoFrame, int] | None:
        with self._changed:
            here = self._changed.wait_for(
                lambda: self._stopped or self._failed is not None or self._newest is not None, self._silent_s
            )
            if self._stopped:
                return None
            if self._failed is not None:
                raise self._failed
            if not here:
                raise CameraError(f"the camera has been silent for {self._silent_s:g} s", hint=PLUG_IN)
            newest, self._newest = self._newest, None
            return newest

    def _read(self) -> None:
        while not self._stopped:
            try:
                picture = self._capture.read()
            except CameraError as error:
                with self._changed:
                    self._failed = error
                    self._changed.notify_all()
                return
            if picture is None:
                continue
            with self._changed:
                self._newest = picture, time.monotonic_ns() // 1000
                self._changed.notify_all()


class V4l2Capture:
    """One ``/dev/videoN``.

    Args:
        device: its path.
        video: size and rate to ask it for; the nearest that it has is taken.

    Raises:
        CameraError: it is not there, not ours to open, in use, or no camera.
    """

    def __init__(self, device: Path, video: VideoFormat) -> None:
        self._device = device
        if not device.exists():
            raise CameraError(f"no camera: {device} is not there", hint=PLUG_IN)
        self._container = _open(device, video)
        self._stream = self._container.streams.video[0]
        self._stream.thread_count = 1  # with more, a picture comes later, and its error with another one
        self._packets = self._container.demux(self._stream)

    def read(self) -> VideoFrame | None:
        """Return the next picture, blocking until something comes; None if that was no whole picture.

        Raises:
            CameraError: the camera was unplugged.
        """
        try:
            packet = next(self._packets)
        except (av.error.InvalidDataError, av.error.BlockingIOError, av.error.InterruptedError):
            self._packets = self._container.demux(self._stream)  # the one before has ended with its error
            return None
        except (StopIteration, av.error.FFmpegError, OSError) as error:
            raise CameraError(f"{self._device}: the camera was unplugged", hint=PLUG_IN) from error
        if packet.size == 0:
            return None  # decoded, it would mean the end
        try:
            pictures = self._stream.decode(packet)
        except av.error.FFmpegError:
            return None
        return pictures[0] if pictures else None

    def close(self) -> None:
        """Give the device back."""
        self._container.close()


def _open(device: Path, video: VideoFormat) -> InputContainer:
    wanted = {"video_size": f"{video.width_px}x{video.height_px}", "framerate": str(video.fps)}
    # Most webcams give 720p only as JPEGs; those that have none are asked for whatever they like to give.
    for options in ({**wanted, "input_format": "mjpeg"}, wanted, {}):
        try:
            return av.open(str(device), format="v4l2", options=options)
        except (av.error.FFmpegError, OSError) as error:
            failed = error
    hint = {
        errno.EACCES: "let this user read it: it has to be in the group 'video'",
        errno.EBUSY: "another program is using it; end that first",
    }.get(failed.errno or 0, PLUG_IN)
    raise CameraError(
        f"{device}: cannot be used as a camera: {failed.strerror or failed}", hint=hint
    ) from failed


def find_usb(video: VideoFormat, folder: Path = Path("/dev")) -> V4l2Capture:
    """Return the first camera; a webcam has more than one device, and not all of them give pictures.

    Raises:
        CameraError: there is none.
    """
    failed: CameraError | None = None
    devices = [path for path in folder.glob("video*") if path.name[5:].isdigit()]
    for device in sorted(devices, key=lambda path: int(path.name[5:])):
        try:
            return V4l2Capture(device, video)
        except CameraError as error:
            failed = failed or error
    if failed is not None:
        raise failed
    raise CameraError(f"no camera: there is no {folder}/video0", hint=PLUG_IN)

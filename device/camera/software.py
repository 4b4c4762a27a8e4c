"""A camera made of a source of pictures and an encoder of ours: scene, replay and usb.

    source ──▶ picture ──▶ painter ──┬──▶ shrink ──▶ Luma
                                     └──▶ x264 ────▶ AccessUnit

Everything happens in the thread that iterates. Whatever must never be in a file is painted over in the picture before it forks.
"""

from collections.abc import Iterator

from device.camera.encoder import Encoder
from device.camera.frames import FrameSource
from device.camera.painter import Painter
from device.camera.protocol import Captured, Luma, Pressed, Turned, VideoFormat
from device.sight.luma import shrink


class SoftwareCamera:
    """A ``Camera`` over any ``FrameSource``; it stops and closes the source with itself."""

    def __init__(self, source: FrameSource, painter: Painter) -> None:
        self._source = source
        self._painter = painter

    @property
    def video(self) -> VideoFormat:
        """Size and rate of the access units."""
        return self._source.video

    def captured(self) -> Iterator[Captured]:
        """Yield what the camera captures, in the order Turned, Pressed, Luma, AccessUnit for each frame.

        Raises:
            CameraError: the source failed.
        """
        encoder = Encoder(self._source.video)
        for frame in self._source.frames():
            if (settings := self._painter.turned()) is not None:
                encoder = Encoder(self._source.video)
                yield Turned(settings, frame.at_us)
            self._painter.paint(frame.i420, frame.at_us)
            if frame.pressed:
                yield Pressed(frame.at_us)
            yield Luma(shrink(frame.i420), frame.at_us)
            yield encoder.encode(frame.i420, frame.at_us)

    def stop(self) -> None:
        """Make ``captured`` end soon; any thread."""
        self._source.stop()

    def close(self) -> None:
        """Give the source's device back."""
        self._source.close()

"""Pictures of any size and pixel format, brought to the one form that the encoder takes: I420, BT.709, limited range."""

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from device.camera.protocol import Bytes2D, VideoFormat
from device.sight.luma import planes


class PictureScaler:
    """Scales pictures into one buffer of its own.

    Args:
        video: size to bring them to; a picture of another shape is stretched.
    """

    def __init__(self, video: VideoFormat) -> None:
        self._video = video
        self._reformatter = VideoReformatter()
        self._i420 = np.empty((video.height_px * 3 // 2, video.width_px), np.uint8)

    def scale(self, picture: VideoFrame) -> Bytes2D:
        """Return the picture as uint8 (height * 3 // 2, width); valid until the next call."""
        scaled = self._reformatter.reformat(
            picture,
            width=self._video.width_px,
            height=self._video.height_px,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BILINEAR,
        )
        own = planes(self._i420, self._video.height_px, self._video.width_px)
        for plane, target in zip(scaled.planes, own, strict=True):
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
            np.copyto(target, rows[: target.shape[0], : target.shape[1]])
        return self._i420

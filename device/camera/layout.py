"""How a camera's buffer lies in memory, and the I420 array that everything else of ours takes. Pure.

Rows may be longer than the picture (the ISP pads them to its own liking), and the colours may stand in two planes (YUV420)
or alternate in one (NV12): both are read back from the camera after it was configured, never assumed.

Source: libcamera, ``StreamConfiguration``; Linux, Documentation/userspace-api/media/v4l/pixfmt-yuv-planar.rst.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from device.camera.errors import CameraError
from device.camera.protocol import Bytes2D
from device.sight.luma import planes


@dataclass(frozen=True, slots=True)
class Layout:
    """One stream's buffers.

    Attributes:
        kind: ``YUV420`` or ``NV12``.
        width_px: of the picture.
        height_px: of the picture.
        stride_bytes: from one row of Y to the next.
    """

    kind: str
    width_px: int
    height_px: int
    stride_bytes: int

    @classmethod
    def told(cls, stream: dict[str, Any]) -> "Layout":
        """Return the layout that picamera2 tells of a configured stream.

        Raises:
            CameraError: it has a form that cannot be painted, so that no mask would hold.
        """
        width_px, height_px = stream["size"]
        if stream["format"] not in ("YUV420", "NV12"):
            raise CameraError(
                f"the camera gives {stream['format']}, which cannot be masked",
                hint="use a camera that gives YUV420",
            )
        return cls(stream["format"], width_px, height_px, stream["stride"])

    def read(self, buffer: Bytes2D) -> Bytes2D:
        """Return the picture, a new uint8 (height * 3 // 2, width), C-contiguous, without padding.

        Args:
            buffer: uint8, one dimension; may be longer than the picture.
        """
        i420 = np.empty((self.height_px * 3 // 2, self.width_px), np.uint8)
        for ours, theirs in zip(
            planes(i420, self.height_px, self.width_px), self._planes(buffer), strict=True
        ):
            ours[:] = theirs
        return i420

    def write(self, i420: Bytes2D, buffer: Bytes2D) -> None:
        """Put a picture of that form into the buffer; its padding stays."""
        for ours, theirs in zip(
            planes(i420, self.height_px, self.width_px), self._planes(buffer), strict=True
        ):
            theirs[:] = ours

    def _planes(self, buffer: Bytes2D) -> tuple[Bytes2D, ...]:
        """Return Y, U and V as views."""
        luma = self.stride_bytes * self.height_px
        half_px, half_rows = self.width_px // 2, self.height_px // 2
        y = buffer[:luma].reshape(self.height_px, self.stride_bytes)[:, : self.width_px]
        if self.kind == "NV12":
            pairs = buffer[luma : luma + luma // 2].reshape(half_rows, self.stride_bytes)
            return y, pairs[:, 0 : self.width_px : 2], pairs[:, 1 : self.width_px : 2]
        u, v = buffer[luma : luma + luma // 2].reshape(2, half_rows, self.stride_bytes // 2)[:, :, :half_px]
        return y, u, v

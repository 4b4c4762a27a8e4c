"""A JPEG of the lores picture: what the list of clips shows.

The lores picture is BT.709 in limited range, JPEG wants full range, so the colours go through BGR once; at this size that costs
half a millisecond a clip.

Source: ITU-R BT.709-6, 3 (the matrix).
"""

from typing import Final

import numpy as np

from device.camera.protocol import Luma
from device.sight.luma import LUMA_WIDTH_PX, planes
from device.sight.opencv import cv2

QUALITY: Final = 80
"""About 12 kB: small enough to come with each event."""
MAX_BYTES: Final = 15_360
"""What an event has room for beside masks and triggers. A picture that is all noise needs a lower quality for it."""

_BGR_FROM_YUV: Final = np.array(
    [
        [1.16438, 2.11240, 0.0, -289.018],
        [1.16438, -0.21325, -0.53291, 76.878],
        [1.16438, 0.0, 1.79274, -248.101],
    ]
)
"""Rows B, G, R; columns Y, U, V, and the constant that the offsets 16 and 128 come to."""


def jpeg(luma: Luma) -> bytes:
    """Return the picture as a JPEG of at most ``MAX_BYTES`` and 320 px in width: what a camera gives is 320x180 already."""
    height_px, width_px = luma.plane.shape
    y, u, v = planes(luma.i420, height_px, width_px)
    scale = min(1.0, LUMA_WIDTH_PX / width_px)
    whole = (round(width_px * scale), max(1, round(height_px * scale)))
    yuv = cv2.merge([cv2.resize(part, whole) for part in (y, u, v)])
    bgr = cv2.transform(yuv, _BGR_FROM_YUV)
    for quality in (QUALITY, 60, 40, 20, 5):
        done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if not done:
            raise RuntimeError("OpenCV cannot write a JPEG")
        if len(data) <= MAX_BYTES:
            return data.tobytes()
    return b""  # no camera's picture is so tall

"""A JPEG of the lores picture: what the list of clips shows.

The lores picture is BT.709 in limited range, JPEG wants full range, so the colours go through BGR once; at this size that costs
half a millisecond a clip.

Source: ITU-R BT.709-6, 3 (the matrix).
"""

from typing import Final

import numpy as np

from device.camera.protocol import Luma
from device.sight.luma import LUMA_HEIGHT_PX, LUMA_WIDTH_PX, planes
from device.sight.opencv import cv2

QUALITY: Final = 80
"""About 12 kB: small enough to come with each event."""

_BGR_FROM_YUV: Final = np.array(
    [
        [1.16438, 2.11240, 0.0, -289.018],
        [1.16438, -0.21325, -0.53291, 76.878],
        [1.16438, 0.0, 1.79274, -248.101],
    ]
)
"""Rows B, G, R; columns Y, U, V, and the constant that the offsets 16 and 128 come to."""


def jpeg(luma: Luma) -> bytes:
    """Return the picture as a JPEG of 320x180."""
    y, u, v = planes(luma.i420, LUMA_HEIGHT_PX, LUMA_WIDTH_PX)
    whole = (LUMA_WIDTH_PX, LUMA_HEIGHT_PX)
    yuv = cv2.merge([y, cv2.resize(u, whole), cv2.resize(v, whole)])
    done, data = cv2.imencode(".jpg", cv2.transform(yuv, _BGR_FROM_YUV), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise RuntimeError("OpenCV cannot write a JPEG")
    return data.tobytes()

"""The lores picture: 320x180 I420, averaged down from the main stream.

Averaging (not picking) pixels divides the sensor's noise by four at 1280x720, before any detector sees it. The size
is fixed whatever the main stream's is: the detector's areas are in these pixels. A main stream of another shape than 16:9
is squeezed, which motion does not mind.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from device.sight.opencv import cv2

LUMA_WIDTH_PX: Final = 320
LUMA_HEIGHT_PX: Final = 180


def shrink(i420: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the lores picture of a frame: a new uint8 (270, 320), I420.

    Args:
        i420: uint8 (height * 3 // 2, width), C-contiguous, no row padding; is only read.
    """
    height_px, width_px = i420.shape[0] * 2 // 3, i420.shape[1]
    lores = np.empty((LUMA_HEIGHT_PX * 3 // 2, LUMA_WIDTH_PX), np.uint8)
    for whole, part in zip(
        planes(i420, height_px, width_px), planes(lores, LUMA_HEIGHT_PX, LUMA_WIDTH_PX), strict=True
    ):
        cv2.resize(whole, (part.shape[1], part.shape[0]), dst=part, interpolation=cv2.INTER_AREA)
    return lores


def planes(i420: npt.NDArray[np.uint8], height_px: int, width_px: int) -> tuple[npt.NDArray[np.uint8], ...]:
    """Return Y, U and V as views of uint8 (height, width) and twice (height // 2, width // 2)."""
    flat = i420.reshape(-1)
    luma, quarter = height_px * width_px, height_px * width_px // 4
    half = (height_px // 2, width_px // 2)
    return (
        flat[:luma].reshape(height_px, width_px),
        flat[luma : luma + quarter].reshape(half),
        flat[luma + quarter : luma + 2 * quarter].reshape(half),
    )

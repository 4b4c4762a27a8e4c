"""OpenCV, held to one thread: its pool costs memory and wakes every core for pictures this small."""

from typing import Any, Final

import cv2

cv2.setNumThreads(1)

untyped: Final[Any] = cv2
"""The same without its stubs, which know neither a scalar as second picture nor what comes out of uint8."""

__all__ = ["cv2", "untyped"]

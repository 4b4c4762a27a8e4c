"""OpenCV, held to one thread: its pool costs memory and wakes every core for pictures this small."""

import cv2

cv2.setNumThreads(1)

__all__ = ["cv2"]

"""One small JPEG of a moment, for the sealed event; it never touches the disk in the open."""

from typing import Final

from device.camera.protocol import Bytes2D

QUALITY: Final = 70  # 5 to 9 kB at 320x180: a day of 200 events stays below 2 MB


def jpeg(i420: Bytes2D) -> bytes:
    """Return a JPEG of a lores picture.

    Args:
        i420: uint8 (height * 3 // 2, width).
    """
    import cv2

    done, data = cv2.imencode(
        ".jpg", cv2.cvtColor(i420, cv2.COLOR_YUV2BGR_I420), [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    )
    if not done:
        raise RuntimeError("OpenCV could not make a JPEG of a picture in memory")
    return data.tobytes()

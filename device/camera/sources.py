"""Which camera a word in the configuration means.

Each kind is imported only when it is asked for: a Pi with its own camera need not hold FFmpeg in its memory.
"""

import re
from pathlib import Path

from device.camera.errors import CameraError
from device.camera.painter import Painter
from device.camera.protocol import Camera, VideoFormat
from device.contract.settings import Settings

CAMERAS = "scene, usb, usb:N or replay:FILE"


def open_camera(
    text: str,
    video: VideoFormat,
    painter: Painter | None = None,
    *,
    realtime: bool = True,
    canary: str = "doorward",
) -> Camera:
    """Return the camera that ``text`` names, opened; the caller closes it.

    Args:
        text: ``scene``, ``usb``, ``usb:N`` or ``replay:FILE``.
        video: size and rate.
        painter: hides what must not exist; None hides nothing.
        realtime: for scene and replay: at the clock's pace, or as fast as possible.
        canary: words that the scene draws into its picture.

    Raises:
        CameraError: there is no such camera, or it cannot be opened.
    """
    from device.camera.frames import FrameSource
    from device.camera.software import SoftwareCamera

    kind, _, which = text.partition(":")
    source: FrameSource
    if text == "scene":
        from device.camera.scene import Scene

        source = Scene(video, realtime=realtime, canary=canary)
    elif kind == "replay" and which:
        from device.camera.replay import Replay

        source = Replay(Path(which), video, realtime=realtime)
    elif re.fullmatch(r"usb(:[0-9]+)?", text):
        from device.camera.usb import Usb, V4l2Capture, find_usb

        source = Usb(V4l2Capture(Path(f"/dev/video{which}"), video) if which else find_usb(video), video)
    else:
        raise CameraError(f"there is no camera named {text!r}", hint=f"use {CAMERAS}")
    return SoftwareCamera(source, painter or Painter(video, Settings()))

"""Which camera a word in the configuration means.

Each kind is imported only when it is asked for: a Pi with its own camera need not hold FFmpeg in its memory.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from device.camera.errors import CameraError
from device.camera.painter import Painter
from device.camera.protocol import Camera, VideoFormat
from device.contract.settings import Settings

logger = logging.getLogger(__name__)

CAMERAS = "scene, pi, pi:N, usb, usb:N or replay:FILE"


def open_camera(
    text: str,
    video: VideoFormat,
    painter: Painter | None = None,
    *,
    realtime: bool = True,
    canary: str = "doorward",
    rotation: int = 0,
    software: bool = False,
    slower: Callable[[], None] = lambda: None,
) -> Camera:
    """Return the camera that ``text`` names, opened; the caller closes it.

    Args:
        text: ``scene``, ``pi``, ``pi:N``, ``usb``, ``usb:N`` or ``replay:FILE``.
        video: size and rate.
        painter: hides what must not exist; None hides nothing.
        realtime: for scene and replay: at the clock's pace, or as fast as possible.
        canary: words that the scene draws into its picture.
        rotation: 0 or 180 degrees, by which the Pi's own camera hangs turned.
        software: leave the Pi's own encoder alone, if there is one, and have x264 do it at a lower rate.
        slower: called when the computer does not keep up, and fewer pictures are encoded from there on; any thread.

    Raises:
        CameraError: there is no such camera, or it cannot be opened.
    """
    from device.camera.frames import FrameSource
    from device.camera.software import SoftwareCamera

    kind, _, which = text.partition(":")
    if re.fullmatch(r"pi(:[0-9])?", text):
        from device.camera.ladder import lower_fps
        from device.camera.pi import PiCamera
        from device.camera.picamera import Connected, has_encoder

        hardware = has_encoder()
        if hardware and software:
            logger.warning(
                "the Pi's own encoder is left alone until the device starts anew: x264, at a lower rate"
            )
            hardware, video = False, replace(video, fps=lower_fps(video.fps))
        connected = Connected(int(which or 0), rotation=rotation)
        painter = painter or Painter(video, Settings())
        return PiCamera(connected, video, painter, hardware=hardware, slower=slower)
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

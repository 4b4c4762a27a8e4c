"""The whole device over the virtual camera: it begins, somebody rings after three seconds, and it stops after eight more."""

import functools
import logging
import threading

from virtual_camera import VirtualPicamera2

import device.camera.picamera as picamera
from device.app import App
from device.config import check
from device.host.systemd import Systemd

RING_S, STOP_S = 3.0, 11.0
CONFIG = {
    "state": "/state",
    "camera": {"source": "pi"},
    "recording": {"post_roll_s": 1.0},
    "link": {"socket": "/tmp/link"},  # noqa: S108 - the root's own
    "watch": {"masks": [[[0.0, 0.0], [0.5, 0.0], [0.5, 0.5], [0.0, 0.5]]]},
}


def main():
    logging.basicConfig(level=logging.INFO)
    picamera.Connected = functools.partial(picamera.Connected, make=VirtualPicamera2, form="NV12")
    app = App(check(CONFIG, "the trial"), Systemd({}))
    for after_s, act in ((RING_S, app.press), (STOP_S, app.stop)):
        timer = threading.Timer(after_s, act)
        timer.daemon = True
        timer.start()
    app.run()


if __name__ == "__main__":
    main()

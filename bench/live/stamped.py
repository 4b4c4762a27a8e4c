"""``python -m bench.live.stamped``: a whole device whose drawn doorstep bears the moment at which it was drawn."""

import os

from bench.live import stamp
from device.__main__ import main
from device.camera import scene
from device.camera.doorstep.script import Visit
from device.camera.frames import Bytes2D


class Stamped(scene.Scene):
    """The drawn doorstep, each picture with its moment."""

    def _paint(self, visit: Visit, scene_us: int) -> Bytes2D:
        picture = super()._paint(visit, scene_us)
        stamp.put(picture)
        return picture


if __name__ == "__main__":
    scene.Scene = Stamped  # type: ignore[misc]
    os._exit(main())

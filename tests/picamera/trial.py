"""Real picamera2 on real libcamera, asked as the device asks it; ``scripts/picamera`` runs this in a root of its own.

Each trial is a sentence; the first that does not hold ends the program with its traceback.
"""

import os
import sys
import threading
import time
from itertools import islice
from pathlib import Path

import av
import numpy as np
from virtual_camera import VirtualPicamera2

from device.camera.errors import CameraError
from device.camera.painter import Painter
from device.camera.pi import PiCamera
from device.camera.picamera import Connected
from device.camera.protocol import AccessUnit, Luma, VideoFormat
from device.contract.settings import Settings
from device.sight.masks import Masks

VIDEO = VideoFormat(1280, 720, 15)
MASK = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))


SEEN = Settings()


def opened(settings=SEEN, silent_s=5.0):
    connected = Connected(0, make=VirtualPicamera2, form="NV12")
    return PiCamera(connected, VIDEO, Painter(VIDEO, settings), hardware=False, silent_s=silent_s)


def the_driver(camera):
    return camera._connected._camera


def pictures_are_masked_and_decode_to_what_was_masked():
    camera = opened(Settings(masks=(MASK,)))
    items = list(islice(camera.captured(), 40))
    camera.close()
    lumas = [item for item in items if isinstance(item, Luma)]
    units = [item for item in items if isinstance(item, AccessUnit)]
    assert len(units) > 12
    assert units[0].keyframe
    small = Masks((MASK,), 180, 320)
    assert all(small.intact(luma.i420) for luma in lumas)
    assert all(luma.plane[100:].std() > 1 for luma in lumas), "nothing is seen outside the mask"
    decoder = av.CodecContext.create("h264", "r")
    pictures = [picture for unit in units for picture in decoder.decode(av.Packet(unit.data))]
    for picture in pictures:
        hidden = picture.to_ndarray(format="yuv420p")[:352, :632]
        assert int(np.abs(hidden.astype(int) - 16).max()) <= 2
    times = [unit.at_us for unit in units]
    assert times == sorted(set(times))
    assert abs(times[-1] - time.monotonic_ns() // 1000) < 10_000_000


def a_thread_that_dies_is_noticed_and_the_camera_opens_again():
    camera = opened(silent_s=1.0)
    stream = camera.captured()
    list(islice(stream, 10))
    the_driver(camera).fault = lambda: 1 / 0
    threading.excepthook = lambda _: None  # the dead thread's traceback is what was asked for
    silent(stream)
    camera.close()
    camera = opened()
    assert len(list(islice(camera.captured(), 10))) == 10
    camera.close()


def a_thread_that_stalls_is_noticed_and_holds_nobody_up():
    camera = opened(silent_s=1.0)
    stream = camera.captured()
    list(islice(stream, 10))
    go_on = threading.Event()
    the_driver(camera).fault = lambda: go_on.wait(4)
    silent(stream)
    began_s = time.monotonic()
    camera.close()
    assert time.monotonic() - began_s < 8
    go_on.set()
    camera = opened()
    assert len(list(islice(camera.captured(), 10))) == 10
    camera.close()


def silent(stream):
    try:
        for _ in stream:
            pass
    except CameraError as error:
        assert "silent" in str(error)
    else:
        raise AssertionError("it ended without a word")


def ten_openings_leave_no_descriptor_open():
    counts = []
    for _ in range(11):
        camera = opened()
        list(islice(camera.captured(), 6))
        camera.close()
        counts.append(len(list(Path("/proc/self/fd").iterdir())))
    assert counts[-1] <= counts[0], counts


def main():
    trials = [
        pictures_are_masked_and_decode_to_what_was_masked,
        a_thread_that_dies_is_noticed_and_the_camera_opens_again,
        a_thread_that_stalls_is_noticed_and_holds_nobody_up,
        ten_openings_leave_no_descriptor_open,
    ]
    for trial in trials:
        trial()
        print("held:", trial.__name__.replace("_", " "), flush=True)  # noqa: T201 - the trial's own voice


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)

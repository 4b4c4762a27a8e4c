import os
import queue
import threading
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from device.camera.errors import PLUG_IN, CameraError
from device.camera.protocol import VideoFormat
from device.camera.usb import Usb, V4l2Capture, find_usb

SMALL = VideoFormat(320, 192, 10)


class FakeCapture:
    """A webcam that a test drives: it shows a grey, or is unplugged, or hangs until it is let go."""

    def __init__(self) -> None:
        self._next: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self.closed = False

    def show(self, grey: int) -> None:
        self._next.put(grey)

    def unplug(self) -> None:
        self._next.put(None)

    def read(self) -> av.VideoFrame:
        grey = self._next.get()
        if grey is None:
            raise CameraError("/dev/video9: the camera was unplugged", hint=PLUG_IN)
        return av.VideoFrame.from_ndarray(np.full((192, 320, 3), grey, np.uint8), "rgb24")

    def close(self) -> None:
        self.closed = True


def test_pictures_arrive_as_i420_with_rising_times(monkeypatch):
    times = iter(
        range(0, 10**9, 100_000_000)
    )  # a machine may be faster than any rate, and pictures would be left out
    monkeypatch.setattr("device.camera.usb.time.monotonic_ns", lambda: next(times))
    capture = FakeCapture()
    usb = Usb(capture, SMALL)
    frames = usb.frames()
    got = []
    for grey in (0, 255):
        capture.show(grey)
        frame = next(frames)
        got.append((frame.at_us, round(frame.i420[:192].mean()), frame.i420.shape))
    assert [grey for _, grey, _ in got] == pytest.approx([16, 235], abs=1)
    assert got[0][0] < got[1][0]
    assert got[0][2] == (288, 320)
    capture.unplug()
    usb.close()


def test_an_unplugged_camera_is_an_error_with_a_hint():
    capture = FakeCapture()
    usb = Usb(capture, SMALL)
    capture.unplug()
    with pytest.raises(CameraError, match="unplugged") as lost:
        list(usb.frames())
    assert "plug it in" in lost.value.hint
    usb.close()
    assert capture.closed


def test_a_silent_camera_is_an_error_and_is_not_freed_under_its_reader():
    capture = FakeCapture()
    usb = Usb(capture, SMALL, silent_s=0.05)
    with pytest.raises(CameraError, match=r"silent for 0\.05 s"):
        list(usb.frames())
    closing = threading.Thread(target=usb.close)
    closing.start()
    capture.unplug()  # the driver comes back at last
    closing.join()
    assert capture.closed


def test_stopping_from_another_thread_ends_a_wait():
    capture = FakeCapture()
    usb = Usb(capture, SMALL)
    stopping = threading.Timer(0.05, usb.stop)
    stopping.start()
    assert list(usb.frames()) == []
    stopping.join()
    capture.unplug()
    usb.close()


def test_a_camera_that_is_faster_than_asked_loses_pictures(monkeypatch):
    capture = FakeCapture()
    usb = Usb(capture, SMALL)
    times = iter(range(0, 10**9, 50_000_000))  # twenty a second
    monkeypatch.setattr("device.camera.usb.time.monotonic_ns", lambda: next(times))
    taken: list[int] = []
    original = usb._wait

    def wait():
        capture.show(100)
        return original()

    monkeypatch.setattr(usb, "_wait", wait)
    taken = [frame.at_us for frame in islice(usb.frames(), 4)]
    assert taken == [0, 100_000, 200_000, 300_000]
    capture.unplug()
    usb.close()


def test_closing_an_unused_camera_gives_it_back():
    capture = FakeCapture()
    Usb(capture, SMALL).close()
    assert capture.closed


def test_a_missing_camera_is_said_with_its_path(tmp_path):
    with pytest.raises(CameraError, match=r"no camera: .*video7 is not there") as missing:
        V4l2Capture(tmp_path / "video7", SMALL)
    assert missing.value.hint == "plug it in, or run scripts/demo --camera scene"


def test_a_machine_without_any_camera_is_said(tmp_path):
    with pytest.raises(CameraError, match=r"there is no .*video0"):
        find_usb(SMALL, tmp_path)


def test_what_is_no_camera_is_said(tmp_path):
    (tmp_path / "video0").write_bytes(b"not a device")
    with pytest.raises(CameraError, match="video0: cannot be used as a camera"):
        find_usb(SMALL, tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open anything")
def test_a_camera_of_somebody_else_s_names_the_group(tmp_path: Path):
    (tmp_path / "video0").touch(mode=0)
    with pytest.raises(CameraError) as denied:
        find_usb(SMALL, tmp_path)
    assert "group 'video'" in denied.value.hint


@pytest.mark.skipif(not Path("/dev/video0").exists(), reason="no camera is plugged into this machine")
def test_a_real_webcam_gives_pictures():
    usb = Usb(find_usb(SMALL), SMALL)
    assert len(list(islice(usb.frames(), 3))) == 3
    usb.close()

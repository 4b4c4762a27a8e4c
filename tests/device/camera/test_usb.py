import errno
import os
import queue
import threading
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from device.camera.errors import PLUG_IN, CameraError
from device.camera.protocol import VideoFormat
from device.camera.usb import Usb, V4l2Capture, find_usb

SMALL = VideoFormat(320, 192, 10)


BROKEN = -1
PASSING = (1, errno.EAGAIN)


class FakeCapture:
    """A webcam that a test drives: it shows a grey or what is no picture, or is unplugged, or hangs until it is let go."""

    def __init__(self) -> None:
        self._next: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self.closed = False

    def show(self, grey: int) -> None:
        self._next.put(grey)

    def unplug(self) -> None:
        self._next.put(None)

    def read(self) -> av.VideoFrame | None:
        grey = self._next.get()
        if grey == BROKEN:
            return None
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


def test_what_is_no_picture_is_left_out_also_at_first_and_many_times():
    capture = FakeCapture()
    usb = Usb(capture, SMALL)
    frames = usb.frames()
    for _ in range(20):
        capture.show(BROKEN)
    capture.show(255)
    assert round(next(frames).i420[:192].mean()) == pytest.approx(235, abs=1)
    capture.unplug()
    usb.close()


class FakeDriver:
    """What FFmpeg gives of a webcam, as a test says: packets, and errors of reading."""

    def __init__(self, given: list[bytes | Exception]) -> None:
        self._given = iter(given)
        self._codec = av.CodecContext.create("mjpeg", "r")
        self.streams = SimpleNamespace(video=[self])

    def demux(self, _: object) -> Iterator[av.Packet]:
        for given in self._given:
            if isinstance(given, Exception):
                raise given
            yield av.Packet(given)

    def decode(self, packet: av.Packet) -> list[av.VideoFrame]:
        return self._codec.decode(packet)


@pytest.fixture
def jpeg() -> bytes:
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 64, 48, "yuvj420p", Fraction(1, 10)
    grey = av.VideoFrame.from_ndarray(np.full((72, 64), 100, np.uint8), "yuvj420p")
    return b"".join(map(bytes, [*encoder.encode(grey), *encoder.encode()]))


def read_all(monkeypatch: pytest.MonkeyPatch, path: Path, given: list[bytes | Exception]) -> list[bool]:
    """Return, for each read until the camera is lost, whether there was a picture."""
    (path / "video0").touch()
    monkeypatch.setattr("device.camera.usb._open", lambda *_: FakeDriver(given))
    capture = V4l2Capture(path / "video0", SMALL)
    seen = [capture.read() is not None for _ in given if not isinstance(_, OSError) or _.errno in PASSING]
    with pytest.raises(CameraError, match="unplugged"):
        capture.read()
    return seen


def test_broken_and_empty_packets_end_nothing(monkeypatch, tmp_path, jpeg):
    given = [b"\xff\xd8 no picture", jpeg, b"", b"", b"no", jpeg[: len(jpeg) // 3], b"\x00" * 400, jpeg]
    seen = read_all(monkeypatch, tmp_path, given)
    assert (seen[0], seen[1], seen[7], len(seen)) == (False, True, True, 8)
    assert not any(seen[2:5])


@pytest.mark.parametrize(
    "passing", [av.error.InvalidDataError(1, "corrupted"), av.error.BlockingIOError(errno.EAGAIN, "not yet")]
)
def test_an_error_that_passes_ends_nothing(monkeypatch, tmp_path, jpeg, passing):
    assert read_all(monkeypatch, tmp_path, [passing, jpeg, passing, passing, jpeg]) == [
        False, True, False, False, True
    ]  # fmt: skip


@pytest.mark.parametrize("number", [errno.ENODEV, errno.EIO, errno.ENXIO])
def test_a_reader_that_fails_is_a_camera_that_was_unplugged(monkeypatch, tmp_path, jpeg, number):
    gone = OSError(number, os.strerror(number))
    assert read_all(monkeypatch, tmp_path, [jpeg, gone]) == [True]


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
    closing = threading.Thread(target=usb.close, daemon=True)
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

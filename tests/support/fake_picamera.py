"""picamera2 as far as a test drives it: a thread that is the test's own, buffers with padding, and faults on demand."""

import sys
import types
from typing import ClassVar

import numpy as np


class FakePicamera2:
    """One camera; ``capture`` does what picamera2's thread does for one picture."""

    found = 1
    opened: ClassVar[list["FakePicamera2"]] = []
    padding = 64
    pixel_format = "YUV420"

    @classmethod
    def global_camera_info(cls):
        return [{"Num": number} for number in range(cls.found)]

    def __init__(self, number):
        self.camera_controls = {"FrameDurationLimits": (1, 2, 3)}
        self.called = []
        self.pre_callback = None
        self.encoder = None
        FakePicamera2.opened.append(self)

    def create_video_configuration(self, **wanted):
        self.wanted = wanted
        return wanted

    def configure(self, wanted):
        self.buffers = {}
        for name in ("main", "lores"):
            width, height = wanted[name]["size"]
            self.buffers[name] = np.zeros((width + self.padding) * height * 3 // 2 + 4096, np.uint8)

    def camera_configuration(self):
        return {
            name: {
                "format": self.pixel_format,
                "size": self.wanted[name]["size"],
                "stride": self.wanted[name]["size"][0] + self.padding,
            }
            for name in ("main", "lores")
        }

    def start(self, show_preview):
        self.called.append("start")

    def start_encoder(self, encoder, output, name):
        self.encoder, self.output = encoder, output

    def capture(self, value, at_us):
        for buffer in self.buffers.values():
            buffer.fill(value)
        metadata = {"SensorTimestamp": at_us * 1000}
        self.pre_callback(
            types.SimpleNamespace(camera=self, request=types.SimpleNamespace(metadata=metadata))
        )

    def __getattr__(self, name):
        if name in ("cancel_all_and_flush", "detach_preview", "stop", "stop_encoder", "close"):
            return lambda *_: self.called.append(name)
        raise AttributeError(name)


class FakeEncoder:
    def __init__(self, **options):
        self.options = options
        self.firsttimestamp = None


class MappedArray:
    def __init__(self, request, stream, reshape):
        assert not reshape
        self._buffer = request.camera.buffers[stream]

    def __enter__(self):
        self.array = self._buffer
        return self

    def __exit__(self, *_):
        del self.array


def install(monkeypatch):
    """Put the fake where ``import picamera2`` finds it, and return its class."""
    monkeypatch.setattr(FakePicamera2, "opened", [])
    library = types.SimpleNamespace(Picamera2=FakePicamera2, MappedArray=MappedArray)
    libcamera = types.SimpleNamespace(
        controls=types.SimpleNamespace(SensorTimestamp="SensorTimestamp"), Transform=lambda **turn: turn
    )
    for name, module in (
        ("picamera2", library),
        ("libcamera", libcamera),
        ("picamera2.encoders", types.SimpleNamespace(H264Encoder=FakeEncoder)),
        ("picamera2.outputs", types.SimpleNamespace(Output=object)),
    ):
        monkeypatch.setitem(sys.modules, name, module)
    return FakePicamera2

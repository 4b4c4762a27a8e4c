"""The pipeline: what each stage costs for a second of video, and how much memory both processes take.

The device's own classes are driven in one thread, from drawing to disk, as fast as they go; CPU time is that thread's. Each
stage's time is its own, without the stages it calls. Capture, motion and encoding are per second of video, muxing, sealing and
deciding per second of *recorded* video, because that is when the device has to keep up with all of them at once.

- capture: the scene camera draws a doorstep. It stands in for a camera, whose pictures come from hardware.
- motion: averaging the frame down, and the detector. Peer: OpenCV's MOG2 alone, on pictures that are small already.
- encode, mux: peer: the same x264 settings and FFmpeg's own fragmenting muxer, by PyAV, in a program that does nothing else.
- seal: age, hashes, fdatasync, ledger lines, event. decide: policy, pre-roll, thumbnails, the disk's fill.

Memory is the kernel's VmHWM of two real processes, after a reader paired, waited for a visit, fetched and opened its clip.
"""

import argparse
import asyncio
import os
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import ParamSpec, TypeVar
from unittest.mock import patch

import av
import cv2

from bench.report import report
from device.camera.encoder import CRF, MAX_BITS_PER_S, Encoder
from device.camera.frames import Frame
from device.camera.protocol import AccessUnit, Luma, Pressed, VideoFormat
from device.camera.scene import Scene
from device.clock import SystemClock
from device.config import Config
from device.disk.spool import Spool
from device.disk.state import State
from device.ledger import Ledger
from device.recording.fmp4 import Fragmenter
from device.recording.recorder import Recorder
from device.recording.sealed_clip import SealedClip
from device.sight.luma import shrink
from device.sight.motion import MotionDetector
from provisioning.card.birth import birth, write_state
from provisioning.demo.check import check_door
from provisioning.demo.demo import Options, staged

VIDEO = VideoFormat(1280, 720, 15)
SECONDS = 60
OURS = ("motion", "mux", "seal", "decide")
AIM_PERCENT, AIM_DEVICE_MB, AIM_SERVER_MB = 5, 130, 50

X264 = {
    "preset": "ultrafast",
    "tune": "zerolatency",
    "crf": str(CRF),
    "maxrate": str(MAX_BITS_PER_S),
    "bufsize": str(MAX_BITS_PER_S // 2),
}
P = ParamSpec("P")
R = TypeVar("R")
Rows = dict[str, dict[str, float]]


class Meter:
    """CPU time of this thread by stage, each without the stages inside it."""

    def __init__(self) -> None:
        self.spent_s: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self._stages = ["bench"]
        self._since_s = time.thread_time()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self._turn()
        self._stages.append(name)
        try:
            yield
        finally:
            self._turn()
            self._stages.pop()

    def metered(self, name: str, work: Callable[P, R]) -> Callable[P, R]:
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            self.calls[work.__name__] += 1
            with self.stage(name):
                return work(*args, **kwargs)

        return run

    def _turn(self) -> None:
        now_s = time.thread_time()
        self.spent_s[self._stages[-1]] += now_s - self._since_s
        self._since_s = now_s


class PyAvAlone:
    """The same x264 by PyAV and FFmpeg's own fragments, one a frame, into nowhere."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._container = av.open(
            os.devnull, "w", format="mp4", options={"movflags": "frag_every_frame+empty_moov"}
        )
        stream = self._container.add_stream("libx264", rate=VIDEO.fps, options=X264)
        stream.width, stream.height, stream.pix_fmt = VIDEO.width_px, VIDEO.height_px, "yuv420p"
        stream.time_base = Fraction(1, 1_000_000)
        stream.codec_context.gop_size, stream.codec_context.thread_count = VIDEO.fps, 1
        self._stream = stream

    def take(self, frame: Frame) -> None:
        with self._meter.stage("PyAV encode"):
            picture = av.VideoFrame.from_numpy_buffer(frame.i420, "yuv420p")
            picture.pts, picture.time_base = frame.at_us, Fraction(1, 1_000_000)
            packets = self._stream.encode(picture)
        with self._meter.stage("PyAV mux"):
            self._container.mux(packets)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    json_path = parser.parse_args().json
    rows, recorded_s = stages()
    rows["doorward"] |= memory()
    aims = [
        ("everything_but_encoder_and_capture_percent", AIM_PERCENT),
        ("device_peak_mb", AIM_DEVICE_MB),
        ("server_peak_mb", AIM_SERVER_MB),
    ]
    notes = [
        f"aim: {name} < {aim}: {'met' if rows['doorward'][name] < aim else 'MISSED'}" for name, aim in aims
    ]
    notes += [
        f"{SECONDS} s at {VIDEO.width_px}x{VIDEO.height_px}, {VIDEO.fps} a second, {recorded_s:.0f} s of it recorded",
        "capture draws the demo's doorstep; a real camera's pictures come from hardware",
        "everything but encoder and capture is motion + mux + seal + decide, as while a clip is recorded",
    ]
    report("From a frame to a sealed clip", rows, json_path, notes)


def stages() -> tuple[Rows, float]:
    """Return the rows without memory, and how many seconds were recorded."""
    meter, config = Meter(), Config()
    mog2, mog2_stage = cv2.createBackgroundSubtractorMOG2(), "MOG2"
    with tempfile.TemporaryDirectory() as directory:
        state_directory = Path(directory) / "state"
        write_state(birth("Bench"), state_directory)
        state = State(state_directory)
        ledger = Ledger(state_directory, state.key(), SystemClock())
        with metered_classes(meter):
            recorder = Recorder(config, VIDEO, Spool(state_directory), ledger, SystemClock())
            peer = PyAvAlone(meter)
            encoder, frames = Encoder(VIDEO), Scene(VIDEO, realtime=False).frames()
            for _ in range(SECONDS * VIDEO.fps):
                with meter.stage("capture"):
                    frame = next(frames)
                with meter.stage("motion"):
                    luma = Luma(shrink(frame.i420), frame.at_us)
                with meter.stage("encode"):
                    unit = encoder.encode(frame.i420, frame.at_us)
                with meter.stage("decide"):
                    take(recorder, frame, luma, unit)
                with meter.stage(mog2_stage):
                    mog2.apply(luma.plane)
                peer.take(frame)
            with meter.stage("decide"):
                recorder.stop()
        ledger.close()
        state.close()
    recorded_s = meter.calls["fragment"] / VIDEO.fps
    spent = meter.spent_s
    ours = {f"{name}_cpu_s_per_s": spent[name] / SECONDS for name in ("capture", "motion", "encode")}
    ours |= {f"{name}_cpu_s_per_s": spent[name] / recorded_s for name in ("mux", "seal", "decide")}
    ours["everything_but_encoder_and_capture_percent"] = 100 * sum(
        ours[f"{name}_cpu_s_per_s"] for name in OURS
    )
    rows = {
        "doorward": ours,
        "PyAV alone": {
            "encode_cpu_s_per_s": spent["PyAV encode"] / SECONDS,
            "mux_cpu_s_per_s": spent["PyAV mux"] / SECONDS,
        },
        "MOG2": {"motion_cpu_s_per_s": spent[mog2_stage] / SECONDS},
    }
    return rows, recorded_s


def take(recorder: Recorder, frame: Frame, luma: Luma, unit: AccessUnit) -> None:
    if frame.pressed:
        recorder.take(Pressed(frame.at_us))
    recorder.take(luma)
    recorder.take(unit)


@contextmanager
def metered_classes(meter: Meter) -> Iterator[None]:
    """Have the recorder's own parts counted by stage."""
    parts = [(MotionDetector, "observe", "motion")]
    parts += [(Fragmenter, name, "mux") for name in ("__init__", "init_segment", "fragment")]
    parts += [(SealedClip, name, "seal") for name in ("__init__", "write", "finish")]
    with ExitStack() as patches:
        for owner, name, stage in parts:
            patches.enter_context(patch.object(owner, name, meter.metered(stage, getattr(owner, name))))
        yield


def memory() -> dict[str, float]:
    """Return the peaks of both processes after one reader fetched one clip, in MB (10^6 bytes)."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with staged(Options("scene", lan=False, state=None, port=port)) as stage:
        asyncio.run(
            check_door(
                stage.url, stage.card, stage.born_sha256, "scene", VIDEO, lambda _, sealed: sealed >= 1
            )
        )
        return {f"{name}_peak_mb": stage.processes.peak_mb(name) for name in ("device", "server")}


if __name__ == "__main__":
    main()

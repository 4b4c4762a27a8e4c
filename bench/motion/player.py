"""A subject of the motion bench in a process of its own: frames go in, answers and their cost come out.

bench                                subject (``--subject NAME``)
BEGIN, frames a second, height, width   →
FRAME, its time, height, width, luma    →   the detector's number, its CPU seconds
END                                     →   peak memory in all, what it took of its own
"""

import os
import struct
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np

from bench.motion import peers
from bench.motion.between import Decoding
from bench.motion.clips import FPS
from bench.motion.score import Score

Figures = dict[str, float | None]
END, BEGIN, FRAME = range(3)
DECODING = "BENCH_MOTION_DECODING"
"""Tells the subjects' processes to decode before each look; that is not in their CPU time."""
_ASK = struct.Struct(
    "<idii"
)  # what, frames a second or the frame's time, height, width; after FRAME, its luma
_ANSWER = struct.Struct(
    "<dd"
)  # the detector's number and its CPU seconds; after END, peak memory in all, and what it took of its own


class Player:
    """One subject in its own process: frames go in, answers come out; averaged down to ``size``, if one is given."""

    def __init__(self, name: str, size: tuple[int, int] | None = None) -> None:
        self._size = size
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.motion", "--subject", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("no pipes to the subject")
        self._to, self._from = self._process.stdin, self._process.stdout
        self.score = Score()
        self.moving: list[float] = []
        self._cpu_s: list[float] = []

    def begin(self, height: int, width: int, fps: float) -> None:
        width, height = self._size or (width, height)
        self._to.write(_ASK.pack(BEGIN, fps, height, width))
        self.moving = []

    def see(self, luma: np.ndarray, at_s: float) -> None:
        if self._size is not None:
            luma = cv2.resize(luma, self._size, interpolation=cv2.INTER_AREA)
        self._to.write(_ASK.pack(FRAME, at_s, *luma.shape) + luma.tobytes())
        self._to.flush()
        answer, cpu_s = _ANSWER.unpack(self._from.read(_ANSWER.size))
        if at_s >= 0:
            self._cpu_s.append(cpu_s)
            if answer > 0:
                self.moving.append(at_s)

    def figures(self) -> Figures:
        self._to.write(_ASK.pack(END, 0.0, 0, 0))
        self._to.close()
        rss_mb, own_mb = _ANSWER.unpack(self._from.read(_ANSWER.size))
        self._from.close()
        self._process.wait()
        cpu_ms = 1000 * sum(self._cpu_s) / len(self._cpu_s)
        return {**self.score.figures(), "cpu_ms": cpu_ms, "rss_mb": rss_mb, "own_rss_mb": own_mb}


def serve(name: str) -> None:
    """Be one subject: answer each frame with the detector's number and its CPU time; at the end, with peak memory."""
    cv2.setNumThreads(1)
    receive, send = sys.stdin.buffer, sys.stdout.buffer
    make = peers.subjects()[name]
    before_mb = -1.0
    detect = make(1, 1, FPS)
    decoding = Decoding() if DECODING in os.environ else None
    while True:
        what, number, height, width = _ASK.unpack(receive.read(_ASK.size))
        if what == END:
            break
        if what == BEGIN:
            detect = make(height, width, number)
            continue
        luma = np.frombuffer(receive.read(height * width), np.uint8).reshape(height, width)
        before_mb = memory_mb("RssAnon") if before_mb < 0 else before_mb
        if decoding is not None:
            decoding.step()
        before_s = time.thread_time()
        answer = float(detect(luma, number))
        send.write(_ANSWER.pack(answer, time.thread_time() - before_s))
        send.flush()
    send.write(_ANSWER.pack(memory_mb("VmHWM"), memory_mb("RssAnon") - before_mb))
    send.flush()


def memory_mb(field: str) -> float:
    """Return a line of this process's status; ru_maxrss would inherit the parent's peak."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(field)).split()[1]) / 1024

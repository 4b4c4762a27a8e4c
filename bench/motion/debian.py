"""Debian's `motion` as a peer: a program that reads cameras at their own pace, so it is shown a film instead of frames.

Each clip, its settled beginning included, is written as a film and runs at its own pace: some of what `motion` waits for it
counts in frames, some in seconds of the wall, and only at this pace do both mean what they say. An hour of clips takes an
hour. It saves a picture of each frame in which it sees motion. Which frame that was stands in the picture's corner, as a row
of black and white cells, which a mask keeps from counting. Flashes after the end make sure that there is a last picture,
by which we know that all was shown. Everything else is as the package has it.

CPU time is that of the whole program: it also decodes the film, and encodes the pictures that it saves.
"""

import re
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np

from bench.motion.score import Score

FLASHES = 60
BITS, CELL = 20, 8
LOOK_S = 0.5
_CONFIGURATION = """
daemon off
log_level 6
netcam_url file://{film}
width {width}
height {height}
framerate {fps}
target_dir {pictures}
picture_output on
picture_filename %v-%Y%m%d%H%M%S-%q
text_right
mask_file {mask}
movie_output off
stream_port 0
webcontrol_port 0
"""


class Program:
    """The program as a subject."""

    def __init__(self) -> None:
        self.score = Score()
        self.moving: list[float] = []
        self.length_s = 0.0
        self._cpu_s: list[float] = []
        self._peak_mb = 0.0

    def watch(self, frames: Iterator[tuple[float, np.ndarray]], fps: float) -> None:
        """Show one clip; ``moving`` and ``length_s`` are of it."""
        self.moving, self.length_s, cpu_s, peak_mb = watched(frames, fps)
        self._cpu_s.append(cpu_s)
        self._peak_mb = max(self._peak_mb, peak_mb)

    def figures(self) -> dict[str, float | None]:
        cpu_ms = 1000 * sum(self._cpu_s) / max(1, len(self._cpu_s))
        return {**self.score.figures(), "cpu_ms": cpu_ms, "rss_mb": self._peak_mb}


def is_installed() -> bool:
    return shutil.which("motion") is not None


def watched(
    frames: Iterator[tuple[float, np.ndarray]], fps: float
) -> tuple[list[float], float, float, float]:
    """Return the times of frames with motion, the clip's length, CPU seconds a frame, and peak memory in MB.

    Args:
        frames: seconds and luma, as every subject is shown them; times below zero are the settling.
        fps: of the times.
    """
    with tempfile.TemporaryDirectory(prefix="bench-motion-") as place:
        film, pictures = Path(place, "film.mp4"), Path(place, "pictures")
        pictures.mkdir()
        first_s, count, height, width = _write(film, frames, fps)
        settings, mask = Path(place, "motion.conf"), Path(place, "mask.pgm")
        counts = np.full((height, width), 255, np.uint8)
        counts[:CELL, : BITS * CELL] = 0
        mask.write_bytes(f"P5\n{width} {height}\n255\n".encode() + counts.tobytes())
        settings.write_text(
            _CONFIGURATION.format(
                film=film, width=width, height=height, fps=round(fps), pictures=pictures, mask=mask
            )
        )
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        process = subprocess.Popen(
            ["motion", "-n", "-c", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            peak_mb = _until_shown(process, pictures, count, 3 * (count + FLASHES) / fps)
        finally:
            process.terminate()
            process.wait(10)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        numbers = {_number(path) for path in pictures.glob("*.jpg")}
    cpu_s = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / (count + FLASHES)
    length_s = first_s + count / fps
    times = [first_s + number / fps for number in sorted(numbers) if number < count]
    return [at_s for at_s in times if at_s >= 0], length_s, cpu_s, peak_mb


def _write(film: Path, frames: Iterator[tuple[float, np.ndarray]], fps: float) -> tuple[float, int, int, int]:
    first_s, count, shape = 0.0, 0, (0, 0)
    with av.open(str(film), "w") as container:
        stream = container.add_stream("libx264", rate=round(fps))
        stream.options = {"preset": "ultrafast", "crf": "12", "g": "50"}
        stream.pix_fmt = "yuv420p"
        for number, (at_s, luma) in enumerate(frames):
            if number == 0:
                first_s, shape = at_s, luma.shape
                stream.height, stream.width = shape
            container.mux(stream.encode(_picture(luma, number)))
            count += 1
        for number in range(FLASHES):
            flash = np.full(shape, 235 if number // 3 % 2 else 16, np.uint8)
            container.mux(stream.encode(_picture(flash, count + number)))
        container.mux(stream.encode())
    return first_s, count, *shape


def _picture(luma: np.ndarray, number: int) -> av.VideoFrame:
    """Return a frame with its number in the corner, lowest bit first."""
    colour = np.full((luma.shape[0] // 2, luma.shape[1]), 128, np.uint8)
    i420 = np.concatenate([luma, colour])
    for bit in range(BITS):
        i420[:CELL, bit * CELL : (bit + 1) * CELL] = 235 if number >> bit & 1 else 16
    return av.VideoFrame.from_ndarray(i420, format="yuv420p")


def _number(path: Path) -> int:
    """Return the number of the frame that a picture is of; one that is still being written has none, and counts as 0."""
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        return 0
    cells = picture[:CELL, : BITS * CELL].reshape(CELL, BITS, CELL).mean(axis=(0, 2))
    return int(sum(1 << bit for bit, level in enumerate(cells) if level > 128))


def _until_shown(process: "subprocess.Popen[bytes]", pictures: Path, count: int, patience_s: float) -> float:
    """Wait until a picture of the end was saved; return the program's peak memory in MB."""
    peak_mb, began_s = 0.0, time.monotonic()
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None and time.monotonic() - began_s < patience_s:
        found = re.search(r"VmHWM:\s+(\d+)", status.read_text())
        peak_mb = int(found[1]) / 1024 if found else peak_mb
        newest = max(pictures.glob("*.jpg"), key=lambda path: path.stat().st_mtime, default=None)
        if newest is not None and _number(newest) >= count:
            break
        time.sleep(LOOK_S)
    return peak_mb

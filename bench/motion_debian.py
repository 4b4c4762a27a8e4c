"""Debian's `motion` as a peer: a program that reads cameras at their own pace, so it is shown a film instead of frames.

Each clip, its settled beginning included, is written as a film that runs SPEED times as fast, which is the same to `motion`: it
counts frames. It saves a picture of each frame in which it sees motion; the time of that file says which frame it was. Flashes
after the last label tell when the film ended, and so where each frame lay. Everything else is as the package has it.

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
import numpy as np
from motion_score import Score

SPEED = 6
FLASHES = 20
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

    def watch(self, frames: Iterator[tuple[float, np.ndarray]], fps: int) -> None:
        """Show one clip; ``moving`` and ``length_s`` are of it."""
        self.moving, self.length_s, cpu_s, peak_mb = watched(frames, fps)
        self._cpu_s.append(cpu_s)
        self._peak_mb = max(self._peak_mb, peak_mb)

    def figures(self) -> dict[str, float]:
        cpu_ms = 1000 * sum(self._cpu_s) / max(1, len(self._cpu_s))
        return {**self.score.figures(), "cpu_ms": cpu_ms, "rss_mb": self._peak_mb}


def is_installed() -> bool:
    return shutil.which("motion") is not None


def watched(frames: Iterator[tuple[float, np.ndarray]], fps: int) -> tuple[list[float], float, float, float]:
    """Return the times of frames with motion, the clip's length, CPU seconds a frame, and peak memory in MB.

    Args:
        frames: seconds and luma, as every subject is shown them; times below zero are the settling.
        fps: of the times.
    """
    with tempfile.TemporaryDirectory(prefix="bench-motion-") as place:
        film, pictures = Path(place, "film.mp4"), Path(place, "pictures")
        pictures.mkdir()
        first_s, count, height, width = _write(film, frames, fps)
        settings = Path(place, "motion.conf")
        settings.write_text(
            _CONFIGURATION.format(film=film, width=width, height=height, fps=fps * SPEED, pictures=pictures)
        )
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        process = subprocess.Popen(
            ["motion", "-n", "-c", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        peak_mb = _until_shown(process, (count + FLASHES) / (fps * SPEED))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        saved = sorted(path.stat().st_mtime for path in pictures.glob("*.jpg"))
    cpu_s = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / (count + FLASHES)
    length_s = first_s + count / fps
    if not saved:
        return [], length_s, cpu_s, peak_mb
    # The last picture is of the last flash, and the flashes are what makes sure that there is one.
    end_s = first_s + (count + FLASHES - 1) / fps
    times = [end_s - (saved[-1] - at_s) * SPEED for at_s in saved]
    return (
        sorted({round(at_s * fps) / fps for at_s in times if 0 <= at_s < length_s}),
        length_s,
        cpu_s,
        peak_mb,
    )


def _write(film: Path, frames: Iterator[tuple[float, np.ndarray]], fps: int) -> tuple[float, int, int, int]:
    first_s, count, shape = 0.0, 0, (0, 0)
    with av.open(str(film), "w") as container:
        stream = container.add_stream("libx264", rate=fps * SPEED)
        stream.options = {"preset": "ultrafast", "crf": "12", "g": "50"}
        stream.pix_fmt = "yuv420p"
        for number, (at_s, luma) in enumerate(frames):
            if number == 0:
                first_s, shape = at_s, luma.shape
                stream.height, stream.width = shape
            container.mux(stream.encode(_picture(luma)))
            count += 1
        for number in range(FLASHES):
            container.mux(stream.encode(_picture(np.full(shape, 235 if number % 2 else 16, np.uint8))))
        container.mux(stream.encode())
    return first_s, count, *shape


def _picture(luma: np.ndarray) -> av.VideoFrame:
    colour = np.full((luma.shape[0] // 2, luma.shape[1]), 128, np.uint8)
    return av.VideoFrame.from_ndarray(np.concatenate([luma, colour]), format="yuv420p")


def _until_shown(process: "subprocess.Popen[bytes]", length_s: float) -> float:
    """Wait until the film was shown once, stop the program, and return its peak memory in MB."""
    peak_mb, began_s = 0.0, time.monotonic()
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None and time.monotonic() - began_s < length_s + 4:
        found = re.search(r"VmHWM:\s+(\d+)", status.read_text())
        peak_mb = int(found[1]) / 1024 if found else peak_mb
        time.sleep(0.2)
    process.terminate()
    process.wait(10)
    return peak_mb

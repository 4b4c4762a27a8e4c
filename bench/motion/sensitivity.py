"""Sensitivity: the detector with each of its constants at 0.7 and 1.4 of its value, on the scenes that were looked at.

    constant            the visits recorded, false events and seconds of motion that it makes of it, against what they are

Each is a process of its own (``constants.py`` says why). All see the same frames, at the size at which the detector works.
What changes nothing is a number too many.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from bench.motion.clips import Clip
from bench.motion.peers import SMALL_SIZE
from bench.motion.recordings import recorded, recordings
from bench.motion.score import Score
from device.sight.motion import MotionDetector

FACTORS: Final = (0.7, 1.4)
AS_IT_IS: Final = "as it is"
Figures = dict[str, float | None]


def sensitivity(clips: Iterable[Clip], names: list[str], at_once: int = 1) -> dict[str, Figures]:
    """Return by figure what the detector as it is has, and each constant times each factor more; None if it fails.

    Args:
        clips: what to look at.
        names: of the constants.
        at_once: processes.
    """
    with tempfile.TemporaryDirectory(prefix="bench-sensitivity-") as folder:
        keep(clips, Path(folder))
        tasks = [(AS_IT_IS, 1.0), *((name, factor) for name in names for factor in FACTORS)]

        def run(task: tuple[str, float]) -> dict[str, float] | None:
            command = [sys.executable, "-m", "bench.motion.constants", folder]
            command += [task[0], str(task[1])] if task[0] != AS_IT_IS else []
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            print(f"· {task[0]} x {task[1]:g}", file=sys.stderr, flush=True)
            return dict(json.loads(done.stdout)) if done.returncode == 0 else None

        with ThreadPoolExecutor(at_once) as pool:
            found = dict(zip(tasks, pool.map(run, tasks), strict=True))
    base = found.pop((AS_IT_IS, 1.0))
    if base is None:
        raise RuntimeError("the detector as it is cannot be run")
    rows: dict[str, Figures] = {figure: {AS_IT_IS: value} for figure, value in base.items()}
    for (name, factor), changed in found.items():
        for figure, value in base.items():
            rows[figure][f"{name} x {factor:g}"] = (
                None if changed is None else round(changed[figure] - value, 2)
            )
    return rows


def keep(clips: Iterable[Clip], folder: Path) -> None:
    """Write each clip's frames and truth into a folder, at the detector's working size."""
    for number, clip in enumerate(clips):
        frames = [cv2.resize(luma, SMALL_SIZE, interpolation=cv2.INTER_AREA) for luma in clip.frames()]
        np.save(folder / f"{number:03}.npy", np.stack(frames))
        truth = {"fps": clip.fps, "labels": clip.labels, "kinds": clip.kinds}
        (folder / f"{number:03}.json").write_text(json.dumps(truth))


def figures(folder: Path) -> dict[str, float]:
    """Return what the detector of this process makes of what was kept."""
    score = Score()
    for film in sorted(folder.glob("*.npy")):
        truth: dict[str, Any] = json.loads(film.with_suffix(".json").read_text())
        labels = [(start, end, what) for start, end, what in truth["labels"]]
        detector, frames, step_s = MotionDetector(), np.load(film), 1 / truth["fps"]
        moving = [
            number * step_s
            for number, luma in enumerate(frames)
            if detector.observe(luma, round(number * step_s * 1e6)).moving
        ]
        score.add(moving, len(frames) * step_s, step_s, labels, truth["kinds"])
        score.recorded += recorded(recordings(moving, len(frames) * step_s, step_s), labels)
    return {
        "recorded": score.recorded,
        "false_events": score.false,
        "negative_motion_s": round(score.moving_s, 1),
        "delay_p95_s": round(float(np.percentile(score.delays_s, 95)), 2) if score.delays_s else 0.0,
    }

"""Our detector behind the one function that motion benches of all sorts can call.

python3 evaluate.py -d adapter:make        with this folder in PYTHONPATH
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parents[1]))

from device.sight.motion import MotionDetector

Frames = Callable[[npt.NDArray[np.uint8], float], float]


def make(height: int, width: int, fps: float) -> Frames:  # noqa: ARG001 - the benches' signature; our rates are by time
    """Return a detector: it takes luma, uint8 (height, width), and seconds; more than 0.0 is motion."""
    detector = MotionDetector()

    def observe(luma: npt.NDArray[np.uint8], at_s: float) -> float:
        motion = detector.observe(luma, round(at_s * 1e6))
        return max(motion.score, 1e-6) if motion.moving else 0.0

    return observe

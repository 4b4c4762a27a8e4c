"""The detectors that the motion bench compares, each a function of height, width and frame rate that makes one.

A detector takes luma and seconds and answers with a number; more than 0.0 is motion. Peers get what their documents
recommend:

- mog2, knn: OpenCV's background subtractors with their default history, at 320x240, shadows off the mask, opened once,
  contours of at least 150 pixels.
- mog2_160x90, knn_160x90: the same at our working size, with contours of at least 10 pixels, as our smallest blob has:
  they show what their cost and ours owe to the size.
- picamera2: the idea of its capture_motion example, the mean squared error of consecutive frames against 7. The example
  subtracts in uint8, where -1 is 255; we do so as well.
- frigate: its own class of a checkout, with its documented defaults at 5 frames a second. It is a gate before Frigate's
  object detector, never its alert.
"""

import importlib
import os
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench import adapter

Detector = Callable[[np.ndarray, float], float]
Make = Callable[[int, int, float], Detector]

PEER_SIZE = (320, 240)
MIN_CONTOUR = 150
SMALL_SIZE = (160, 90)
SMALL_CONTOUR = 10
FRIGATE_FPS = 5


def subtractor(
    make_one: Callable[[], Any], size: tuple[int, int] = PEER_SIZE, least_px: int = MIN_CONTOUR
) -> Make:
    def make(height: int, width: int, fps: float) -> Detector:  # noqa: ARG001
        model = make_one()
        ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))

        def observe(luma: np.ndarray, at_s: float) -> float:  # noqa: ARG001
            mask = model.apply(cv2.resize(luma, size, interpolation=cv2.INTER_AREA))
            _, solid = cv2.threshold(mask, 200, 255, cv2.THRESH_BINARY)
            opened = cv2.morphologyEx(solid, cv2.MORPH_OPEN, ellipse)
            contours, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
            return float(any(cv2.contourArea(contour) >= least_px for contour in contours))

        return observe

    return make


def mog2() -> cv2.BackgroundSubtractorMOG2:
    return cv2.createBackgroundSubtractorMOG2(500, 16, True)


def knn() -> cv2.BackgroundSubtractorKNN:
    return cv2.createBackgroundSubtractorKNN(500, 400, True)


def picamera2(height: int, width: int, fps: float) -> Detector:  # noqa: ARG001
    last: list[np.ndarray] = []

    def observe(luma: np.ndarray, at_s: float) -> float:  # noqa: ARG001
        small = cv2.resize(luma, PEER_SIZE, interpolation=cv2.INTER_AREA)
        error = float(np.square(small - last.pop()).mean()) if last else 0.0
        last.append(small)
        return max(0.0, error - 7)

    return observe


def frigate(height: int, width: int, fps: float) -> Detector:
    """Frigate's own class; FRIGATE_DIR names a checkout. Only what its two motion files import is stood in for."""
    root = Path(os.environ["FRIGATE_DIR"]) / "frigate"
    stand_in("frigate").__path__ = [str(root)]
    stand_in("frigate.camera", PTZMetrics=object)
    stand_in("frigate.config", MotionConfig=object).__path__ = []
    stand_in("frigate.config.config", RuntimeMotionConfig=object)
    stand_in("frigate.util")
    stand_in("frigate.util.image", grab_cv2_contours=lambda found: found[-2])
    module = importlib.import_module("frigate.motion.improved_motion")
    config = types.SimpleNamespace(
        enabled=True, threshold=30, lightning_threshold=0.8, skip_motion_threshold=None, improve_contrast=True,
        contour_area=10, delta_alpha=0.2, frame_alpha=0.01, frame_height=100,
        rasterized_mask=np.full((height, width), 255, np.uint8),
    )  # fmt: skip
    detector = module.ImprovedMotionDetector((height, width, 3), config, FRIGATE_FPS)
    every = max(1, round(fps / FRIGATE_FPS))
    count, last = 0, 0.0

    def observe(luma: np.ndarray, at_s: float) -> float:  # noqa: ARG001
        nonlocal count, last
        if count % every == 0:
            boxes = detector.detect(luma)
            last = 0.0 if detector.is_calibrating() else float(len(boxes))
        count += 1
        return last

    return observe


def stand_in(name: str, **names: object) -> types.ModuleType:
    module = types.ModuleType(name)
    vars(module).update(names)
    sys.modules[name] = module
    return module


def subjects() -> dict[str, Make]:
    """Return who can take part here, ourselves first."""
    found: dict[str, Make] = {
        "doorward": adapter.make,
        "mog2": subtractor(mog2),
        "knn": subtractor(knn),
        "mog2_160x90": subtractor(mog2, SMALL_SIZE, SMALL_CONTOUR),
        "knn_160x90": subtractor(knn, SMALL_SIZE, SMALL_CONTOUR),
        "picamera2": picamera2,
    }
    if "FRIGATE_DIR" in os.environ:
        found["frigate"] = frigate
    return found

"""Trade: visits recorded against false events, as one slider moves: ours and the peers' in one picture.

Ours is the sensitivity of a zone that covers the picture, as the household sets it. A peer's is the threshold that its own
documents name. Every subject sees every frame, in one process, at the size that it asks for (``peers.py``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Final

import cv2
import numpy as np

from bench.motion.clips import Clip
from bench.motion.peers import SMALL_CONTOUR, SMALL_SIZE, Detector, Make, picamera2, subtractor
from bench.motion.recordings import recorded, recordings
from bench.motion.score import Score
from device.sight.motion import MotionDetector
from device.sight.zones import WHOLE, Zone

OURS: Final = "doorward"
SENSITIVITIES: Final = (0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8)
VARIANCES: Final = (4, 8, 16, 32, 64, 128)
DISTANCES: Final = (100, 200, 400, 800, 1600)
ERRORS: Final = (7, 14, 28, 56, 112)
SIDE: Final = (760, 460)
MARGIN: Final = (70, 30, 150, 60)
"""Left, top, right and bottom, for the axes and the names."""
COLOURS: Final = {
    OURS: "#0a6",
    "mog2": "#c33",
    "mog2_160x90": "#e88",
    "knn": "#36c",
    "knn_160x90": "#8ae",
    "picamera2": "#888",
}


@dataclass(frozen=True)
class Point:
    """What one setting is worth.

    Attributes:
        setting: of the slider.
        recorded: share of the visits.
        false_per_hour: false events.
    """

    setting: float
    recorded: float
    false_per_hour: float


def subjects() -> dict[str, dict[float, Make]]:
    """Return by name and setting who takes part."""

    def mog2(size: tuple[int, int] | None, setting: float) -> Make:
        def make() -> cv2.BackgroundSubtractorMOG2:
            return cv2.createBackgroundSubtractorMOG2(500, setting, True)

        return subtractor(make) if size is None else subtractor(make, size, SMALL_CONTOUR)

    def knn(size: tuple[int, int] | None, setting: float) -> Make:
        def make() -> cv2.BackgroundSubtractorKNN:
            return cv2.createBackgroundSubtractorKNN(500, setting, True)

        return subtractor(make) if size is None else subtractor(make, size, SMALL_CONTOUR)

    return {
        OURS: {setting: _ours(setting) for setting in SENSITIVITIES},
        "mog2": {setting: mog2(None, setting) for setting in VARIANCES},
        "mog2_160x90": {setting: mog2(SMALL_SIZE, setting) for setting in VARIANCES},
        "knn": {setting: knn(None, setting) for setting in DISTANCES},
        "knn_160x90": {setting: knn(SMALL_SIZE, setting) for setting in DISTANCES},
        "picamera2": {setting: _stricter(picamera2, setting - 7) for setting in ERRORS},
    }


def _ours(sensitivity: float) -> Make:
    def make(height: int, width: int, fps: float) -> Detector:  # noqa: ARG001
        detector = MotionDetector([Zone(WHOLE[0], WHOLE[1], sensitivity)])

        def observe(luma: np.ndarray, at_s: float) -> float:
            return float(detector.observe(luma, round(at_s * 1e6)).moving)

        return observe

    return make


def _stricter(peer: Make, by: float) -> Make:
    """Return a peer that answers with a distance from its threshold, with another threshold."""

    def make(height: int, width: int, fps: float) -> Detector:
        detect = peer(height, width, fps)
        return lambda luma, at_s: max(0.0, detect(luma, at_s) - by)

    return make


def trade(clips: Iterable[Clip], taking_part: dict[str, dict[float, Make]]) -> dict[str, list[Point]]:
    """Return what each setting of each subject is worth over these clips."""
    scores = {(name, setting): Score() for name, row in taking_part.items() for setting in row}
    for clip in clips:
        frames = list(clip.frames())
        height, width = frames[0].shape
        step_s = 1 / clip.fps
        for (name, setting), score in scores.items():
            detect = taking_part[name][setting](height, width, clip.fps)
            moving = [
                number * step_s for number, luma in enumerate(frames) if detect(luma, number * step_s) > 0
            ]
            score.add(moving, len(frames) * step_s, step_s, clip.labels, clip.kinds)
            score.recorded += recorded(recordings(moving, len(frames) * step_s, step_s), clip.labels)
    points: dict[str, list[Point]] = {name: [] for name in taking_part}
    for (name, setting), score in scores.items():
        per_hour = score.false / max(score.negative_s, 0.1) * 3600
        points[name].append(Point(setting, score.recorded / max(1, score.events), per_hour))
    return points


def drawn(points: dict[str, list[Point]], of: str) -> str:
    """Return the picture, SVG: false events an hour to the right, visits recorded upwards, a line a subject.

    Args:
        points: as ``trade`` returns them.
        of: what was measured; its title.
    """
    left, top, right, bottom = MARGIN
    width, height = SIDE[0] - left - right, SIDE[1] - top - bottom
    every = [point for row in points.values() for point in row]
    most = max(10.0, *(point.false_per_hour for point in every))
    least = min(0.9, *(point.recorded for point in every))

    def place(point: Point) -> tuple[float, float]:
        across = np.log1p(point.false_per_hour) / np.log1p(most)
        return round(left + width * across, 1), round(
            top + height * (1 - (point.recorded - least) / (1 - least)), 1
        )

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE[0]} {SIDE[1]}" font-family="sans-serif" font-size="12">',
        f'<title>{escape(of)}</title><rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="{left}" y="18" font-size="13">{escape(of)}</text>',
        f'<text x="{left + width / 2}" y="{SIDE[1] - 14}" text-anchor="middle">false events an hour</text>',
        f'<text transform="translate(18 {top + height / 2}) rotate(-90)" text-anchor="middle">visits recorded</text>',
    ]
    for per_hour in (0, 1, 3, 10, 30, 100, 300, 1000):
        if per_hour <= most:
            x, _ = place(Point(0, 1, per_hour))
            parts.append(f'<path d="M{x} {top}v{height}" stroke="#ddd"/>')
            parts.append(f'<text x="{x}" y="{top + height + 18}" text-anchor="middle">{per_hour}</text>')
    for share in np.linspace(least, 1, 5):
        _, y = place(Point(0, float(share), 0))
        parts.append(f'<path d="M{left} {y}h{width}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{100 * share:.0f} %</text>')
    for number, (name, row) in enumerate(points.items()):
        colour = COLOURS.get(name, "#000")
        places = [place(point) for point in row]
        line = " ".join(f"{x},{y}" for x, y in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for (x, y), point in zip(places, row, strict=True):
            parts.append(
                f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"><title>{name} at {point.setting:g}: '
                f"{100 * point.recorded:.1f} %, {point.false_per_hour:.1f} an hour</title></circle>"
            )
        y = top + 16 + 20 * number
        parts.append(f'<text x="{SIDE[0] - right + 14}" y="{y}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])

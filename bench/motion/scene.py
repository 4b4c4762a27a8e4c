"""A scene: a place, what moves in it, who comes, and the lens, sensor and compression through which all of it is seen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np

from bench.motion.places import COLUMN, HEIGHT, ROW, SHAPE, WIDTH, Dice, Luma, Picture
from bench.motion.score import Label
from bench.motion.weather import Weather

SETTLE_S = 20.0

Act = Callable[[Picture, float], Picture]
"""Draws somebody at a time since they came."""


@dataclass
class Scene:
    """A labelled sequence.

    Attributes:
        name: family, place and what is in it.
        fps: frames a second.
        length_s: of the whole.
        place: without anybody.
        weather: what else moves, from the first frame on.
        acts: from when to when somebody is drawn, how, and what they are called.
    """

    name: str
    fps: float
    length_s: float
    place: Picture
    weather: list[tuple[str, Weather]]
    acts: list[tuple[float, float, str, Act]]
    dark: bool = False
    fisheye: bool = False
    quality: int = 0
    seed: int = 0
    in_front: bool = True
    kinds: list[Label] = field(default_factory=list)

    @property
    def labels(self) -> list[Label]:
        """Whoever is there, from the first pixel to the last; and the settling, which does not count."""
        return [
            (0.0, SETTLE_S, "ignore:warmup"),
            *((from_s, to_s, what) for from_s, to_s, what, _ in self.acts),
        ]

    def frames(self) -> Iterator[Luma]:
        """Yield luma, a new uint8 (180, 320), ``fps`` times a second."""
        dice = np.random.default_rng((self.seed, 9))
        lens, bank = _fisheye() if self.fisheye else None, _grains(dice)
        floor, slope = (1.6, 0.03) if self.dark else (0.25, 0.004)
        for number in range(round(self.length_s * self.fps)):
            at_s = number / self.fps
            seen = self.place
            for _, weather in self.weather if self.in_front else ():
                seen = weather(seen, at_s)
            for from_s, to_s, _, act in self.acts:
                if from_s <= at_s < to_s:
                    seen = act(seen, at_s - from_s)
            for _, weather in () if self.in_front else self.weather:
                seen = weather(seen, at_s)
            if lens is not None:
                seen = cv2.remap(seen, *lens, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=8)
            shift = dice.integers((HEIGHT, WIDTH))
            noise = np.roll(bank[int(dice.integers(len(bank)))], (int(shift[0]), int(shift[1])), (0, 1))
            noisy = seen + noise * np.sqrt(np.maximum(seen, 0) * np.float32(slope) + np.float32(floor))
            luma = np.clip(noisy + 0.5, 0, 255).astype(np.uint8)
            if self.quality:
                _, packed = cv2.imencode(".jpg", luma, [cv2.IMWRITE_JPEG_QUALITY, self.quality])
                luma = cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE)
            yield luma


def _grains(dice: Dice) -> list[Picture]:
    fine = [dice.standard_normal(SHAPE).astype(np.float32) for _ in range(8)]
    return [
        0.8 * grain + 1.5 * cv2.GaussianBlur(fine[number - 1], (0, 0), 1.0)
        for number, grain in enumerate(fine)
    ]


def _fisheye() -> tuple[Picture, Picture]:
    x, y = (COLUMN - WIDTH / 2) / (WIDTH / 2), (ROW - HEIGHT / 2) / (WIDTH / 2)
    away = np.hypot(x, y)
    bent = np.tan(np.minimum(away, 1.15) * 1.1) / np.tan(1.1) * 0.95 / np.maximum(away, 1e-3)
    return ((x * bent + 1) * WIDTH / 2).astype(np.float32), ((y * bent) * WIDTH / 2 + HEIGHT / 2).astype(
        np.float32
    )

"""What drifts before the lens: snow, a moth, a spider. Near, soft and bright, and slower than rain and flies.

Each returns what is added to a picture of luma, in grey levels. Sizes are shares of the width, so that a picture of
another size shows the same.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from device.sight.opencv import untyped as cv2

Picture = npt.NDArray[np.float32]

FLAKES: Final = 130
NEAR_FLAKES: Final = 9
ANIMAL_EVERY_S: Final = 10.0
"""A moth or a spider comes so often, and is gone for some seconds between."""


def snow(shape: tuple[int, int], at_s: float, seed: int) -> Picture:
    """Return flakes that fall in two to six seconds, swaying; some are near, as large as an eye, and out of focus."""
    dice = np.random.default_rng((seed, 4))
    far, near = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    unit = shape[1] / 640
    for number in range(FLAKES):
        is_near = number < NEAR_FLAKES
        across, down, phase = dice.uniform(0, 1, 3)
        fall = dice.uniform(0.4, 0.7) if is_near else dice.uniform(0.15, 0.35)
        radius = dice.uniform(6, 10) if is_near else dice.uniform(1, 2.5)
        bright = dice.uniform(40, 70) if is_near else dice.uniform(20, 55)
        x = (across + 0.04 * at_s + 0.015 * math.sin(4 * at_s + 6 * phase)) % 1.1 - 0.05
        y = (down + fall * at_s) % 1.2 - 0.1
        _disc(near if is_near else far, (x, y), radius * unit, bright)
    return far + _blurred(near, 3 * unit)


def moth(shape: tuple[int, int], at_s: float, seed: int) -> Picture:
    """Return a moth that flutters past within four to seven seconds: two wings, no edges."""
    visit, since_s = divmod(at_s, ANIMAL_EVERY_S)
    dice = np.random.default_rng((seed, 5, int(visit)))
    stay_s, size = dice.uniform(4, 7), dice.uniform(14, 26) * shape[1] / 640
    start, end = dice.uniform((-0.05, 0.1), (0.1, 0.9)), dice.uniform((0.9, 0.1), (1.05, 0.9))
    picture = np.zeros(shape, np.float32)
    part = since_s / stay_s
    if part >= 1:
        return picture
    x, y = start + (end - start) * part
    x, y = x + 0.03 * math.sin(2.3 * since_s), y + 0.08 * math.sin(1.7 * since_s + 1)
    beat = 1 + 0.3 * math.sin(2 * math.pi * 4.3 * since_s)
    for side in (-1, 1):
        _disc(picture, (x + side * 0.7 * beat * size / shape[1], y), size, 130)
    return _blurred(picture, 0.5 * size)


def spider(shape: tuple[int, int], at_s: float, seed: int) -> Picture:
    """Return a spider that lets itself down before the lens within six seconds, and has gone up again after eight."""
    visit, since_s = divmod(at_s, ANIMAL_EVERY_S)
    dice = np.random.default_rng((seed, 6, int(visit)))
    unit, x = shape[1] / 640, dice.uniform(0.15, 0.85)
    picture = np.zeros(shape, np.float32)
    if since_s >= 8:
        return picture
    y = -0.15 + 0.1 * min(since_s, 6) - 0.4 * max(0.0, since_s - 6)
    _disc(picture, (x, y), 11 * unit, 120)
    centre = np.array((x * shape[1], y * shape[0]))
    for leg in range(8):
        side, place = (-1) ** leg, leg // 2 - 1.5
        turn = 0.45 * place + 0.12 * math.sin(2 * math.pi * 0.8 * since_s + leg)
        knee = centre + 24 * unit * np.array((side * math.cos(turn), math.sin(turn) - 0.4))
        foot = knee + 26 * unit * np.array((side * math.cos(turn + 0.7), math.sin(turn) + 0.6))
        for a, b in ((centre, knee), (knee, foot)):
            ends = [(round(place[0] * 16), round(place[1] * 16)) for place in (a, b)]
            cv2.line(picture, *ends, 110, max(1, round(5 * unit)), cv2.LINE_AA, 4)
    return _blurred(picture, 3 * unit)


def _disc(picture: Picture, at: tuple[float, float], radius: float, luma: float) -> None:
    centre = (round(at[0] * picture.shape[1] * 16), round(at[1] * picture.shape[0] * 16))
    cv2.circle(picture, centre, round(radius * 16), luma, -1, cv2.LINE_AA, 4)


def _blurred(picture: Picture, sigma: float) -> Picture:
    blurred: Picture = cv2.GaussianBlur(picture, (0, 0), sigma)
    return blurred

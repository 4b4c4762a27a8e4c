"""Places and people for the motion bench's scenes: drawn, textured, from a seed, and unlike the doorstep that we show elsewhere.

Pictures are float32 luma of HEIGHT x WIDTH. Sizes are pixels of a picture that is 360 tall, as in the tables; places within the
picture are shares of it.
"""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from device.camera.doorstep.guests import figure
from device.camera.doorstep.nuisances import smooth

HEIGHT, WIDTH = 180, 320
SHAPE = (HEIGHT, WIDTH)
ROW, COLUMN = (places.astype(np.float32) for places in np.mgrid[:HEIGHT, :WIDTH])

Picture = npt.NDArray[np.float32]
Luma = npt.NDArray[np.uint8]
Dice = np.random.Generator


def grain(dice: Dice, contrast: float, finest: float = 2) -> Picture:
    """Return a factor for each pixel: texture of every scale, as of grass, leaves or plaster."""
    scales = [finest * 2**step for step in range(5)]
    parts = sum(smooth(dice, HEIGHT, WIDTH, scale) for scale in scales)
    texture: Picture = np.exp(np.float32(contrast) * np.asarray(parts, np.float32) / np.sqrt(len(scales)))
    return texture


def hall(dice: Dice) -> Picture:
    """A room: plain walls, a door, pictures, a floor of tiles."""
    picture = 120 + 30 * COLUMN / WIDTH * dice.choice([-1, 1]) - 20 * ROW / HEIGHT
    for _ in range(5):
        box(
            picture,
            dice.uniform(0, 0.9),
            dice.uniform(0, 0.5),
            dice.uniform(0.05, 0.2),
            dice.uniform(0.1, 0.4),
            dice,
        )
    picture[130:] = 90 + 25 * ((COLUMN[130:] // 22 + ROW[130:] // 9) % 2)
    return picture * grain(dice, 0.02)


def yard(dice: Dice) -> Picture:
    """Grass, a hedge, a fence of pickets and a path."""
    picture = np.full(SHAPE, 150, np.float32)
    picture[:70] = 175
    hedge, grass = 70 * grain(dice, 0.45), 95 * grain(dice, 0.3)
    picture[35:95] = hedge[35:95]
    picture[90:] = grass[90:]
    first = int(dice.integers(0, 160))
    for left in range(first, first + 150, 9):
        picture[70:100, left : left + 5] = 160 + dice.uniform(-25, 25)
    lane = (
        np.abs(COLUMN - WIDTH * dice.uniform(0.3, 0.7) - (ROW - 90) * dice.uniform(-0.6, 0.6))
        < 8 + (ROW - 90) * 0.35
    )
    return np.where(lane & (ROW > 92), 140 * grain(dice, 0.08), picture).astype(np.float32)


def street(dice: Dice) -> Picture:
    """Houses with windows, cars that are parked, a pavement."""
    picture = np.full(SHAPE, 70, np.float32) * grain(dice, 0.06)
    picture[:85] = 125 * grain(dice, 0.1)[:85]
    for left in range(int(dice.integers(4, 20)), WIDTH - 20, 34):
        for top in (12, 48):
            picture[top : top + 22, left : left + 15] = dice.uniform(30, 220)
            picture[top : top + 22, left + 7] = 200
    picture[85:100] = 150 * grain(dice, 0.05)[85:100]
    for left in dice.uniform(0, 0.8, 3):
        box(picture, left, 0.5, 0.2, 0.1, dice)
        box(picture, left + 0.04, 0.45, 0.1, 0.06, dice)
    return picture


def brick(dice: Dice) -> Picture:
    """A wall of bricks with a door in it, near."""
    course = (ROW // 7).astype(int)
    joint = (ROW % 7 < 1) | ((COLUMN + 9 * (course % 2)) % 18 < 1)
    tone = dice.uniform(0.8, 1.2, (40, 40)).astype(np.float32)
    bricks = tone[course, ((COLUMN + 9 * (course % 2)) // 18).astype(int)]
    picture = np.where(joint, 165, 95 * bricks).astype(np.float32)
    box(picture, dice.uniform(0.1, 0.7), 0.2, 0.2, 0.8, dice)
    return picture * grain(dice, 0.05)


def court(dice: Dice) -> Picture:
    """A car park with marked bays before a row of trees."""
    picture = 105 * grain(dice, 0.07)
    picture[:60] = 80 * grain(dice, 0.5, 3)[:60]
    for number in range(12):
        lines = np.abs(COLUMN - (number - 2) * 36 - 0.7 * (ROW - 60)) < 1.2
        picture[lines & (ROW > 60) & (ROW < 130)] = 210
    for left in dice.uniform(0, 0.85, 4):
        box(picture, left, 0.36, 0.15, 0.1, dice)
    return picture


def porch(dice: Dice) -> Picture:
    """Steps of stone, a rail, gravel, a wall of wood."""
    picture = 130 * grain(dice, 0.25, 1.5)
    for number, top in enumerate(range(70, 180, 18)):
        picture[top : top + 14] = (120 + 12 * number) * grain(dice, 0.04)[top : top + 14]
    wall = WIDTH * dice.uniform(0.65, 0.8) < COLUMN
    boards = (85 + 45 * (ROW % 11 < 9)) * grain(dice, 0.06)
    picture = np.where(wall, boards, picture).astype(np.float32)
    for left in range(12, 200, 16):
        picture[40:120, left : left + 2] = 35
    picture[40:44, :200] = 35
    return picture


PLACES: dict[str, Callable[[Dice], Picture]] = {
    "hall": hall, "yard": yard, "street": street, "brick": brick, "court": court, "porch": porch,
}  # fmt: skip


def box(picture: Picture, x: float, y: float, across: float, down: float, dice: Dice) -> None:
    """Draw something with edges."""
    top, left = round(y * HEIGHT), round(x * WIDTH)
    bottom, right = top + max(2, round(down * HEIGHT)), left + max(2, round(across * WIDTH))
    picture[top:bottom, left:right] = dice.uniform(40, 210)
    picture[top + 2 : bottom - 2, left + 2 : right - 2] = dice.uniform(40, 210)


def night(place: Picture, dice: Dice) -> Picture:
    """Return the place in the light of an infrared lamp beside the lens."""
    x, y = dice.uniform(0.4, 0.6), dice.uniform(0.45, 0.65)
    away = ((COLUMN / WIDTH - x) / 0.75) ** 2 + ((ROW / HEIGHT - y) / 0.8) ** 2
    lit: Picture = 14 + (0.5 * place + 22) * (0.15 + 0.95 * np.exp(-away).astype(np.float32))
    return lit


class Person:
    """Somebody in clothes of their own: folds, a bag, stripes, or one coat all over.

    Args:
        dice: of what they wear.
    """

    def __init__(self, dice: Dice) -> None:
        self._shade = float(dice.choice([0.45, 0.7, 1.0, 1.5, 2.0]))
        self._plain = bool(dice.random() < 0.25)
        self._pace = dice.uniform(6.5, 8.5)
        self._stripes = float(dice.choice([0, 0, 12, 25]))

    def drawn(
        self, picture: Picture, x: float, ground: float, tall_px: float, at_s: float, *, dark: float = 1.0
    ) -> Picture:
        """Return the picture with the person, ``tall_px`` of 360, their feet at ``ground``."""
        mask, paint = figure(SHAPE, x, ground, tall_px / 360, float(np.sin(at_s * self._pace)), self._shade)
        if self._plain:
            paint = np.where(mask > 0, 80 * self._shade, paint).astype(np.float32)
        if self._stripes:
            paint = paint + self._stripes * np.sign(np.sin((ROW - ground * HEIGHT) * 40 / max(8.0, tall_px)))
        painted: Picture = picture + (np.minimum(paint, 235) * dark - picture) * mask
        return painted


def car(picture: Picture, x: float, ground: float, tall_px: float, shade: float) -> Picture:
    """Return the picture with a car, 2.6 times as long as tall."""
    tall = tall_px / 2
    left, bottom = x * WIDTH - 1.3 * tall, ground * HEIGHT
    seen = picture.copy()
    for (a, b, c, d), luma in (
        ((0, 0.1, 2.6, 0.6), 110 * shade), ((0.5, 0.55, 2.0, 1.0), 50), ((0.6, 0.6, 1.2, 0.95), 150),
        ((0.0, 0.3, 0.12, 0.42), 230),
    ):  # fmt: skip
        corner, other = (
            (round((left + a * tall) * 16), round((bottom - d * tall) * 16)),
            (round((left + c * tall) * 16), round((bottom - b * tall) * 16)),
        )
        cv2.rectangle(seen, corner, other, float(luma), -1, cv2.LINE_AA, 4)
    for wheel in (0.5, 2.1):
        cv2.circle(
            seen,
            (round((left + wheel * tall) * 16), round((bottom - 0.12 * tall) * 16)),
            round(0.17 * tall * 16),
            25.0,
            -1,
            cv2.LINE_AA,
            4,
        )
    return seen

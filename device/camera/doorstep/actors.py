"""The people and the cat: where they are at a time, and how they are drawn. Nobody has a face.

They come along the path from the left, small, and stand before the bell, tall. What they wear follows from
their visit's ``look``.
"""

import math
from collections.abc import Callable
from typing import Final

from device.camera.doorstep.backdrop import BELL, BOX, light_at, shade
from device.camera.doorstep.canvas import Canvas, Colour, Point, rgb
from device.camera.doorstep.script import REACH_US, WALK_US, Visit

_Place = Callable[[float, float], Point]

_FAR: Final = (-70.0, 512.0)
_NEAR: Final = (790.0, 668.0)
_FAR_TALL, _NEAR_TALL = 190.0, 452.0
_COATS: Final = (
    rgb(176, 58, 52),
    rgb(44, 74, 128),
    rgb(92, 110, 64),
    rgb(120, 70, 120),
    rgb(196, 140, 50),
    rgb(70, 70, 78),
)
_SKINS: Final = (rgb(236, 200, 172), rgb(198, 150, 118), rgb(142, 98, 72), rgb(92, 64, 50))
_HAIR: Final = (rgb(52, 38, 30), rgb(120, 84, 48), rgb(176, 170, 164), rgb(28, 26, 28))
_TROUSERS: Final = (rgb(52, 56, 72), rgb(84, 72, 60), rgb(40, 42, 46))
_PARCEL: Final = rgb(188, 146, 98)


def draw(canvas: Canvas, visit: Visit, at_us: int, daylight: float) -> None:
    """Draw whoever is there at this time of the scene."""
    if not visit.from_us <= at_us < visit.to_us:
        return
    (_cat if visit.kind == "cat" else _person)(canvas, visit, at_us, daylight)


def _way(visit: Visit, at_us: int) -> float:
    """Return how far they have come: 0.0 out of the picture, 1.0 at the door."""
    return max(0.0, min(1.0, (at_us - visit.from_us) / WALK_US, (visit.to_us - at_us) / WALK_US))


def _person(canvas: Canvas, visit: Visit, at_us: int, daylight: float) -> None:
    way = _way(visit, at_us)
    near = way**1.5  # comes closer faster the closer it is
    x, ground = (far + (close - far) * near for far, close in zip(_FAR, _NEAR, strict=True))
    tall = _FAR_TALL + (_NEAR_TALL - _FAR_TALL) * near
    walking = way < 1.0
    seconds = at_us / 1e6
    stride = math.sin(seconds * 7.5) if walking else 0.0
    sway = 0.0 if walking else 0.012 * tall * math.sin(seconds * 1.9)
    leaving = at_us > visit.to_us - WALK_US

    def place(right: float, up: float) -> Point:
        """Return a place on the body; ``right`` is forward, both in body heights."""
        return x + sway * up + (-right if leaving else right) * tall, ground - up * tall - abs(
            stride
        ) * 0.012 * tall

    coat, skin = _COATS[visit.look % 6], _SKINS[visit.look // 3 % 4]
    hair, trousers = _HAIR[visit.look // 5 % 4], _TROUSERS[visit.look % 3]
    canvas.light = light_at(x, daylight) * (0.5 + 0.5 * daylight)
    canvas.ellipse((x, ground), (0.17 * tall, 0.03 * tall), shade(rgb(190, 182, 168), 0.62))
    canvas.light = light_at(x, daylight)
    for side in (-1, 1):
        step = 0.13 * stride * side if walking else 0.035 * side
        knee, foot = place(step / 2, 0.25), place(step, 0.03)
        canvas.limb(place(0.03 * side, 0.48), knee, 0.085 * tall, trousers)
        canvas.limb(knee, foot, 0.07 * tall, trousers)
        canvas.limb(
            foot, (foot[0] + (-0.05 if leaving else 0.05) * tall, foot[1]), 0.05 * tall, rgb(40, 34, 32)
        )
    _arm(canvas, place, tall, -0.12 * stride, shade(coat, 0.8))
    canvas.polygon([place(-0.1, 0.8), place(0.1, 0.8), place(0.125, 0.42), place(-0.125, 0.42)], coat)
    canvas.ellipse(place(0, 0.8), (0.1 * tall, 0.045 * tall), coat)
    canvas.limb(place(0, 0.8), place(0.005, 0.86), 0.06 * tall, shade(skin, 0.85))
    canvas.ellipse(place(0.008, 0.91), (0.062 * tall, 0.08 * tall), skin)
    canvas.ellipse(place(-0.004, 0.925), (0.068 * tall, 0.075 * tall), hair, arc=(180, 360))
    _busy_arm(canvas, place, visit, at_us, tall, stride)


def _busy_arm(canvas: Canvas, place: _Place, visit: Visit, at_us: int, tall: float, stride: float) -> None:
    """Draw the arm that presses the bell, or carries the parcel, or swings."""
    coat = shade(_COATS[visit.look % 6], 0.9)
    since_us = at_us - visit.from_us - WALK_US
    if visit.kind == "parcel" and since_us < 1_600_000:
        drop = max(0.0, min(1.0, (since_us - 700_000) / 600_000))
        held = place(0.15, 0.6)
        box = (held[0] + (BOX[0] - held[0]) * drop, held[1] + (BOX[1] - held[1]) * drop)
        canvas.limb(place(0.06, 0.76), box, 0.05 * tall, coat)
        half = 0.09 * tall * (1 - 0.4 * drop)
        canvas.rectangle((box[0] - half, box[1] - 0.7 * half), (box[0] + half, box[1] + 0.7 * half), _PARCEL)
        canvas.rectangle(
            (box[0] - 0.1 * half, box[1] - 0.7 * half),
            (box[0] + 0.1 * half, box[1] + 0.7 * half),
            rgb(150, 112, 70),
        )
        return
    if visit.pressed_us is not None and since_us >= 0 and at_us < visit.pressed_us + 900_000:
        reach = min(1.0, since_us / REACH_US)
        rest = place(0.1, 0.48)
        hand = (rest[0] + (BELL[0] - rest[0]) * reach, rest[1] + (BELL[1] - rest[1]) * reach)
        canvas.limb(place(0.06, 0.76), hand, 0.055 * tall, coat)
        canvas.ellipse(hand, (0.026 * tall, 0.026 * tall), _SKINS[visit.look // 3 % 4])
        return
    _arm(canvas, place, tall, 0.12 * stride, coat)


def _arm(canvas: Canvas, place: _Place, tall: float, swing: float, colour: Colour) -> None:
    elbow = place(swing * 0.5 - 0.01, 0.6)
    canvas.limb(place(0.0, 0.76), elbow, 0.06 * tall, colour)
    canvas.limb(elbow, place(swing + 0.03, 0.46), 0.05 * tall, colour)


def _cat(canvas: Canvas, visit: Visit, at_us: int, daylight: float) -> None:
    part = (at_us - visit.from_us) / (visit.to_us - visit.from_us)
    x, ground = -90 + part * 780, 640 - 70 * math.sin(part * 3)
    canvas.light = light_at(x, daylight)
    fur = (rgb(206, 132, 62), rgb(58, 54, 56), rgb(150, 146, 144))[visit.look % 3]
    step = math.sin(at_us / 1e6 * 11)
    for dx, sign in ((-34, 1), (-26, -1), (26, -1), (34, 1)):
        canvas.limb((x + dx, ground - 28), (x + dx + 9 * step * sign, ground), 9, shade(fur, 0.85))
    canvas.ellipse((x, ground - 40), (50, 20), fur)
    canvas.ellipse((x + 56, ground - 58), (19, 17), fur)
    for dx in (45, 62):
        canvas.polygon([(x + dx - 7, ground - 68), (x + dx + 7, ground - 68), (x + dx, ground - 86)], fur)
    canvas.limb((x - 46, ground - 46), (x - 74, ground - 74 - 6 * step), 9, fur)

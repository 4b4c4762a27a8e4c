"""The guests of a rehearsal: what of the picture they cover, and with which luma.

Each is a function of the picture's shape, the seconds since they came and how long they stay; it returns a mask from
0.0 to 1.0 and what is painted there. They have limbs, clothes with folds, and sway as people do (a centimetre or two,
less than once a second); nobody has a face.
"""

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from device.camera.doorstep.drifting import Picture
from device.sight.opencv import untyped as cv2

WALK_S: Final = 2.5

Guest = Callable[[tuple[int, int], float, float], tuple[Picture, Picture]]


def figure(
    shape: tuple[int, int], x: float, ground: float, tall: float, stride: float, shade: float = 1.0
) -> tuple[Picture, Picture]:
    """Return a person.

    Args:
        shape: of the picture.
        x: where they stand, as a share of the width.
        ground: where their feet are, as a share of the height.
        tall: as a share of the height.
        stride: how far the legs are apart, from -1.0 to 1.0.
        shade: how bright their clothes are.
    """
    height, width = shape
    mask, paint = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    size = tall * height

    def at(right: float, up: float) -> tuple[int, int]:
        return round((x * width + right * size) * 16), round((ground * height - up * size) * 16)

    def limb(start: tuple[float, float], end: tuple[float, float], thick: float, luma: float) -> None:
        for plane, value in ((mask, 1.0), (paint, luma * shade)):
            cv2.line(plane, at(*start), at(*end), value, max(1, round(thick * size)), cv2.LINE_AA, 4)

    def disc(centre: tuple[float, float], radii: tuple[float, float], luma: float) -> None:
        axes = (round(radii[0] * size * 16), round(radii[1] * size * 16))
        for plane, value in ((mask, 1.0), (paint, luma * shade)):
            cv2.ellipse(plane, at(*centre), axes, 0, 0, 360, value, -1, cv2.LINE_AA, 4)

    for side in (-1, 1):
        limb((0.04 * side, 0.48), (0.04 * side + 0.12 * stride * side, 0.02), 0.085, 62)
        limb((0.1 * side, 0.78), (0.13 * side - 0.1 * stride * side, 0.46), 0.06, 84)
    limb((0, 0.52), (0, 0.76), 0.22, 96)
    for fold in range(4):
        limb((-0.08, 0.54 + 0.07 * fold), (0.07, 0.57 + 0.07 * fold), 0.012, 70)
    limb((0, 0.5), (0, 0.8), 0.015, 132)
    disc((0, 0.91), (0.06, 0.08), 168)
    disc((-0.005, 0.95), (0.062, 0.05), 48)
    return mask, paint


def _way(since_s: float, stay_s: float) -> float:
    """Return how far they have come: 0.0 outside, 1.0 there."""
    return min(1.0, since_s / WALK_S, (stay_s - since_s) / WALK_S)


def visitor(shape: tuple[int, int], since_s: float, stay_s: float) -> tuple[Picture, Picture]:
    """Come along the path, stand before the bell, go."""
    way = _way(since_s, stay_s)
    near = max(0.0, way) ** 1.4
    stride = math.sin(since_s * 7.5) if way < 1 else 0.1
    sway = 0.004 * math.sin(since_s * 2.6) if way == 1 else 0.0
    return figure(shape, -0.04 + 0.66 * near + sway, 0.71 + 0.22 * near, 0.27 + 0.36 * near, stride)


def still(shape: tuple[int, int], since_s: float, stay_s: float) -> tuple[Picture, Picture]:
    """Come, stand and read a letter, go."""
    way = _way(since_s, stay_s)
    near = max(0.0, way) ** 1.4
    stride = math.sin(since_s * 7.5) if way < 1 else 0.1
    breath = 0.002 * math.sin(since_s * 1.7) + 0.002 * math.sin(since_s * 0.45)
    return figure(shape, -0.04 + 0.6 * near + breath, 0.92, 0.6, stride)


def far(shape: tuple[int, int], since_s: float, stay_s: float) -> tuple[Picture, Picture]:
    """Walk about at the path's end, small and a little darker than the hedge."""
    x = -0.02 + 0.4 * since_s / stay_s
    return figure(shape, x, 0.7, 0.2, math.sin(since_s * 7), 0.8)


def filling(shape: tuple[int, int], since_s: float, stay_s: float) -> tuple[Picture, Picture]:
    """Come right up to the lens: a coat is all there is."""
    way = max(0.0, _way(since_s, stay_s))
    sway = 0.006 * math.sin(since_s * 2.6)
    return figure(
        shape,
        -0.1 + 0.6 * way**0.7 + sway,
        0.9 + 2.3 * way**2,
        0.3 + 4.5 * way**2,
        math.sin(since_s * 6) * (1 - way),
    )


def courier(shape: tuple[int, int], since_s: float, stay_s: float) -> tuple[Picture, Picture]:
    """Come as the visitor does, with a parcel; put it down half way, go without."""
    mask, paint = visitor(shape, since_s, stay_s)
    if since_s < stay_s / 2:
        near = max(0.0, _way(since_s, stay_s)) ** 1.4
        tall = 0.27 + 0.36 * near
        _box(mask, paint, (-0.04 + 0.66 * near + 0.06 * tall, 0.71 + 0.22 * near - 0.5 * tall), 0.22 * tall)
    return mask, paint


def parcel(shape: tuple[int, int]) -> tuple[Picture, Picture]:
    """Return what the courier leaves, for as long as nobody takes it."""
    mask, paint = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    _box(mask, paint, (0.68, 0.92), 0.14)
    return mask, paint


def _box(mask: Picture, paint: Picture, at: tuple[float, float], size: float) -> None:
    """Draw a parcel around a place; ``size`` is its height as a share of the picture's."""
    height, width = mask.shape
    x, y, half = at[0] * width, at[1] * height, size * height / 2
    for across, luma in ((1.3, 150.0), (0.15, 205.0)):
        corners = [
            (round((x + side * across * half) * 16), round((y + side * half) * 16)) for side in (-1, 1)
        ]
        for plane, value in ((mask, 1.0), (paint, luma)):
            cv2.rectangle(plane, *corners, value, -1, cv2.LINE_AA, 4)


def hand(shape: tuple[int, int], since_s: float, stay_s: float) -> tuple[Picture, Picture]:
    """Cover the lens from below within a quarter of a second: dark, soft and without structure."""
    height, width = shape
    up = min(1.0, since_s / 0.25, (stay_s - since_s) / 0.25)
    rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    edge = np.clip((rows - (1.25 - 1.5 * up)) / 0.2, 0, 1) * np.ones((1, width), np.float32)
    return edge, np.full(shape, 14, np.float32)


GUESTS: Final[dict[str, Guest]] = {
    "visitor": visitor,
    "still": still,
    "far": far,
    "filling": filling,
    "hand": hand,
    "courier": courier,
}

LEFT: Final = {"courier": parcel}
"""What guests leave behind, from the middle of their stay on."""

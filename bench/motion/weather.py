"""What moves in the motion bench's scenes and is nobody: washing and flags in gusts, shade, shadows, drops on the glass.

Each is made from dice and is a function of a picture and a time; the same dice give the same to the last pixel.
"""

from collections.abc import Callable

import cv2
import numpy as np

from bench.motion.places import COLUMN, HEIGHT, ROW, SHAPE, WIDTH, Dice, Picture, grain
from device.camera.doorstep.nuisances import Nuisances, smooth

Weather = Callable[[Picture, float], Picture]


def gusts(
    dice: Dice, calm_s: tuple[float, float] = (8, 30), blow_s: tuple[float, float] = (3, 9)
) -> Callable[[float], float]:
    """Return how hard it blows at a time, from 0.0 to 1.0: now and then."""
    edges, at_s = [], 0.0
    while at_s < 3600:
        at_s += dice.uniform(*calm_s)
        edges.append((at_s, at_s + dice.uniform(*blow_s), dice.uniform(0.5, 1.0)))
        at_s = edges[-1][1]

    def blowing(at_s: float) -> float:
        return max(
            (force * min(1.0, at_s - a, b - at_s) for a, b, force in edges if a < at_s < b), default=0.0
        )

    return blowing


def washing(dice: Dice) -> Weather:
    """A line with five things on it, which swing in gusts."""
    blowing, left, top = gusts(dice), dice.uniform(0.2, 0.45), dice.uniform(0.15, 0.3)
    things = [
        (
            left + 0.1 * number,
            dice.uniform(0.05, 0.085),
            dice.uniform(0.15, 0.3),
            dice.uniform(50, 230),
            dice.uniform(0, 6),
        )
        for number in range(5)
    ]

    def hang(picture: Picture, at_s: float) -> Picture:
        seen, force = picture.copy(), blowing(at_s)
        for x, wide, long, luma, phase in things:
            swing = force * 0.05 * (np.sin(4.1 * at_s + phase) + 0.5 * np.sin(9.7 * at_s + 2 * phase))
            lift = 1 - 0.25 * force * abs(np.sin(3.3 * at_s + phase))
            corners = [
                (x, top),
                (x + wide, top),
                (x + wide + swing, top + long * lift),
                (x + swing * 1.2, top + long * lift),
            ]
            points = np.array([[round(a * WIDTH * 16), round(b * HEIGHT * 16)] for a, b in corners], np.int32)
            cv2.fillPoly(seen, [points], float(luma), cv2.LINE_AA, 4)
            middle = points.mean(axis=0).astype(np.int32)
            cv2.line(
                seen,
                tuple(points[:2].mean(axis=0).astype(int).tolist()),
                tuple(middle.tolist()),
                float(luma * 0.7),
                1,
                cv2.LINE_AA,
                4,
            )
        return seen

    return hang


def flag(dice: Dice) -> Weather:
    """A striped flag on a mast: it hangs, and flaps in gusts."""
    blowing, x, y = gusts(dice, (10, 40), (4, 12)), dice.uniform(0.3, 0.6), dice.uniform(0.08, 0.2)
    long, tall, luma = dice.uniform(0.14, 0.24), dice.uniform(0.16, 0.26), dice.uniform(60, 220)

    def fly(picture: Picture, at_s: float) -> Picture:
        force = blowing(at_s)
        out = 0.25 + 0.75 * force
        right = (COLUMN / WIDTH - x) / (long * out)
        wave = force * 0.035 * right * np.sin(9 * right - 11 * at_s) + (1 - force) * 0.1 * right
        down = (ROW / HEIGHT - y - wave) / tall
        cloth = (right > 0) & (right < 1) & (down > 0) & (down < 1)
        shade = luma * (1 + 0.35 * np.sign(np.sin(down * 16)) + 0.15 * force * np.sin(9 * right - 11 * at_s))
        seen = np.where(cloth, np.clip(shade, 10, 240), picture).astype(np.float32)
        left = round(x * WIDTH)
        seen[round(y * HEIGHT) - 3 :, left - 2 : left] = 40
        return seen

    return fly


def tree(dice: Dice) -> Weather:
    """A tree that sways in gusts."""
    blowing, x = gusts(dice, (5, 20), (4, 12)), dice.uniform(0.5, 0.9)
    crown = np.clip(
        1.6 - np.hypot((COLUMN / WIDTH - x) / 0.2, (ROW / HEIGHT - 0.25) / 0.3) * 1.5, 0, 1
    ).astype(np.float32)
    leaves, bend = 75 * grain(dice, 0.5), smooth(dice, HEIGHT, WIDTH, 20)

    def sway(picture: Picture, at_s: float) -> Picture:
        force = 0.15 + blowing(at_s)
        aside = (
            crown * force * (2.2 * np.sin(2.1 * at_s) + 1.2 * np.sin(5.3 * at_s)) * (1 + 0.6 * bend)
        ).astype(np.float32)
        there = picture + (leaves - picture) * (crown > 0.3)
        bent: Picture = cv2.remap(
            there.astype(np.float32),
            COLUMN + aside,
            ROW + 0.4 * aside,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return bent

    return sway


def dapple(dice: Dice) -> Weather:
    """Sunlight through leaves: hard spots that wander and swell."""
    leaves = [smooth(dice, HEIGHT, 2 * WIDTH, scale) for scale in (9, 14)]
    depth, pace = dice.uniform(0.2, 0.45), dice.uniform(0.6, 1.3)

    def shade(picture: Picture, at_s: float) -> Picture:
        moved = [
            part[:, (left := round(60 + reach * np.sin(pace * rate * at_s + rate))) : left + WIDTH]
            for part, reach, rate in zip(leaves, (9, 14), (1.1, 0.7), strict=True)
        ]
        lit: Picture = picture * (
            1 - np.float32(depth) * ((moved[0] + moved[1]) > 0.3) * np.clip(ROW / HEIGHT * 1.8 - 0.3, 0, 1)
        )
        return lit

    return shade


def awning(dice: Dice) -> Weather:
    """The shadow of an awning, with a hard edge that creeps and trembles a little."""
    pace, slant, depth = (
        dice.uniform(0.15, 0.8) * dice.choice([-1, 1]),
        dice.uniform(-0.4, 0.4),
        dice.uniform(0.3, 0.55),
    )
    start = dice.uniform(60, 120)

    def creep(picture: Picture, at_s: float) -> Picture:
        edge = start + pace * at_s % 90 + 0.5 * np.sin(2.3 * at_s)
        shadow = np.clip(edge - (ROW + slant * (COLUMN - WIDTH / 2)) + 0.5, 0, 1)
        return picture * (1 - np.float32(depth) * shadow.astype(np.float32))

    return creep


def fence(dice: Dice) -> Weather:
    """Headlights behind a fence: its shadow sweeps over everything, every eight seconds."""
    period, slant = dice.uniform(14, 30), dice.uniform(-0.2, 0.2)
    lengths = dice.uniform(1.5, 4.0, 1000)

    def sweep(picture: Picture, at_s: float) -> Picture:
        number, since_s = divmod(at_s, 8.0)
        part = since_s / lengths[int(number)]
        if part > 1:
            return picture
        way = part if int(number) % 2 else 1 - part
        beam = np.exp(-(((COLUMN / WIDTH + 0.3 - 1.6 * way) / 0.3) ** 2) - ((ROW / HEIGHT - 0.55) / 0.4) ** 2)
        bars = ((COLUMN + slant * ROW + 260 * way) % period > 0.4 * period).astype(np.float32)
        lit: Picture = (picture * (1 + 0.9 * beam * bars) + 30 * beam * bars).astype(np.float32)
        return lit

    return sweep


def drops(dice: Dice) -> Weather:
    """Drops on the glass: each shows the scene upside down, comes at once, sits, runs down a little, sits, and is gone."""
    born = np.cumsum(dice.exponential(6.0, 400))
    born -= born[6]
    each = [
        (
            t,
            dice.uniform(15, 60),
            dice.uniform(0.05, 0.95),
            dice.uniform(0.0, 0.8),
            dice.uniform(4, 11),
            dice.uniform(0, 5),
            dice.uniform(1, 9),
        )
        for t in born
    ]

    def run(picture: Picture, at_s: float) -> Picture:
        seen = picture.copy()
        for born_s, lasts_s, x, y, radius, runs_s, wobble in each:
            since_s = at_s - born_s
            if not 0 <= since_s < lasts_s:
                continue
            down = 0.12 * np.clip(since_s - 2 * runs_s, 0, 1.5) + 0.15 * np.clip(since_s - 30, 0, 3)
            cx, cy = x * WIDTH + 0.3 * np.sin(wobble * at_s), (y + down) * HEIGHT
            reach = int(radius * 1.3) + 2
            here = (
                slice(max(0, int(cy) - reach), max(0, int(cy) + reach)),
                slice(max(0, int(cx) - reach), int(cx) + reach),
            )
            row, column = ROW[here], COLUMN[here]
            if not row.size:
                continue
            off = np.hypot(column - cx, (row - cy) / 1.15) / radius
            inside = np.clip((1 - off) * radius / 2, 0, 1).astype(np.float32)
            upside_down = [
                (4 * centre - 3 * place).astype(np.float32) for centre, place in ((cx, column), (cy, row))
            ]
            flipped = cv2.remap(picture, *upside_down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            lens = flipped * (1.15 - 0.55 * off**3).astype(np.float32)
            seen[here] += (lens - seen[here]) * inside * np.float32(0.85)
        return np.clip(seen, 0, 255).astype(np.float32)

    return run


def known(kind: str, length_s: float = 30.0) -> Callable[[Dice], Weather]:
    """Return one of the doorstep's own nuisances, over and over."""

    def make(dice: Dice) -> Weather:
        nuisances = Nuisances(*SHAPE, int(dice.integers(1 << 30)))
        return lambda picture, at_s: nuisances.apply(kind, picture, at_s % length_s, length_s)

    return make


def quiet(dice: Dice) -> Weather:  # noqa: ARG001
    return lambda picture, at_s: picture  # noqa: ARG005


WEATHERS: dict[str, Callable[[Dice], Weather]] = {
    "quiet": quiet, "washing": washing, "flag": flag, "tree": tree, "dapple": dapple,
    "awning": awning, "fence": fence, "drops": drops,
    **{kind: known(kind) for kind in ("drift", "exposure", "lamp", "infrared", "cloud", "flicker", "rain", "insects",
    "headlights", "shake", "snow", "moth", "spider")},
}  # fmt: skip

"""Scenes for the motion bench, one family a fault: whose truth is known, at any frame rate, on places drawn from a seed.

    crossing  somebody crosses the picture within 4.0 to 0.4 s, 260, 150 or 80 pixels tall of 360
    peek      a head at the side, a passer at the door, a jump and back: 0.6 s each
    approach  somebody walks straight at the camera for 40 s
    gust      washing, a flag or a tree that moves now and then; towards the end somebody in front of it
    edges     dappled shade, an awning's creeping shadow, a fence in headlights, drops on the glass; somebody at the end
    weather   everything else that moves and is nobody; somebody at the end
    visits    ordinary people in any of that: far walkers, runners, dogs' height, through drops and in the wind

Frames are luma of 320x180, seen through a lens that may bend (a fish-eye), with a sensor's noise, and what compression leaves.
"""

import numpy as np

from bench.motion.places import PLACES, Dice, Person, Picture, car, night
from bench.motion.scene import SETTLE_S, Act, Scene
from bench.motion.weather import WEATHERS

SIZES_PX = (260, 150, 80)
CROSSINGS_S = (4.0, 2.0, 1.5, 1.0, 0.8, 0.6, 0.4)
BETWEEN_S = 8.0


def crossing(dice: Dice, tall_px: float, in_s: float, dark: float) -> Act:
    """Return somebody who crosses the picture; a car now and then, if they are fast and small."""
    person, to_right, ground = (
        Person(dice),
        bool(dice.random() < 0.5),
        float(np.clip(dice.uniform(0.7, 0.8) + tall_px / 1200, 0, 1.02)),
    )
    half = 0.2 * tall_px / 640

    def act(picture: Picture, since_s: float) -> Picture:
        way = since_s / in_s if to_right else 1 - since_s / in_s
        return person.drawn(picture, -half + (1 + 2 * half) * way, ground, tall_px, since_s, dark=dark)

    return act


def peek(dice: Dice, dark: float) -> Act:
    """Return somebody near who looks in from a side and is gone again within 0.6 s."""
    person, left, tall_px = Person(dice), bool(dice.random() < 0.5), dice.uniform(200, 420)

    def act(picture: Picture, since_s: float) -> Picture:
        out = 0.16 * np.sin(np.pi * since_s / 0.6)
        return person.drawn(
            picture, out - 0.06 if left else 1.06 - out, 0.6 + tall_px / 720, tall_px, since_s, dark=dark
        )

    return act


def approach(dice: Dice, stay_s: float, dark: float) -> Act:
    """Return somebody who comes straight at the camera, at an even pace."""
    person, x = Person(dice), dice.uniform(0.4, 0.6)

    def act(picture: Picture, since_s: float) -> Picture:
        away_m = 16 - 15 * since_s / stay_s
        tall_px = 560 / away_m
        return person.drawn(
            picture, x + 0.002 * np.sin(3 * since_s), 0.45 + 0.62 * tall_px / 360, tall_px, since_s, dark=dark
        )

    return act


def visit(dice: Dice, stay_s: float, dark: float) -> Act:
    """Return somebody who comes from a side, stands, and goes."""
    person, from_right, tall_px = Person(dice), bool(dice.random() < 0.5), dice.choice([70, 110, 170, 250])
    stop, ground = dice.uniform(0.25, 0.75), float(np.clip(0.68 + tall_px / 1100, 0, 1))
    walk_s = stay_s / 3

    def act(picture: Picture, since_s: float) -> Picture:
        way = min(1.0, since_s / walk_s, (stay_s - since_s) / walk_s)
        x = -0.03 + (stop + 0.03) * way + (0.003 * np.sin(2 * since_s) if way == 1 else 0)
        return person.drawn(
            picture, 1 - x if from_right else x, ground, tall_px, since_s if way < 1 else 0.1, dark=dark
        )

    return act


def drive(dice: Dice, in_s: float) -> Act:
    """Return a car that drives past."""
    tall_px, shade, ground, to_right = (
        dice.uniform(60, 110),
        dice.uniform(0.5, 2),
        dice.uniform(0.6, 0.75),
        bool(dice.random() < 0.5),
    )

    def act(picture: Picture, since_s: float) -> Picture:
        way = -0.25 + 1.5 * since_s / in_s
        return car(picture, way if to_right else 1 - way, ground, tall_px, shade)

    return act


class Maker:
    """Makes scenes of one place.

    Args:
        place: its name.
        seed: of all that is random.
        fps: of the frames.
    """

    def __init__(
        self,
        place: str,
        seed: int,
        fps: float,
        *,
        dark: bool = False,
        fisheye: bool = False,
        quality: int = 0,
    ) -> None:
        self._name, self._seed, self._fps = place, seed, fps
        self._dark, self._fisheye, self._quality = dark, fisheye, quality
        self._dice = np.random.default_rng((seed, sum(place.encode()), round(fps), dark, fisheye, quality))
        picture = PLACES[place](self._dice)
        self._picture = np.clip(night(picture, self._dice) if dark else picture, 0, 245).astype(np.float32)
        self._light = 0.55 if dark else 1.0

    def crossings(self, tall_px: float) -> Scene:
        acts, at_s = [], SETTLE_S + 2
        for in_s in CROSSINGS_S:
            acts.append(
                (
                    at_s,
                    at_s + in_s,
                    f"{tall_px} px in {in_s} s",
                    crossing(self._dice, tall_px, in_s, self._light),
                )
            )
            at_s += in_s + BETWEEN_S
        return self._scene(f"crossing/{tall_px}", at_s, ["quiet"], acts)

    def peeks(self) -> Scene:
        acts, at_s = [], SETTLE_S + 2
        for number in range(6):
            act = peek(self._dice, self._light) if number % 2 else crossing(self._dice, 380, 0.6, self._light)
            acts.append((at_s, at_s + 0.6, "peek" if number % 2 else "passer", act))
            at_s += 0.6 + BETWEEN_S
        return self._scene("peek", at_s, ["quiet"], acts)

    def approach(self) -> Scene:
        return self._scene(
            "approach",
            SETTLE_S + 52,
            ["quiet"],
            [(SETTLE_S + 2, SETTLE_S + 42, "approach", approach(self._dice, 40, self._light))],
        )

    def visits(self, weather: str, count: int = 4, front: bool = True) -> Scene:
        """Whoever comes, comes for ten seconds, 20 s apart."""
        acts, at_s = [], SETTLE_S + 10
        for number in range(count):
            if number % 4 == 3:
                acts.append((at_s, at_s + 2.5, "runner", crossing(self._dice, 180, 2.5, self._light)))
            else:
                acts.append((at_s, at_s + 10, "visitor", visit(self._dice, 10, self._light)))
            at_s += 30
        return self._scene(f"visits/{weather}", at_s, [weather], acts, front)

    def nobody(
        self, weather: str, length_s: float = 90, *, family: str = "weather", front: bool = True
    ) -> Scene:
        """Long nothing but weather, then somebody."""
        act = visit(self._dice, 10, self._light)
        last_s = SETTLE_S + length_s
        return self._scene(
            f"{family}/{weather}", last_s + 14, [weather], [(last_s, last_s + 10, "visitor", act)], front
        )

    def gust(self, weather: str, length_s: float = 420) -> Scene:
        return self.nobody(weather, length_s, family="gust")

    def traffic(self) -> Scene:
        acts = [
            (
                SETTLE_S + 5 + 12 * number,
                SETTLE_S + 5 + 12 * number + in_s,
                f"car in {in_s} s",
                drive(self._dice, in_s),
            )
            for number, in_s in enumerate((4.0, 2.0, 1.2, 0.8))
        ]
        return self._scene("traffic", SETTLE_S + 50, ["quiet"], acts)

    def _scene(
        self,
        name: str,
        length_s: float,
        weather: list[str],
        acts: list[tuple[float, float, str, Act]],
        front: bool = True,
    ) -> Scene:
        made = [(kind, WEATHERS[kind](self._dice)) for kind in weather]
        looks = "".join(
            f"+{what}"
            for what, so in (
                ("night", self._dark),
                ("fisheye", self._fisheye),
                (f"q{self._quality}", self._quality),
            )
            if so
        )
        return Scene(f"{name}/{self._name}{looks}@{self._fps:g}#{self._seed}", self._fps, length_s, self._picture,
        made, acts, self._dark,
                     self._fisheye, self._quality, self._seed, front, [(SETTLE_S, length_s, weather[0])])  # fmt: skip

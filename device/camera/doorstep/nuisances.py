"""What light, weather and small animals do to a picture: everything that moves at a doorstep and is nobody.

Each nuisance is a function of a picture, a time within its act and the act's length. Randomness comes from the seed, so
that the same act shows the same to the last pixel. Pictures are luma as float32, in grey levels before noise.

The shapes follow what labelled footage does to real halls: soft cones for lamps and headlights, gain with a ramp for
exposure, a black gap and another contrast for an IR filter, gusts that bend what grows.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from device.camera.doorstep.drifting import Picture, moth, snow, spider
from device.sight.opencv import untyped as cv2

SENSOR: Final = {"day": (0.6, 0.01), "night": (9.0, 0.10)}
"""Variance of the noise in a pixel of 640x360: what it has in the dark, and what each grey level adds (photons)."""


def smooth(dice: np.random.Generator, height: int, width: int, scale: float) -> Picture:
    """Return smooth noise of deviation one, whose bumps are about ``scale`` pixels."""
    coarse = (max(2, round(height / scale)) + 2, max(2, round(width / scale)) + 2)
    noise = dice.standard_normal(coarse).astype(np.float32)
    large: Picture = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    return large / np.float32(large.std())


class Nuisances:
    """Every nuisance, for one size of picture.

    Args:
        height: of the picture.
        width: of the picture.
        seed: of whatever is random.
    """

    def __init__(self, height: int, width: int, seed: int) -> None:
        dice = np.random.default_rng(seed)
        self._seed = seed
        self._unit = width / 640
        self._height, self._width = height, width
        self._row, self._column = (places.astype(np.float32) for places in np.mgrid[0:height, 0:width])
        self._y: Picture = self._row / np.float32(height)
        self._x: Picture = self._column / np.float32(width)
        self._cover = smooth(dice, height, width, 80 * self._unit)
        self._leaves = smooth(dice, height, 2 * width, 16 * self._unit)
        self._bend = smooth(dice, height, width, 40 * self._unit)
        self._green = np.clip((self._x - 0.02) * 8, 0, 1) * np.clip((0.62 - self._x) * 8, 0, 1)
        self._bank = [self._grain(dice) for _ in range(8)]
        self.kinds: dict[str, Callable[[Picture, float, float], Picture]] = {
            name: getattr(self, f"_{name}")
            for name in (
                "quiet", "drift", "exposure", "lamp", "infrared", "cloud", "flicker", "rain", "insects", "headlights", "wind",
                "dapple", "shake", "dusk", "hunting", "snow", "moth", "spider",
            )
        }  # fmt: skip

    def apply(self, kind: str, picture: Picture, at_s: float, length_s: float) -> Picture:
        """Return the picture under this nuisance, a new one or ``picture`` itself."""
        return self.kinds[kind](picture, at_s, length_s)

    def darkness(self, kind: str, at_s: float, length_s: float) -> float:
        """Return how far it is to another night's gain: 0.0 as the act's light is, 1.0 in the depth of dusk."""
        return float(np.sin(np.pi * at_s / length_s)) if kind == "dusk" else 0.0

    def sensor(
        self, picture: Picture, frame: int, light: str, darkness: float = 0.0
    ) -> npt.NDArray[np.uint8]:
        """Return what a sensor makes of the picture: noise that grows with the light, partly blotchy, in uint8.

        Args:
            picture: what falls on it.
            frame: its number.
            light: of the act.
            darkness: what gain adds: the night's noise by day, and as much again by night.
        """
        floor, slope = SENSOR[light]
        floor, slope = floor + darkness * SENSOR["night"][0], slope + darkness * SENSOR["night"][1]
        dice = np.random.default_rng((self._seed, frame))
        grain = self._bank[int(dice.integers(len(self._bank)))]
        shift = dice.integers((self._height, self._width))
        grain = np.roll(grain, (int(shift[0]), int(shift[1])), (0, 1))
        noisy = picture + grain * np.sqrt(np.maximum(picture, 0) * np.float32(slope) + np.float32(floor))
        seen: npt.NDArray[np.uint8] = np.clip(noisy + np.float32(0.5), 0, 255).astype(np.uint8)
        return seen

    def _grain(self, dice: np.random.Generator) -> Picture:
        fine = dice.standard_normal((self._height, self._width)).astype(np.float32)
        blotches: Picture = cv2.GaussianBlur(fine[::-1].copy(), (0, 0), 1.2)
        return 0.8 * fine + blotches * np.float32(0.6 / blotches.std())

    def _spot(self, x: float, y: float, across: float, down: float) -> Picture:
        spot: Picture = np.exp(-(((self._x - x) / across) ** 2) - ((self._y - y) / down) ** 2)
        return spot

    def _quiet(self, picture: Picture, at_s: float, length_s: float) -> Picture:  # noqa: ARG002 - as all
        return picture

    def _drift(self, picture: Picture, at_s: float, length_s: float) -> Picture:
        return picture * np.float32(1 + 0.2 * np.sin(2 * np.pi * at_s / length_s))

    def _exposure(self, picture: Picture, at_s: float, length_s: float) -> Picture:
        up, down = np.clip([(at_s - 0.2 * length_s) / 0.3, (at_s - 0.7 * length_s) / 0.3], 0, 1)
        return picture * np.float32(1 + 0.35 * (up - down))

    def _lamp(self, picture: Picture, at_s: float, length_s: float) -> Picture:
        if not 0.25 * length_s < at_s < 0.75 * length_s:
            return picture
        glow = self._spot(0.7, 0.2, 0.4, 0.6)
        return picture * (1 + 0.5 * glow) + 30 * glow

    def _infrared(self, picture: Picture, at_s: float, length_s: float) -> Picture:
        if not 0.2 * length_s <= at_s < 0.8 * length_s:
            return picture
        if min(at_s - 0.2 * length_s, 0.8 * length_s - at_s) < 0.2:
            return picture * np.float32(0.05) + 4
        beam = self._spot(0.5, 0.5, 0.7, 0.7)
        return (0.5 * picture + 18 + 8 * self._cover) * (0.5 + 0.8 * beam)

    def _cloud(self, picture: Picture, at_s: float, length_s: float) -> Picture:
        edge = np.float32(-0.3 + 1.8 * at_s / length_s)
        shadow: Picture = 1 / (1 + np.exp((0.9 * self._x + 0.3 * self._y - edge) / np.float32(0.06)))
        lit: Picture = picture * (1 - np.float32(0.35 * np.sin(np.pi * at_s / length_s)) * shadow)
        return lit

    def _flicker(self, picture: Picture, at_s: float, length_s: float) -> Picture:  # noqa: ARG002
        bands: Picture = np.sin(2 * np.pi * (2.3 * self._y + np.float32(3.7 * at_s)))
        return picture * (1 + 0.03 * bands)

    def _rain(self, picture: Picture, at_s: float, length_s: float) -> Picture:  # noqa: ARG002
        dice = np.random.default_rng((self._seed, 1, round(at_s * 1000)))
        drops = np.zeros(picture.shape, np.float32)
        for number in range(80):
            near = number >= 78
            long = dice.uniform(8, 26) * self._unit * (4 if near else 1)
            x, y = dice.uniform(0, self._width), dice.uniform(-long, self._height)
            end = (round(x + long / 8), round(y + long))
            thick = max(1, round((4 if near else 1) * self._unit))
            cv2.line(drops, (round(x), round(y)), end, dice.uniform(10, 40), thick, cv2.LINE_AA)
        lit: Picture = picture + drops
        return lit

    def _insects(self, picture: Picture, at_s: float, length_s: float) -> Picture:  # noqa: ARG002
        flight, since_s = divmod(at_s, 2.5)
        dice = np.random.default_rng((self._seed, 2, int(flight)))
        start, end = dice.uniform(0, 1, (2, 2))
        part = since_s / dice.uniform(0.5, 2.0)
        size = dice.uniform(5, 18) / 640
        if part > 1:
            return picture
        x, y = start + (end - start) * 1.5 * part + 0.03 * np.sin(part * dice.uniform(5, 20))
        return picture + 80 * self._spot(x, y, size, size * 2)

    def _headlights(self, picture: Picture, at_s: float, length_s: float) -> Picture:  # noqa: ARG002
        part = at_s % 6.0 / 3.0
        if part > 1:
            return picture
        beam = self._spot(1.2 - 1.4 * part, 0.6 - 0.1 * part, 0.16, 0.14)
        return picture * (1 + 0.9 * beam) + 25 * beam + np.float32(4 * np.sin(np.pi * part))

    def _wind(self, picture: Picture, at_s: float, length_s: float) -> Picture:  # noqa: ARG002
        gust = np.sin(1.1 * at_s) + 0.6 * np.sin(2.7 * at_s + 1) + 0.5 * np.sin(0.31 * at_s)
        aside = (
            self._green * (1 + 0.6 * self._bend) * np.float32(self._unit * (gust + 0.8 * np.sin(5.5 * at_s)))
        )
        bent: Picture = cv2.remap(
            picture,
            self._column + aside,
            self._row + 0.3 * aside,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return bent

    def _dapple(self, picture: Picture, at_s: float, length_s: float) -> Picture:  # noqa: ARG002
        left = round(self._width * (0.3 + 0.04 * np.sin(1.1 * at_s) + 0.01 * np.sin(4.3 * at_s)))
        shade = self._leaves[:, left : left + self._width] > 0.3
        lit: Picture = picture * (1 - 0.2 * shade * np.clip(self._y * 1.6 - 0.2, 0, 1))
        return lit

    def _dusk(self, picture: Picture, at_s: float, length_s: float) -> Picture:
        """The light goes and comes back; gain (``darkness``) makes up for half of it, in noise."""
        return picture * np.float32(1 - 0.5 * self.darkness("dusk", at_s, length_s))

    def _hunting(self, picture: Picture, at_s: float, length_s: float) -> Picture:
        """Exposure that finds no rest: up and down by an eighth, every two seconds at first, every four at last."""
        phase = np.pi * length_s * np.log1p(at_s / length_s)
        return picture * np.float32(1 + 0.12 * min(1.0, length_s - at_s) * np.sin(phase))

    def _snow(self, picture: Picture, at_s: float, length_s: float) -> Picture:  # noqa: ARG002
        return picture + snow((self._height, self._width), at_s, self._seed)

    def _moth(self, picture: Picture, at_s: float, length_s: float) -> Picture:  # noqa: ARG002
        return picture + moth((self._height, self._width), at_s, self._seed)

    def _spider(self, picture: Picture, at_s: float, length_s: float) -> Picture:  # noqa: ARG002
        return picture + spider((self._height, self._width), at_s, self._seed)

    def _shake(self, picture: Picture, at_s: float, length_s: float) -> Picture:
        """A door slams every fifth of the act: the picture swings and comes to rest within a second."""
        since_s = at_s % (length_s / 5)
        swing = 8 * self._unit * np.exp(-since_s * 4)
        move = np.array(
            [[1, 0, swing * np.sin(31 * since_s)], [0, 1, swing * np.cos(27 * since_s)]], np.float32
        )
        moved: Picture = cv2.warpAffine(
            picture,
            move,
            (self._width, self._height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return moved

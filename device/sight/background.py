"""The background: for each pixel the structure that belongs there, how restless it is, and what could be mistaken for it.

A pixel is explained if its structure lies between two bounds. They are wide enough for what light does to contrast
(haze and fill light weaken it, a low sun deepens it), for a third of a pixel of movement (wind, a trembling post), and for
the pixel's own noise; and no wider. What is left unexplained has edges that the place has not, or hides edges that it
has: a thing, not a light.

A body before texture leaves many pixels within their bounds, by chance, and would fall into fragments. So
neighbourhoods are asked too: where the texture of six pixels square is gone, all of them are hidden. Each pixel's
vote is bounded by what it shows when nobody is there, so that a raindrop has no more weight than a leaf.

The noise model is a running mean absolute deviation for each pixel (as in Stauffer and Grimson 1999 and its kin, with
one mode). A pixel that leaves its bounds and comes back grows more restless by a share of how far it went: a branch in
the wind. When the whole picture is suddenly noisier, because dark fell and the gain rose, the noise of the
picture lifts all bounds at once.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from device.sight.opencv import untyped as cv2
from device.sight.structure import NEUTRAL, Bytes2D, in_company

FLOOR: Final = 5
"""Levels that compression alone may move a pixel: a contrast of 6 %."""
RESTLESS: Final = 3.6
"""Times the mean absolute deviation: 2.9 standard deviations of normal noise. What still exceeds it is lonely."""
MAX_RESTLESS: Final = 8.0
"""Even in a storm, what differs by 29 levels, a contrast of 40 %, is seen."""
NOISE: Final = 5.2
"""Times the noise of the whole picture: 2.7 standard deviations."""
WEAKEST, STRONGEST = 0.3, 2.2
"""What light makes of contrast, as a factor, without being more than light."""
ELSEWHERE: Final = 0.35
"""Of the way to what the neighbours show: a third of a pixel of movement."""
LEARN_S: Final = 12.0
"""What is known is learned at leisure: within four seconds, somebody who stands before it was learned in part."""
PERMANENT_S: Final = 120.0
FORGET_S: Final = 3.0
"""Something that lies there unmoved becomes background in this time."""
RESTLESS_S: Final = 40.0
EXCURSION: Final = 0.05
"""Share of its excursion that a pixel grows more restless by when it comes back;"""
SPARED: Final = 0.3
"""so much of that where somebody is: it is they who came and went, not the place."""
FURTHEST: Final = 24
"""Levels of an excursion that count: leaves and sunbeams hardly go further, people do."""
LEFT: Final = 0.25
"""Share of its texture that a neighbourhood keeps under any light; what keeps less is hidden."""
CAMERA: Final = 0.5
"""Share of the neighbourhoods with texture that lose it together when the camera moved; somebody so large is found
pixel by pixel."""
FINER: Final = 1.5
"""Stirring needs so much less change than standing out does: a wrong stir only keeps something alive for a moment."""
BETWEEN: Final = 1.4
"""Two pictures differ by so much more than either differs from their mean."""
REFRESH_S: Final = 0.6
"""Bounds move so slowly that they are drawn anew this seldom;"""
REST_S: Final = 3.6
"""and what is permanent, this seldom."""

_Plane = npt.NDArray[np.float32]
_Whole = npt.NDArray[np.int16]
_NEIGHBOURS: Final = np.ones((3, 3), np.uint8)
_CENTRED: Final = np.arange(256) - NEUTRAL
_UPPER: Final = np.clip(np.maximum(_CENTRED * WEAKEST, _CENTRED * STRONGEST) + NEUTRAL, 0, 255).astype(
    np.uint8
)
_LOWER: Final = np.clip(np.minimum(_CENTRED * WEAKEST, _CENTRED * STRONGEST) + NEUTRAL, 0, 255).astype(
    np.uint8
)


class Background:
    """The structure of a place.

    Args:
        first: the structure of the first picture; only read.
        floor: least distance from the bounds that counts, in levels, for each pixel.
    """

    def __init__(self, first: Bytes2D, floor: Bytes2D) -> None:
        self._floor = floor
        self._mean: _Plane = first.astype(np.float32)
        self._permanent: _Plane = self._mean.copy()
        self._permanent_s = 0.0
        self._restless: _Plane = np.ones(first.shape, np.float32)
        self._excursion: Bytes2D = np.zeros(first.shape, np.uint8)
        self._excursions = False
        self._furthest = np.full(first.shape, FURTHEST, np.uint8)
        self._strangers = False
        self._none: Bytes2D = np.zeros(first.shape, np.uint8)
        self._unexplained = self._none
        self._product: _Whole = np.empty(first.shape, np.int16)
        self._one: Bytes2D = np.ones(first.shape, np.uint8)
        self._drawn_s, self._rested_s = REFRESH_S, REST_S
        self._noise = 0.0
        self._draw_bounds()

    @property
    def limit(self) -> Bytes2D:
        """By how many levels each pixel may change without stirring."""
        return self._stir_limit

    @property
    def limit_between(self) -> Bytes2D:
        """By how many levels two pictures of the same may differ at each pixel: both are noisy."""
        return self._between_limit

    @property
    def mean(self) -> npt.NDArray[np.float32]:
        """The structure that belongs there; only to read."""
        return self._mean

    @property
    def deviation(self) -> float:
        """How much structure there is: its standard deviation, in levels."""
        return self._deviation

    def unexplained(self, seen: Bytes2D, noise: float) -> Bytes2D:
        """Return 255 where the structure is not the background's, 0 elsewhere, lonely pixels too.

        The caller may take pixels out of what is returned: then they are learned as if they were explained.

        Args:
            seen: the structure of a picture.
            noise: of the whole picture, in levels, as ``Life.noise`` says.
        """
        if self._drawn_s >= REFRESH_S or noise > self._noise + 0.5:
            self._noise = noise
            self._draw_bounds()
        self._known = cv2.inRange(seen, *self._bounds)
        self._unexplained, self._strangers = self._none, False
        hidden = self._hidden(seen)
        if cv2.countNonZero(self._known) < seen.size or hidden is not None:
            permanent = cv2.inRange(seen, *self._permanent_bounds)
            self._unexplained = in_company(cv2.bitwise_not(cv2.bitwise_or(self._known, permanent)))
            if hidden is not None:
                self._unexplained = cv2.bitwise_or(self._unexplained, hidden)
            self._strangers = cv2.countNonZero(self._unexplained) > 0
        return self._unexplained

    def _hidden(self, seen: Bytes2D) -> Bytes2D | None:
        """Return 255 where the texture of a neighbourhood is gone, whatever is there instead; None if nowhere."""
        product = self._product
        np.copyto(product, cv2.max(cv2.min(seen, self._most), self._least))
        product -= NEUTRAL
        product *= self._there
        gone = cv2.compare(self._coarsened(product), self._least_left, cv2.CMP_LT)
        if not 0 < cv2.countNonZero(gone) <= CAMERA * self._telling_px:
            return None
        gone = in_company(gone)
        if not cv2.countNonZero(gone):
            return None
        hidden: Bytes2D = cv2.resize(gone, seen.shape[::-1], interpolation=cv2.INTER_NEAREST)
        return hidden

    def share_left(self, seen: Bytes2D) -> float:
        """Return how much of the background's structure can still be seen: 1.0 all, 0.0 none, less than 0.0 by chance."""
        there = self._mean - np.float32(NEUTRAL)
        return float(np.vdot(seen.astype(np.float32) - np.float32(NEUTRAL), there)) / max(
            1.0, float(np.vdot(there, there))
        )

    def learn(self, seen: Bytes2D, kept: Bytes2D | None, past_s: float, least: float) -> None:
        """Take a picture into the background.

        What is known is learned at leisure; what is not, or is no more, soon.

        Args:
            seen: its structure; ``unexplained`` has seen it before.
            kept: 255 where nothing is to be learned; None to learn everywhere.
            past_s: seconds since the last time.
            least: share of the way to go at least; for the first pictures.
        """
        leisurely, soon, slowly = (
            max(min(1.0, past_s / time_s), least) for time_s in (LEARN_S, FORGET_S, RESTLESS_S)
        )
        distance = cv2.absdiff(seen, self._mean_bytes)
        if kept is None and not self._strangers:
            cv2.accumulateWeighted(seen, self._mean, leisurely)
            cv2.accumulateWeighted(distance, self._restless, slowly)
        else:
            learned = cv2.bitwise_not(
                self._unexplained if kept is None else cv2.bitwise_or(self._unexplained, kept)
            )
            known = cv2.bitwise_and(learned, self._known)
            strange = cv2.bitwise_not(known if kept is None else cv2.bitwise_or(known, kept))
            cv2.accumulateWeighted(seen, self._mean, leisurely, mask=known)
            cv2.accumulateWeighted(seen, self._mean, soon, mask=strange)
            cv2.accumulateWeighted(distance, self._restless, slowly, mask=learned)
        if self._strangers or self._excursions:
            self._grow_restless(distance, self._unexplained, kept)
        self._drawn_s += past_s
        self._rested_s += past_s
        self._permanent_s += past_s
        if least > 0:
            np.copyto(self._permanent, self._mean)
        elif self._permanent_s > 1.0:
            cv2.accumulateWeighted(self._mean, self._permanent, min(1.0, self._permanent_s / PERMANENT_S))
            self._permanent_s = 0.0

    def _grow_restless(self, distance: Bytes2D, unexplained: Bytes2D, kept: Bytes2D | None) -> None:
        """Let pixels that came back from an excursion be more restless."""
        away = cv2.bitwise_and(cv2.max(self._excursion, distance), unexplained)
        came_back = cv2.subtract(self._excursion, away)
        if cv2.countNonZero(came_back):
            counted = cv2.min(came_back, self._furthest)
            if kept is not None:
                cv2.copyTo(cv2.convertScaleAbs(counted, alpha=SPARED), kept, counted)
            cv2.scaleAdd(counted.astype(np.float32), EXCURSION, self._restless, dst=self._restless)
            np.minimum(self._restless, np.float32(MAX_RESTLESS), out=self._restless)
        self._excursion = away
        self._excursions = cv2.countNonZero(away) > 0

    def _coarsened(self, plane: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the means of six pixels square, two apart, of the plane's own type."""
        mean: npt.NDArray[Any] = cv2.blur(
            cv2.resize(plane, self._coarse, interpolation=cv2.INTER_AREA), (3, 3)
        )
        return mean

    def _draw_bounds(self) -> None:
        self._mean_bytes = cv2.convertScaleAbs(self._mean)
        self._deviation = float(cv2.meanStdDev(self._mean_bytes)[1][0, 0])
        limit = cv2.max(cv2.convertScaleAbs(self._restless, alpha=RESTLESS), self._floor)
        if NOISE * self._noise > FLOOR:
            limit = np.maximum(limit, np.uint8(min(255, round(NOISE * self._noise))))
        self._draw_texture(limit)
        self._stir_limit: Bytes2D = cv2.convertScaleAbs(limit, alpha=1 / FINER)
        self._between_limit: Bytes2D = cv2.convertScaleAbs(limit, alpha=BETWEEN)
        self._bounds = _bounds(self._mean_bytes, limit)
        self._drawn_s = 0.0
        if self._rested_s >= REST_S:
            self._rested_s = 0.0
            self._permanent_bounds = _bounds(cv2.convertScaleAbs(self._permanent), limit)

    def _draw_texture(self, limit: Bytes2D) -> None:
        """Note how much of each neighbourhood's texture has to be left; nothing, where there is less of it than noise."""
        self._there: _Whole = self._mean_bytes.astype(np.int16)
        self._there -= NEUTRAL
        mirrored = cv2.add(cv2.bitwise_not(self._mean_bytes), self._one)
        self._most: Bytes2D = cv2.max(self._mean_bytes, mirrored)
        self._least: Bytes2D = cv2.min(self._mean_bytes, mirrored)
        self._coarse = (limit.shape[1] // 2, limit.shape[0] // 2)
        energy = self._coarsened(self._there * self._there)
        whole = limit.astype(np.uint16)
        telling = energy > self._coarsened(whole * whole)
        self._telling_px = int(np.count_nonzero(telling))
        self._least_left = np.where(telling, LEFT * energy, np.iinfo(np.int16).min).astype(np.int16)


def _bounds(mean: Bytes2D, limit: Bytes2D) -> tuple[Bytes2D, Bytes2D]:
    """Return the least and the most that is explained where this is the structure."""
    upper, lower = cv2.LUT(mean, _UPPER), cv2.LUT(mean, _LOWER)
    highest, lowest = cv2.dilate(upper, _NEIGHBOURS), cv2.erode(lower, _NEIGHBOURS)
    return (
        cv2.subtract(cv2.addWeighted(lower, 1 - ELSEWHERE, lowest, ELSEWHERE, 0), limit),
        cv2.add(cv2.addWeighted(upper, 1 - ELSEWHERE, highest, ELSEWHERE, 0), limit),
    )

"""The two sets of scenes that the motion bench judges detectors by, and that our detector's constants come from.

``looked-at`` is what was looked at while the detector was made: four places, one seed. ``aside`` are two other places with
another seed: looked at when a change was done, and never to choose a constant. Both hold every family of ``scenes.py`` in the
same shares, at 5, 10 and 15 frames a second, by day and by night, through a plain lens and a fish-eye with strong compression.
"""

from collections.abc import Iterator
from typing import Any, Final

from bench.motion.clips import Clip
from bench.motion.scene import Scene
from bench.motion.scenes import SIZES_PX, Maker

RATES: Final = (5, 10, 15)
LOOKS: Final[tuple[dict[str, Any], ...]] = ({}, {"dark": True}, {"fisheye": True, "quality": 40})
GUSTS: Final = ("washing", "flag", "tree")
EDGES: Final = ("dapple", "awning", "fence", "drops")
WEATHER: Final = ("drift", "exposure", "lamp", "infrared", "cloud", "flicker", "rain", "insects", "headlights", "shake",
                  "snow", "moth", "spider")  # fmt: skip
AMID: Final = (
    "quiet",
    "drops",
    "tree",
    "rain",
    "washing",
    "snow",
    "flag",
    "fence",
    "dapple",
    "shake",
    "quiet",
    "insects",
)
"""What goes on while ordinary visitors come: another for each place and rate."""
DARK_ONLY: Final = ("fence", "insects", "headlights", "moth", "spider")
"""What shows by night alone, or mostly."""
GUST_S: Final = 240
SETS: Final = {"looked-at": (("hall", "yard", "street", "brick"), 1), "aside": (("court", "porch"), 2027)}


def scenes(name: str) -> Iterator[Scene]:
    """Yield the scenes of one of SETS; each is drawn only when its frames are asked for."""
    places, seed = SETS[name]
    for number, place in enumerate(places):
        for turn, fps in enumerate(RATES):
            maker = Maker(place, seed, fps, **LOOKS[(number + turn) % len(LOOKS)])
            yield from (maker.crossings(tall_px) for tall_px in SIZES_PX)
            yield maker.peeks()
            yield maker.visits(AMID[(number * len(RATES) + turn) % len(AMID)])
            yield maker.approach()
        turns = iter(range(number, 1000))
        for weather in (*GUSTS, *EDGES, *WEATHER):
            turn = next(turns)
            look = LOOKS[1] if weather in DARK_ONLY else LOOKS[turn % len(LOOKS)]
            maker = Maker(place, seed, RATES[turn % 2 + turn // 7 % 2], **look)
            if weather in GUSTS:
                yield maker.gust(weather, GUST_S)
            else:
                yield maker.nobody(weather, 60, family="edges" if weather in EDGES else "weather")
        yield Maker(place, seed, 10).traffic()


def clips(name: str) -> list[Clip]:
    """Return one of SETS as the bench's clips: each from its own first frame on, with nothing shown before."""
    return [
        Clip(scene.name, scene.labels, scene.kinds, scene.frames, scene.fps, again=0)
        for scene in scenes(name)
    ]

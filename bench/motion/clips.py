"""Labelled clips for the motion bench: from a folder of footage, or generated.

A folder holds ``labels/NAME.csv`` (start_s,end_s,what), perhaps ``labels/NAME.neg.csv`` (start_s,end_s,kind), and
``clips/NAME.mkv``, luma that is used as it is. A folder with only ``labels/raw/NAME.csv`` and ``NAME.mp4`` is brought
to 640x360 at ten frames a second here, with WARM_UP_S of its own empty beginning before it.

Without a folder, the drawn doorstep is rehearsed, by day and by night: every nuisance, and guests between them. Then it
starts anew, with nothing to settle on: somebody is there within two seconds of the first frame.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from bench.motion.score import Label
from device.camera.doorstep.rehearsal import Act, Rehearsal

FPS = 10
REPEATS = 3
WARM_UP_S = 30.0
RAW_SIZE = (640, 360)

Luma = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Clip:
    """A labelled sequence; ``frames`` may be called more than once.

    Attributes:
        fps: frames a second.
        again: how often its warm-up is shown once more before it, so that slow models settle.
    """

    name: str
    labels: list[Label]
    kinds: list[Label]
    frames: Callable[[], Iterator[Luma]]
    fps: float = FPS
    again: int = REPEATS

    @property
    def warm_up_s(self) -> float:
        return next((end for _, end, what in self.labels if what == "ignore:warmup"), 0.0)


def footage(folder: Path) -> list[Clip]:
    """Return the clips of a folder, by name."""
    clips = []
    for table in sorted((folder / "labels").glob("*.csv")):
        name = table.stem
        film = folder / "clips" / f"{name}.mkv"
        if film.exists():
            clips.append(
                Clip(name, rows(table), rows(folder / "labels" / f"{name}.neg.csv"), lambda f=film: exact(f))
            )
    made = {clip.name for clip in clips}
    for table in sorted((folder / "labels" / "raw").glob("*.csv")):
        film = folder / f"{table.stem}.mp4"
        if film.exists() and table.stem not in made:
            clips.append(raw(film, rows(table)))
    return clips


NUISANCES = ("quiet", "drift", "exposure", "lamp", "infrared", "cloud", "flicker", "rain", "insects", "headlights",
             "wind", "dapple", "shake", "dusk", "hunting", "snow", "moth", "spider")  # fmt: skip
GUESTS = (("visitor", "quiet"), ("far", "quiet"), ("filling", "quiet"), ("still", "quiet"), ("hand", "quiet"),
          ("visitor", "wind"), ("visitor", "rain"), ("courier", "quiet"), ("visitor", "snow"))  # fmt: skip
LENGTHS_S = {"still": 70.0, "dusk": 60.0}
"""Whoever stands still does so for a minute, coming and going not counted; night falls no faster than that."""


def rehearsed(seed: int) -> list[Clip]:
    """Return the drawn doorstep by day and by night, and both again from the start."""
    return [make(light, seed) for make in (rehearsal, start) for light in ("day", "night")]


def rehearsal(light: str, seed: int) -> Clip:
    """Return one of them. Somebody small at the path's end in the dark is reported apart, as hard."""
    acts = [Act("quiet", WARM_UP_S, light=light)]
    guests = iter(GUESTS)
    for number, kind in enumerate(NUISANCES):
        acts += [Act(kind, LENGTHS_S.get(kind, 30), light=light), Act("quiet", 8, light=light)]
        if number % 2 == 0:
            guest, weather = next(guests)
            acts += [Act(weather, LENGTHS_S.get(guest, 14), guest, light), Act("quiet", 8, light=light)]
    return drawn(f"doorstep_{light}", acts, seed, WARM_UP_S)


def start(light: str, seed: int) -> Clip:
    """Return the doorstep from the first frame on, of which nothing is shown before."""
    acts = [Act("quiet", 14, "visitor", light, enter_s=1.5), Act("quiet", 16, light=light)]
    return drawn(f"doorstep_start_{light}", acts, seed, 0.0)


def drawn(name: str, acts: list[Act], seed: int, warm_up_s: float) -> Clip:
    """Return the clip of a rehearsal."""
    made = Rehearsal(acts, width_px=RAW_SIZE[0], height_px=RAW_SIZE[1], seed=seed)
    hard = "hard: " if acts[0].light == "night" else ""
    labels = [(0.0, warm_up_s, "ignore:warmup")]
    labels += [
        (event.from_s, event.to_s + 1 / FPS, (hard if "far" in event.what else "") + event.what)
        for event in made.events
    ]
    kinds = [(kind.from_s, kind.to_s, kind.what) for kind in made.kinds if kind.to_s > warm_up_s]
    return Clip(name, labels, kinds, lambda: (luma for luma, _ in made.frames()))


def raw(film: Path, labels: list[Label]) -> Clip:
    """Return a clip of ordinary video with its own beginning before it, forwards and backwards, as warm-up."""
    empty_s = min(start for start, _, _ in labels) - 0.7
    shifted = [(start + WARM_UP_S, end + WARM_UP_S, what) for start, end, what in labels]

    def frames() -> Iterator[Luma]:
        beginning: list[Luma] = []
        for luma in sampled(film):
            beginning.append(luma)
            if len(beginning) >= empty_s * FPS:
                break
        there_and_back = beginning + beginning[-2:0:-1]
        count = round(WARM_UP_S * FPS)
        for number in range(count):  # ends on the first frame
            yield there_and_back[(number - count) % len(there_and_back)]
        yield from sampled(film)

    return Clip(film.stem, [(0.0, WARM_UP_S, "ignore:warmup"), *shifted], [], frames)


def rows(table: Path) -> list[Label]:
    if not table.exists():
        return []
    with table.open() as lines:
        return [(float(start), float(end), what) for start, end, what in list(csv.reader(lines))[1:]]


def exact(film: Path) -> Iterator[Luma]:
    """Yield Y of each frame."""
    with av.open(str(film)) as container:
        for frame in container.decode(video=0):
            plane = frame.planes[0]
            yield np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:, : plane.width].copy()


def sampled(film: Path) -> Iterator[Luma]:
    """Yield Y of RAW_SIZE at FPS frames a second."""
    due = 0
    width, height = RAW_SIZE
    with av.open(str(film)) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time * FPS >= due - 1e-6:
                due += 1
                small = frame.reformat(width, height, "gray", interpolation="AREA")
                yield small.to_ndarray()

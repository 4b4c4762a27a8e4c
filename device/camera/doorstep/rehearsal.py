"""Rehearsals: labelled luma sequences of the doorstep, for measuring and proving motion detection.

A rehearsal is a list of acts. An act has a nuisance, a length, and perhaps a guest, who comes some seconds after its
beginning and is gone as long before its end. Truth is known to the frame: a guest is there from the first frame that shows a
pixel of theirs to the last one. What they leave is there until the rehearsal ends, and is nobody.

    visitor   comes along the path, stands before the bell, goes
    still     stands there and moves no more than somebody who reads a letter
    far       small and dim at the path's end
    filling   comes so close that nothing else is seen
    hand      comes over the lens from below, stays, goes
    courier   comes as the visitor does, and leaves a parcel

Pure: the same seed gives the same pixels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from device.camera.doorstep.backdrop import Backdrop
from device.camera.doorstep.drifting import Picture
from device.camera.doorstep.guests import GUESTS, LEFT
from device.camera.doorstep.nuisances import Nuisances, smooth
from device.camera.protocol import VideoFormat
from device.sight.luma import planes

ENTER_S: Final = 2.0
FPS: Final = 10


@dataclass(frozen=True, slots=True)
class Act:
    """A stretch of a rehearsal.

    Attributes:
        kind: its nuisance.
        length_s: how long it takes.
        guest: who comes; nobody if None.
        light: ``day`` or ``night``.
        enter_s: after which the guest comes.
    """

    kind: str
    length_s: float
    guest: str | None = None
    light: str = "day"
    enter_s: float = ENTER_S


@dataclass(frozen=True, slots=True)
class Label:
    """From, to (seconds since the first frame), and what."""

    from_s: float
    to_s: float
    what: str


class Rehearsal:
    """A labelled sequence of FPS frames a second.

    Args:
        acts: what happens.
        width_px: of the pictures, a multiple of 16.
        height_px: of the pictures, even.
        seed: of all that is random.
    """

    def __init__(
        self, acts: Sequence[Act], *, width_px: int = 640, height_px: int = 360, seed: int = 1
    ) -> None:
        self._acts = list(acts)
        self._shape = (height_px, width_px)
        self._seed = seed
        self._nuisances = Nuisances(height_px, width_px, seed)
        self._empty = {light: self._backdrop(light) for light in {act.light for act in acts}}

    @property
    def kinds(self) -> list[Label]:
        """The nuisance of each act."""
        labels, from_s = [], 0.0
        for act in self._acts:
            labels.append(Label(from_s, from_s + act.length_s, act.kind))
            from_s += act.length_s
        return labels

    @property
    def events(self) -> list[Label]:
        """When somebody is there."""
        labels = []
        for act, kind in zip(self._acts, self.kinds, strict=True):
            if act.guest is not None:
                times = [
                    at_s
                    for at_s in np.arange(0, act.length_s, 1 / FPS)
                    if self._mask(act, float(at_s))[0].any()
                ]
                labels.append(
                    Label(
                        kind.from_s + float(times[0]),
                        kind.from_s + float(times[-1]),
                        f"{act.guest} in {act.kind}",
                    )
                )
        return labels

    def frames(self) -> Iterator[tuple[npt.NDArray[np.uint8], float]]:
        """Yield luma, a new uint8 (height, width), and its time in seconds."""
        frame, empty = 0, dict(self._empty)
        for act in self._acts:
            thing = LEFT.get(act.guest or "")
            for number in range(round(act.length_s * FPS)):
                at_s = number / FPS
                if thing is not None and at_s >= act.length_s / 2:
                    left = thing(self._shape)
                    empty = {light: _painted(place, *left, light) for light, place in empty.items()}
                    thing = None
                picture = empty[act.light]
                if act.guest is not None:
                    picture = _painted(picture, *self._mask(act, at_s), act.light)
                picture = self._nuisances.apply(act.kind, picture, at_s, act.length_s)
                darkness = self._nuisances.darkness(act.kind, at_s, act.length_s)
                yield self._nuisances.sensor(picture, frame, act.light, darkness), frame / FPS
                frame += 1

    def _mask(self, act: Act, at_s: float) -> tuple[Picture, Picture]:
        since_s, stay_s = at_s - act.enter_s, act.length_s - 2 * act.enter_s
        empty = np.zeros(self._shape, np.float32)
        if act.guest is None or not 0 <= since_s < stay_s:
            return empty, empty
        return GUESTS[act.guest](self._shape, since_s, stay_s)

    def _backdrop(self, light: str) -> Picture:
        """Return the empty doorstep with the grain of grass, brick and bark, which a drawing has not."""
        height, width = self._shape
        video = VideoFormat(width, height, FPS)
        i420 = np.empty((height * 3 // 2, width), np.uint8)
        Backdrop(video, self._seed).put(i420, 1.0 if light == "day" else 0.0)
        dice = np.random.default_rng((self._seed, 3))
        grain = sum(smooth(dice, height, width, scale * width / 640) * np.sqrt(scale) for scale in (3, 8, 24))
        picture: Picture = planes(i420, height, width)[0].astype(np.float32)
        return picture * (1 + np.float32(0.012) * np.asarray(grain, np.float32))


def _painted(picture: Picture, mask: Picture, paint: Picture, light: str) -> Picture:
    """Return the picture with somebody or something in it; by night little light falls on them."""
    painted: Picture = picture + (paint * (0.35 if light == "night" else 1.0) - picture) * mask
    return painted

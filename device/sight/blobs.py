"""Blobs: which of the unexplained pixels belong together, live, and have been there for long enough.

Presence is evidence that moves along: a pixel of a blob takes over the time that its neighbours were present, and adds
its own (as the motion history of Bobick and Davis 2001). So somebody who walks keeps theirs, while raindrops, flitting
insects and noise begin anew each time. The less of the picture a blob covers, the longer it has to be present: large ones a
tenth of a second, somebody at the path's end two. No share is too large: somebody before a doorbell fills the picture.

A visitor stirs where they are; sunlight through leaves, wind and rain stir everywhere. So a small blob amid much stirring
has to be present for longer still, and is learned meanwhile.

Who runs is followed as a body instead (``passers.py``), because no pixel of theirs is where one was. Whoever was seen to
come is known for as long as they live there; what moves and never came is rooted, and soon habit (``habit.py``). What shows
the texture of its place is light, what has no edge is too near to be anybody (``texture.py``).

Whoever came may stand still, with a book. What moved a while ago lingers: no motion, nor learned until LINGER_S are over.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from device.sight.opencv import untyped as cv2
from device.sight.outlines import Box, Shape, around, part, shapes, unrest
from device.sight.passers import MOST, SIGHTINGS, Passers, Track
from device.sight.structure import Bytes2D, Level
from device.sight.texture import Texture

SMALLEST: Final = 0.0007
"""Share of the picture, at sensitivity 1: a child at the garden gate."""
AT_ONCE_S: Final = 0.1
PATIENCE_S: Final = 0.0026
"""Times 1 / share: how much longer a small blob has to be present,"""
MOST_S: Final = 2.4
"""at most this, in calm surroundings."""
PARTS: Final = 50
"""Of a second, in which presence is counted: so 255 are five seconds, more than any blob needs but those amid a storm."""
ONCE_S: Final = 0.2
"""One look proves no more presence than this, however long ago the last one was."""
FADES: Final = 2
"""Presence goes so much faster than it comes."""
LARGE: Final = 0.03
"""Share of the picture that the frame of a blob covers if it is somebody near, whose outline takes long strides."""
SOLID: Final = 0.15
"""Share of a blob that has been present for long enough."""
LIVELY: Final = 0.1
"""Share of a blob that has credit if the blob is alive: a sunbeam that touches a waving leaf is not."""
USUAL: Final = 0.8
"""Share of a blob that is habit, if the whole blob is nothing new."""
LINGER_S: Final = 30
"""What moved may stand still for so long before it is furniture. So may a parcel, which does no harm."""
STAYED: Final = 0.5
"""Share of a blob that is where something moved lately, if it is the same."""
HELD_PX: Final = 7
"""Around a blob, what it may cover without a pixel being unexplained: between a coat and boots."""
CALM: Final = 0.5
"""Share of the surroundings that may stir: more is weather."""
UNREST: Final = 3.0
"""Times what stirs above CALM: how much longer a blob has to be present amid weather."""
WEATHER: Final = 0.2
"""Above CALM, so much is such weather that small blobs are learned while they are looked at."""
SOFT_SHARE: Final = 0.06
"""What is soft and covers less is too near to be anybody. A hand before the lens covers more."""
FEW: Final = 2
"""Parts of somebody before texture. For each further one a passer has to be seen once more: of many flakes, one is expected."""
SMALL: Final = 0.002
"""A passer that covers less of the picture could be one flake,"""
SIGHTINGS_SMALL: Final = 5
"""and has to be seen so often,"""
FILLED: Final = 0.25
"""and to fill this share of its frame: flakes that fall together fill a fifth."""
NEARING: Final = 0.02
"""Whoever grows to cover so much comes closer, but for a flag that unfolds; what is smaller grows as fragments join."""
LOOMING: Final = 0.15
"""Whoever covers so much of the picture counts as one who came, whatever moves there usually."""
CAME_S: Final = 8
"""Where somebody who came was seen, they are known as such for so long; and on, for as long as they live there."""
PASSING_S: Final = 0.12
PASSING_SHARE_S: Final = 0.0006
"""A passer has to be followed for so long, and this times 1 / share: one who crosses the picture in half a second can be."""
CORE: Final = 0.15
"""Share of a passer that is more than two pixels from all else: a body has some width, a streak of rain has none."""

_NEIGHBOURS: Final = np.ones((3, 3), np.uint8)
_STRIDE: Final = np.ones((9, 9), np.uint8)
_TOGETHER: Final = np.ones((7, 7), np.uint8)
"""Parts of one body that moves on: three pixels around each, a head's width of somebody near."""
_JOINED: Final = np.ones((5, 3), np.uint8)
"""Parts of one person are further apart upwards than sideways."""


@dataclass(slots=True)
class Blobs:
    """What is there; each plane is 255 where there is some, 0 elsewhere.

    Attributes:
        alive: blobs that stir, however new.
        moving: those that have been present for long enough.
        usual: those that would be moving, but are nothing new.
        held: where the background is not to learn: the living, the lingering, and what they may cover unseen.
        alive_px: how many pixels are alive.
        rooted: what moves, usual or not, but never came from anywhere; None if nothing does.
        came: somebody was just seen to come, from a side or from further away.
        lingering: something that moved less than LINGER_S ago is still there, though nothing of it stirs.
    """

    alive: Bytes2D
    moving: Bytes2D
    usual: Bytes2D
    held: Bytes2D
    alive_px: int = 0
    lingering: bool = False
    rooted: Bytes2D | None = None
    came: bool = False


class Presence:
    """How long what is there has been there.

    Args:
        sensitivity: float32, of each pixel: how much smaller a blob may be; 0.0 where nothing counts.
    """

    def __init__(self, sensitivity: npt.NDArray[np.float32]) -> None:
        self._sensitivity = sensitivity
        self.smallest_px: Final = int(SMALLEST * sensitivity.size / float(sensitivity.max()))
        self._present: Bytes2D = np.zeros(sensitivity.shape, np.uint8)
        self._past, self._faded = Level(sensitivity.shape), Level(sensitivity.shape)
        self._none = _nothing(sensitivity.shape)
        self._anybody = False
        self._lately_s: Bytes2D = np.zeros(sensitivity.shape, np.uint8)
        self._second = Level(sensitivity.shape)
        self._since_s = 0.0
        self._lately = False
        self._came_s: Bytes2D = np.zeros(sensitivity.shape, np.uint8)
        self._passers = Passers(sensitivity.shape[1])
        self.texture: Final = Texture()

    @property
    def lately(self) -> Bytes2D | None:
        """More than 0 where something moved less than LINGER_S ago; None if nowhere."""
        return self._lately_s if self._lately else None

    def judge(self, unexplained: Bytes2D, credit: Bytes2D, habit: Bytes2D, past_s: float) -> Blobs:
        """Return what is there.

        Args:
            unexplained: 255 where the background does not explain the picture.
            credit: more than 0 where something stirred lately.
            habit: 255 where something moves most of the time.
            past_s: seconds since the last time.
        """
        self._age(past_s)
        joined = cv2.morphologyEx(unexplained, cv2.MORPH_CLOSE, _JOINED)
        if cv2.countNonZero(joined) < self.smallest_px:
            self._be_present(joined, None, past_s)
            return self._none
        found_shapes = shapes(joined, self.smallest_px)
        self._be_present(joined, self._bodies(found_shapes), past_s)
        found = _nothing(joined.shape)
        for shape in found_shapes:
            share = cv2.countNonZero(shape.own) / joined.size * float(self._sensitivity[shape.box].max())
            if share < SMALLEST or self.texture.lit(shape.own, *shape.box):
                continue
            if shape.share(credit) >= LIVELY:
                self._judge_living(found, shape, share, credit, habit)
            elif shape.share(self._lately_s) >= STAYED:
                found.held[around(shape.box, HELD_PX)] = 255
                found.lingering = True
        self._judge_passing(found, joined, len(found_shapes), credit, habit, past_s)
        return found

    def _judge_living(
        self, found: Blobs, shape: Shape, share: float, credit: Bytes2D, habit: Bytes2D
    ) -> None:
        """Note one living blob in ``found``."""
        box, own = shape.box, shape.own
        found.alive_px += cv2.countNonZero(own)
        found.alive[box] |= own
        weather = max(0.0, unrest(box, credit) - CALM)
        patience_s = min(MOST_S, AT_ONCE_S + PATIENCE_S / share) * (1 + UNREST * weather)
        _, solid = cv2.threshold(
            self._present[box], min(254.0, patience_s * PARTS - 1), 255, cv2.THRESH_BINARY
        )
        moves = part(own, solid) >= SOLID and not (share < SOFT_SHARE and self.texture.soft(own, *box))
        came = share >= LOOMING or shape.share(self._came_s) >= STAYED
        if came:
            self._note_came(box, own)
        elif moves:
            found.rooted = np.zeros_like(self._present) if found.rooted is None else found.rooted
            found.rooted[box] |= own
        if not came and shape.share(habit) >= USUAL:
            if moves:
                found.usual[box] |= own
            return
        if moves:
            found.moving[box] |= own
            self._lately_s[box] = LINGER_S
            self._lately = True
        if weather < WEATHER or own.size > LARGE * self._present.size:
            found.held[around(box, HELD_PX)] = 255

    def _judge_passing(
        self, found: Blobs, joined: Bytes2D, parts: int, credit: Bytes2D, habit: Bytes2D, past_s: float
    ) -> None:
        """Note whoever moves on in ``found``: parts that are near each other as one."""
        bodies = []
        for shape in shapes(cv2.dilate(joined, _TOGETHER), self.smallest_px):
            cv2.bitwise_and(shape.own, joined[shape.box], dst=shape.own)
            area_px = cv2.countNonZero(shape.own)
            share = area_px / joined.size * float(self._sensitivity[shape.box].max())
            if share >= SMALLEST:
                bodies.append((area_px, share, shape))
        bodies = sorted(bodies, key=lambda body: -body[0])[:MOST]
        tracks = self._passers.follow([(shape, area_px) for area_px, _, shape in bodies], past_s)
        for (area_px, share, shape), track in zip(bodies, tracks, strict=True):
            is_near = track.nears and share >= NEARING and parts <= 2 * FEW
            if is_near and shape.share(habit) < USUAL:
                self._note_came(shape.box, shape.own)
            if not self._is_passer(track, shape, share, parts, credit, habit):
                continue
            own, box = shape.own, shape.box
            found.moving[box] |= own
            found.alive[box] |= own
            found.alive_px += area_px
            self._lately_s[box] = LINGER_S
            self._lately = True
            if track.came:
                found.came = True
                self._note_came(box, own)

    def _is_passer(
        self, track: Track, shape: Shape, share: float, parts: int, credit: Bytes2D, habit: Bytes2D
    ) -> bool:
        """Return whether a body that is followed is somebody who moves on."""
        needed = max(SIGHTINGS if share >= SMALL else SIGHTINGS_SMALL, parts - FEW)
        if not track.passes or track.sightings < needed:
            return False
        weather = 1 + UNREST * max(0.0, unrest(shape.box, credit) - CALM)
        if track.since_s < min(MOST_S, PASSING_S + PASSING_SHARE_S / share) * weather:
            return False
        if share < SMALL and track.area_px < FILLED * shape.own.size:
            return False
        if shape.share(habit) >= USUAL or part(shape.own, cv2.erode(shape.own, _NEIGHBOURS)) < CORE:
            return False
        return not (self.texture.lit(shape.own, *shape.box) or self.texture.soft(shape.own, *shape.box))

    def _note_came(self, box: Box, own: Bytes2D) -> None:
        np.maximum(self._came_s[box], own & CAME_S, out=self._came_s[box])

    def nobody(self, past_s: float) -> Blobs:
        """Return that nothing is there, as is known without a look at pixels that are fewer than any blob has."""
        self._age(past_s)
        if self._anybody:
            self._present = cv2.subtract(self._present, self._faded.of(_parts(past_s) * FADES))
            self._anybody = cv2.countNonZero(self._present) > 0
        return self._none

    def forget(self) -> None:
        """Begin anew: nobody knows what happened meanwhile."""
        self._present[:] = 0
        self._passers.forget()

    def _age(self, past_s: float) -> None:
        self._since_s += past_s
        if self._since_s >= 1:
            self._lately_s = cv2.subtract(self._lately_s, self._second.of(int(self._since_s)))
            self._came_s = cv2.subtract(self._came_s, self._second.of(int(self._since_s)))
            self._since_s %= 1
            self._lately = cv2.countNonZero(self._lately_s) > 0

    def _bodies(self, found: list[Shape]) -> Bytes2D | None:
        """Return 255 within the outlines of those who are near, None if nobody is."""
        near = [shape for shape in found if shape.own.size > LARGE * self._present.size]
        if not near:
            return None
        bodies = np.zeros_like(self._present)
        for shape in near:
            bodies[shape.box] |= shape.own
        return bodies

    def _be_present(self, joined: Bytes2D, bodies: Bytes2D | None, past_s: float) -> None:
        past = _parts(past_s)
        longer = cv2.add(cv2.dilate(self._present, _NEIGHBOURS), self._past.of(past))
        gained = cv2.bitwise_and(longer, joined)
        if bodies is not None:
            longer = cv2.add(cv2.dilate(self._present, _STRIDE), self._past.of(past))
            gained = cv2.max(gained, cv2.bitwise_and(longer, bodies))
        self._present = cv2.max(gained, cv2.subtract(self._present, self._faded.of(FADES * past)))
        self._anybody = cv2.countNonZero(self._present) > 0


def _parts(past_s: float) -> int:
    return round(min(past_s, ONCE_S) * PARTS)


def _nothing(shape: tuple[int, ...]) -> Blobs:
    alive, moving, usual, held = np.zeros((4, *shape), np.uint8)
    return Blobs(alive, moving, usual, held)

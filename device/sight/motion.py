"""Motion: somebody is where the background cannot explain what is seen, stirs, and stays for long enough.

One picture goes through these steps, each with its reasons and sources in its own module:

1. structure    Light is taken out: what is left are edges and texture (``structure.py``).
2. background   A pixel is unexplained if its structure is neither the background's, nor that under another light, nor that a
                third of a pixel away, nor noise (``background.py``). If the camera swings, the picture is put back
                before (``sway.py``).
3. life         What changes against a short memory earns its place credit. What has none is furniture (``life.py``).
4. blobs        Unexplained pixels that belong together, live, and have been present for a time that depends on their size and
                on the weather, are motion (``blobs.py``), unless they are where motion is usual (``habit.py``).
5. learn        Everything but the living, the lingering and their surroundings goes into the background: so somebody may stand
                there for as long as they like, and leaves no ghost. Glare teaches nothing, nor does a picture that shows
                nothing (``view.py``).

Where nobody is and nothing differs from the last picture but by noise, its answer stands for a moment: a glance.
Zones decide where this counts, and how easily (``zones.py``). Rates count in camera time and hold at every frame rate.
Pure: planes and times in, observations out.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from device.sight.background import FLOOR, Background
from device.sight.blobs import SMALLEST, Blobs, Presence
from device.sight.habit import Habit
from device.sight.life import Life
from device.sight.observation import Gap, Motion, ZoneMotion
from device.sight.opencv import untyped as cv2
from device.sight.outlines import extent
from device.sight.structure import LEAST_PX, NEUTRAL, Bytes2D, in_company, reduced, structure, working_size
from device.sight.sway import EXPLAINED, MUCH, SWINGS_S, put_back
from device.sight.view import View
from device.sight.zones import Ground, Zone, lay

LOOK_US: Final = 60_000
"""Sixteen looks a second are enough; pictures in between get the last answer,"""
LOOK_AGAIN_US: Final = 150_000
"""and while something moves, seven: a look takes four times as long then, and nobody is missed by it."""
GLANCE_US: Final = 300_000
"""Where nobody is and nothing differs from the last look, its answer stands for so long. What then differs is as old as the
last picture, not as that look."""
LONGEST_S: Final = 1.0
"""More time than this between two looks is not counted as seen."""
ONE_LOOK_US: Final = 100_000
"""What the first look counts for, and one after a gap."""
JUMP_US: Final = 5_000_000
"""Without a picture for so long, presence begins anew."""
BRIEFEST_US: Final = 450_000
"""Whoever runs past is out of the picture a few frames after they were sure to be somebody. Motion lasts at least
for so long, which is what makes a recording of it at every frame rate."""
WARM_UP_LOOKS: Final = 12
GLARE: Final = 234
"""Grey levels: white in limited range. More light changes nothing there, so that it says nothing about structure."""

GLARE_LOOKS: Final = 6
"""Where nobody is, glare is looked for this seldom: clouds are slow."""

_DAZZLED: Final = np.ones((9, 9), np.uint8)


class MotionDetector:
    """Sees motion in the luma planes of one camera.

    Args:
        zones: where to look; everywhere without any.
    """

    def __init__(self, zones: Sequence[Zone] = ()) -> None:
        self._zones = tuple(zones)
        self._shape: tuple[int, ...] | None = None
        self._at_us = 0
        self._looks = 0
        self._motion = Motion(0.0, moving=False)
        self._began_us = 0
        self._calm = False
        self._glanced_us = 0

    def observe(self, plane: Bytes2D, at_us: int) -> Motion:
        """Return what one plane shows, or the one before showed, if this one comes within LOOK_US or at the same time.

        Args:
            plane: Y, uint8 (height, width) of at least 16 each, of any size but always the same; is only read.
            at_us: its time. One that is before the last one's is taken as a new beginning of time, and reported.

        Raises:
            ValueError: the plane is not what it has to be (a bug in the caller).
            ZoneError: no pixel of a zone is left to count, with the first plane.
        """
        if plane.shape != self._shape:
            self._begin(plane)
        past_us = at_us - self._at_us
        if self._looks and 0 <= past_us < (LOOK_AGAIN_US if self._motion.moving else LOOK_US):
            return self._motion
        gap: Gap | None = "clock" if self._looks and not 0 <= past_us < JUMP_US else None
        small = reduced(plane)
        seen = structure(small)
        if self._calm and 0 <= past_us < GLANCE_US and self._is_unchanged(seen):
            self._glanced_us = at_us
            return self._motion
        since_us = at_us - self._glanced_us
        self._at_us = self._glanced_us = at_us
        counted = (past_us, since_us) if self._looks and gap is None else (ONE_LOOK_US, ONE_LOOK_US)
        past_s, since_s = (min(span_us / 1e6, LONGEST_S) for span_us in counted)
        last = self._motion
        self._motion = self._look(small, seen, past_s, since_s, gap)
        if self._motion.moving and not last.moving:
            self._began_us = at_us
        elif last.moving and self._motion.gap is None and 0 <= at_us - self._began_us < BRIEFEST_US:
            self._motion = replace(
                self._motion, moving=True, zones=last.zones, where=last.where, lingering=False
            )
        return self._motion

    def _begin(self, plane: Bytes2D) -> None:
        if self._shape is not None:
            raise ValueError(f"the plane is {plane.shape}, not {self._shape} as the first one was")
        if plane.ndim != 2 or plane.dtype != np.uint8 or min(plane.shape) < LEAST_PX:
            raise ValueError(
                f"the plane is {plane.dtype} {plane.shape}, not uint8 (height, width) of at least {LEAST_PX}"
            )
        self._shape = plane.shape
        height, width = working_size(*plane.shape)
        self._ground: Ground = lay(self._zones, height, width)
        with np.errstate(divide="ignore"):
            floor = np.clip(FLOOR / self._ground.sensitivity, 1, 255).astype(np.uint8)
        first = structure(reduced(plane))
        self._last_seen = first
        self._nought: Bytes2D = np.zeros((height, width), np.uint8)
        self._background = Background(first, floor)
        self._life = Life(first)
        self._presence = Presence(self._ground.sensitivity)
        self._swung_s = 0.0
        self._habit = Habit(height, width)
        self._view = View()
        self._nobody = Motion(0.0, moving=False, zones=self._everywhere(moving=False))
        self._few_px = max(1, self._presence.smallest_px // 2)
        self._dazzled: Bytes2D | None = None
        self._glare = np.full((height, width), GLARE, np.uint8)
        self._flat = tuple(np.full((height, width), NEUTRAL + side * FLOOR, np.uint8) for side in (-1, 1))

    def _look(self, luma: Bytes2D, seen: Bytes2D, past_s: float, since_s: float, gap: Gap | None) -> Motion:
        self._looks += 1
        seen, unexplained = self._explained(self._steadied(seen), since_s)
        unexplained_px = cv2.countNonZero(unexplained)
        _, brightest, _, _ = cv2.minMaxLoc(luma)
        if brightest < GLARE:
            self._dazzled = None
        elif unexplained_px or self._dazzled is None or self._looks % GLARE_LOOKS == 0:
            self._dazzled = self._dazzle(luma, seen, unexplained)
            unexplained_px = cv2.countNonZero(unexplained)
        few = unexplained_px < self._few_px
        if not few:
            past_s = since_s
        nothing = self._view.judge(luma, brightest, seen, self._background, unexplained_px, past_s)
        credit = self._life.credit(
            seen, self._background.limit, past_s, needed=not few or nothing is not None
        )
        if gap is not None:
            self._presence.forget()
        if nothing is not None and self._looks > WARM_UP_LOOKS:
            stirs = cv2.countNonZero(credit) > SMALLEST * credit.size
            moving = nothing == "blind" and self._view.covered and (self._view.just_now or stirs)
            return Motion(float(moving), moving, self._everywhere(moving), gap=nothing)
        self._calm = few and gap is None and self._looks > WARM_UP_LOOKS
        if few:
            blobs = self._presence.nobody(past_s)
        else:
            self._presence.texture.take(seen, self._background.mean, self._life.noise)
            blobs = self._presence.judge(unexplained, credit, self._habit.places, past_s)
        self._habit.note(blobs, past_s)
        self._background.learn(seen, _kept(blobs, self._dazzled), past_s, self._warming())
        if self._looks <= WARM_UP_LOOKS:
            return Motion(
                blobs.alive_px / luma.size, moving=False, zones=self._everywhere(moving=False), gap=gap
            )
        if not blobs.alive_px:
            return (
                replace(self._nobody, gap=gap, lingering=blobs.lingering)
                if gap or blobs.lingering
                else self._nobody
            )
        zones = tuple(_zone(name, area, count_px, blobs) for name, area, count_px in self._ground.areas)
        moving = any(zone.moving for zone in zones)
        where = blobs.moving if moving else None
        return Motion(blobs.alive_px / luma.size, moving, zones, where, gap, blobs.lingering and not moving)

    def _is_unchanged(self, seen: Bytes2D) -> bool:
        """Return whether a structure is that of the last look but for noise, and not to the last bit: then the camera froze."""
        change = cv2.absdiff(seen, self._last_seen)
        changed = cv2.compare(change, self._background.limit_between, cv2.CMP_GT)
        return not cv2.countNonZero(in_company(changed)) and cv2.countNonZero(change) > 0

    def _explained(self, seen: Bytes2D, past_s: float) -> tuple[Bytes2D, Bytes2D]:
        """Return the structure, put back if the camera swings, and what of it the background does not explain."""
        calm, self._calm = self._calm, False
        swung_s, self._swung_s = self._swung_s, 0.0
        unexplained = self._background.unexplained(seen, self._life.noise)
        before_px = cv2.countNonZero(unexplained)
        if before_px < MUCH * seen.size or not (calm or 0 < swung_s <= SWINGS_S):
            return seen, unexplained
        back = put_back(seen, self._background.mean)
        if back is None:
            return seen, unexplained
        left = self._background.unexplained(back, self._life.noise)
        if cv2.countNonZero(left) <= (1 - EXPLAINED) * before_px:
            self._swung_s = swung_s + past_s
            return back, left
        return seen, self._background.unexplained(seen, self._life.noise)

    def _steadied(self, seen: Bytes2D) -> Bytes2D:
        """Return the structure, averaged with that of the last look where something moved lately and stands still now.

        Less noise shows somebody who stands in the dark; whoever moves is better seen sharp.
        """
        last, self._last_seen = self._last_seen, seen
        lately = self._presence.lately
        if lately is None:
            return seen
        box = extent(lately)
        now, before = seen[box], last[box]
        still = cv2.compare(cv2.absdiff(now, before), self._background.limit[box], cv2.CMP_LE)
        still = cv2.bitwise_and(still, cv2.compare(lately[box], self._nought[box], cv2.CMP_GT))
        steadied: Bytes2D = seen.copy()
        cv2.copyTo(cv2.addWeighted(now, 0.5, before, 0.5, 0), still, steadied[box])
        return steadied

    def _dazzle(self, luma: Bytes2D, seen: Bytes2D, unexplained: Bytes2D) -> Bytes2D:
        """Take what glare hides out of the unexplained; return 255 where the picture teaches nothing for it."""
        glaring = cv2.compare(luma, self._glare, cv2.CMP_GE)
        flat = cv2.inRange(seen, *self._flat)
        cv2.subtract(unexplained, cv2.bitwise_and(glaring, flat), dst=unexplained)
        around: Bytes2D = cv2.dilate(glaring, _DAZZLED)
        return around

    def _warming(self) -> float:
        """Return the least share to learn: that of a plain average at first, then none."""
        return 1 / self._looks if self._looks < WARM_UP_LOOKS else 0.0

    def _everywhere(self, moving: bool) -> tuple[ZoneMotion, ...]:
        return tuple(ZoneMotion(name, float(moving), moving) for name, _, _ in self._ground.areas)


def _zone(name: str, area: Bytes2D, count_px: int, blobs: Blobs) -> ZoneMotion:
    alive_px, moving_px, usual_px = (
        cv2.countNonZero(mask if count_px == mask.size else cv2.bitwise_and(area, mask))
        for mask in (blobs.alive, blobs.moving, blobs.usual)
    )
    return ZoneMotion(name, alive_px / count_px, moving_px > 0, usual_px > 0)


def _kept(blobs: Blobs, dazzled: Bytes2D | None) -> Bytes2D | None:
    """Return 255 where the background is not to learn, None if nowhere."""
    if not (blobs.alive_px or blobs.lingering):
        return dazzled
    return blobs.held if dazzled is None else cv2.bitwise_or(blobs.held, dazzled)

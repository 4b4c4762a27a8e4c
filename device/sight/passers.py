"""Passers: who moves on, faster than presence can follow.

Whoever runs past the door covers more than their own width between two looks, so that no pixel of theirs is where one was.
But they come from somewhere and go on: after two sightings it is known where they have to be seen next, within a share of their
size and of the way. Somebody seen there who has gone sideways by their own width is a passer, and needs no more than a
fraction of the time that something has to be present which stays. All is counted in seconds, body widths and
sightings, so that it holds at every frame rate.

Parts of one body are joined before: what moves on together is one. Weather falls, people go: only the way sideways counts.
Wind, shade and a camera that shakes go back and forth, and never get anywhere.

It is the constant-velocity prediction with a gate of every tracker (Bar-Shalom and Fortmann, *Tracking and data
association*, 1988), with the nearest candidate taken.
"""

import math
from dataclasses import dataclass, field
from typing import Final

from device.sight.outlines import Shape

FASTEST: Final = 2.6
"""Picture widths a second: a car before the door. Nobody is looked for further away."""
ALIKE: Final = 2.6
"""Times that somebody's area may change from one sighting to the next: limbs close and open, others come in from the side."""
ASIDE: Final = 0.5
"""Share of their size by which somebody may be beside where they were expected,"""
AMISS: Final = 0.35
"""and share of the way that they went meanwhile,"""
ROUNDED_PX: Final = 1.5
"""and what pixels and fragments do."""
LOST_S: Final = 0.45
"""Without a sighting for so long, they are gone."""
SIGHTINGS: Final = 3
"""Two show where somebody is bound for, the third that it is so."""
NEARS_S: Final = 0.4
"""Whoever comes closer, or out of a door, has grown within no less than this,"""
TALLER: Final = 1.4
"""to so many times their height: a flag that unfolds grows aside only,"""
LARGER: Final = 2.5
"""and to so many times their area."""
CAME_WIDTHS: Final = 2.0
"""Own widths that somebody has gone who came from within the picture; from its side, WIDTHS do."""
WIDTHS: Final = 1.0
"""Own widths that a passer has gone sideways."""
STRAIGHT: Final = 0.75
"""Share of the way that leads away from where it began."""
MOST: Final = 24
"""Bodies that are followed at once, largest first: more is weather."""


@dataclass(slots=True)
class Track:
    """Somebody who is followed.

    Attributes:
        x, y, width, height: their middle and size when last seen, in pixels.
        area_px: how many of the pixels in between are theirs.
        aside, down: pixels a second; unknown (None) after one sighting.
        first_x, first_height, first_area_px: where and how large they were at first.
        from_aside: whether that was at a side of the picture.
        widest: their largest width so far; somebody who comes in from a side is narrow at first.
        way_px: how far they went since, forth and back.
        sightings: how often they were seen.
        since_s: for how long they have been followed.
        unseen_s: since they were last seen.
    """

    x: float
    y: float
    width: float
    height: float
    area_px: float
    aside: float | None = None
    down: float = 0.0
    first_x: float = field(default=math.nan)
    first_height: float = 0.0
    first_area_px: float = 0.0
    from_aside: bool = False
    widest: float = 0.0
    way_px: float = 0.0
    sightings: int = 1
    since_s: float = 0.0
    unseen_s: float = 0.0

    @property
    def passes(self) -> bool:
        """Whether they have moved on, straight, by their own width."""
        gone = abs(self.x - self.first_x)
        return self.sightings >= SIGHTINGS and gone >= WIDTHS * self.widest and gone >= STRAIGHT * self.way_px

    @property
    def came(self) -> bool:
        """Whether they came here: from a side of the picture, or from further away."""
        gone = abs(self.x - self.first_x)
        return self.passes and (self.from_aside or gone >= CAME_WIDTHS * self.widest)

    @property
    def nears(self) -> bool:
        """Whether they have grown in both directions, as who comes closer or out of a door does."""
        return (
            self.since_s >= NEARS_S
            and self.height >= TALLER * self.first_height
            and self.area_px >= LARGER * self.first_area_px
        )


class Passers:
    """Follows bodies from look to look.

    Args:
        width: of the pictures.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._tracks: list[Track] = []

    def follow(self, bodies: list[tuple[Shape, int]], past_s: float) -> list[Track]:
        """Return who each body is, in the order of ``bodies``.

        Args:
            bodies: where each is, and how many pixels are its own; MOST at most.
            past_s: seconds since the last look.
        """
        for track in self._tracks:
            track.unseen_s += past_s
        pairs = sorted(
            (miss, number, place)
            for number, track in enumerate(self._tracks)
            for place, body in enumerate(bodies)
            if (miss := self._miss(track, *body)) is not None
        )
        mine: dict[int, int] = {}
        for _, number, place in pairs:
            if number not in mine.values() and place not in mine:
                mine[place] = number
        old = self._tracks
        found = [
            _seen(old[mine[place]], *body) if place in mine else self._new(*body)
            for place, body in enumerate(bodies)
        ]
        known = set(mine.values())
        unseen = [track for number, track in enumerate(old) if number not in known]
        self._tracks = (found + [track for track in unseen if track.unseen_s < LOST_S])[: 2 * MOST]
        return found

    def forget(self) -> None:
        """Begin anew."""
        self._tracks = []

    def _new(self, shape: Shape, area_px: int) -> Track:
        left, top, width, height = shape.left, shape.top, shape.width, shape.height
        x = left + width / 2
        aside = left <= 1 or left + width >= self._width - 1
        return Track(
            x,
            top + height / 2,
            width,
            height,
            area_px,
            first_x=x,
            first_height=height,
            first_area_px=area_px,
            from_aside=aside,
            widest=width,
        )

    def _miss(self, track: Track, shape: Shape, area_px: int) -> float | None:
        """Return by how much a body is not where this one has to be, from 0.0 to 1.0; None if it is another."""
        if not 1 / ALIKE <= area_px / track.area_px <= ALIKE:
            return None
        left, top, width, height = shape.left, shape.top, shape.width, shape.height
        aside, down = left + width / 2 - track.x, top + height / 2 - track.y
        wide, tall = max(width, track.width), max(height, track.height)
        if track.aside is None:
            reach = FASTEST * self._width * track.unseen_s
            misses = abs(aside) / (ASIDE * wide + reach), abs(down) / (ASIDE * tall + ROUNDED_PX)
        else:
            way, fall = track.aside * track.unseen_s, track.down * track.unseen_s
            misses = (
                abs(aside - way) / (ASIDE * wide + AMISS * abs(way) + ROUNDED_PX),
                abs(down - fall) / (ASIDE * tall + AMISS * abs(fall) + ROUNDED_PX),
            )
        miss = max(misses)
        return miss if miss <= 1 else None


def _seen(track: Track, shape: Shape, area_px: int) -> Track:
    """Return the track with one more sighting."""
    left, top, width, height = shape.left, shape.top, shape.width, shape.height
    x, y = left + width / 2, top + height / 2
    aside, down = (x - track.x) / track.unseen_s, (y - track.y) / track.unseen_s
    if track.aside is not None:
        aside, down = (aside + track.aside) / 2, (down + track.down) / 2
    track.way_px += abs(x - track.x)
    track.since_s += track.unseen_s
    track.x, track.y, track.width, track.height, track.area_px = x, y, width, height, area_px
    track.aside, track.down = aside, down
    track.widest = max(track.widest, width)
    track.sightings += 1
    track.unseen_s = 0.0
    return track

"""Who comes to the drawn doorstep, and when: the truth that tests compare with.

Times are microseconds since the scene began. The first visitor comes after three seconds and rings, so that a demo soon
has a clip; then somebody comes each 45 to 60 seconds, and rings, or puts a parcel into the box, or is a cat. A day
lasts three minutes, a night too, and the light needs three quarters of a minute to change.

Pure, and the same for the same seed.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["ring", "parcel", "cat"]

WALK_US: Final = 2_300_000
REACH_US: Final = 200_000
"""From standing at the door to a finger on the bell."""
HALF_DAY_US: Final = 180_000_000
DUSK_US: Final = 45_000_000


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody is in the picture.

    Attributes:
        kind: what they do.
        from_us: they begin to enter.
        to_us: they have left.
        pressed_us: the bell rings; None if it does not.
        look: a number that chooses their clothes.
    """

    kind: Kind
    from_us: int
    to_us: int
    pressed_us: int | None
    look: int


def visits(seed: int) -> Iterator[Visit]:
    """Yield the visits in order, without end."""
    dice = random.Random(seed)  # noqa: S311 - a stage play, not a secret
    yield Visit("ring", 3_000_000, 12_000_000, 3_000_000 + WALK_US + REACH_US, dice.randrange(100))
    from_us = 3_000_000
    while True:
        from_us += dice.randrange(45_000_000, 60_000_000)
        kind: Kind = dice.choices(("ring", "parcel", "cat"), (5, 3, 2))[0]
        stay_us = {"ring": dice.randrange(4_000_000, 12_000_000), "parcel": 3_000_000, "cat": 700_000}[kind]
        pressed_us = from_us + WALK_US + REACH_US if kind == "ring" else None
        yield Visit(kind, from_us, from_us + 2 * WALK_US + stay_us, pressed_us, dice.randrange(100))


def daylight(at_us: int) -> float:
    """Return how much day it is, from 0.0 (night) to 1.0."""
    phase_us = at_us % (2 * HALF_DAY_US)
    if phase_us < HALF_DAY_US:
        return min(1.0, (HALF_DAY_US - phase_us) / DUSK_US)
    return max(0.0, 1.0 - (2 * HALF_DAY_US - phase_us) / DUSK_US)

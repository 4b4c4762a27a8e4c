"""What sight tells the recording policy about one frame."""

from dataclasses import dataclass
from typing import Literal

from device.sight.structure import Bytes2D

Gap = Literal["stuck", "blind", "clock"]
"""Why a picture says nothing about motion.

    stuck   the camera delivers the same picture again and again
    blind   nothing can be seen: the lens is covered, or it is black dark
    clock   its time is before the last one's, or long after: what happened in between is not known
"""


@dataclass(frozen=True, slots=True)
class ZoneMotion:
    """What one zone showed.

    Attributes:
        name: the zone's.
        score: share of the zone in which something unexplained stirs, from 0.0 to 1.0.
        moving: something large enough has been there for long enough.
        usual: something moves, but as it did there again and again: wind. It does not count as moving.
    """

    name: str
    score: float
    moving: bool
    usual: bool = False


@dataclass(frozen=True, slots=True)
class Motion:
    """What one luma plane showed.

    Attributes:
        score: share of the picture in which something unexplained stirs, from 0.0 to 1.0.
        moving: something large enough to be a person or an animal is there, and has been for some frames; or the view
            has just gone.
        zones: each counting zone, in the order in which they were given; one for the whole picture if none were.
        where: 255 where something moves, 0 elsewhere, uint8 of the working size, only to read; None if nothing does.
        gap: why this picture says nothing, if it does.
        lingering: nothing moves that counts, but what moved within the last half minute is still there: somebody stands
            still, or left a parcel.
    """

    score: float
    moving: bool
    zones: tuple[ZoneMotion, ...] = ()
    where: Bytes2D | None = None
    gap: Gap | None = None
    lingering: bool = False

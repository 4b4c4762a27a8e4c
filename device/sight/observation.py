"""What sight tells the recording policy about one frame."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Motion:
    """What one luma plane showed.

    Attributes:
        score: share of the picture that differs from its background, from 0.0 to 1.0.
        moving: something the size of a person or an animal is there, and has been for some frames.
    """

    score: float
    moving: bool

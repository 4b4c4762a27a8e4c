"""What retention weighs: a finished clip as the disk has it. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kept:
    """A finished clip: its number, and what it takes on the disk."""

    clip: int
    size_bytes: int

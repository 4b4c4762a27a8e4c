"""One line of the doctor's: how something is, and what to do about it. Pure."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "unknown", "warning", "fault"]
"""``unknown``: this computer does not tell, so that nobody takes silence for health."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing is.

    Attributes:
        subject: what was looked at, such as ``power``.
        level: how grave it is.
        says: a sentence without a full stop.
        do: what helps, the same; empty if nothing is to be done.
    """

    subject: str
    level: Level
    says: str
    do: str = ""

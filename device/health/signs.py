"""Signs in, conditions out: power that is too weak, a computer that is slowed down by its heat, a clock that cannot be right.

Power flickers and heat swings, so each is told until it was well for a while. Pure.

Source: ``get_throttled`` as the Raspberry Pi documentation of vcgencmd has it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from device.trust.condition import Condition
from device.trust.lines import utc

UNDER_VOLTAGE: Final = 1 << 0
CAPPED: Final = 1 << 1
THROTTLED: Final = 1 << 2
SOFT_LIMIT: Final = 1 << 3
SINCE_START: Final = 16
"""The same four bits, so much higher, tell that it happened since the start."""
SLOWED: Final = CAPPED | THROTTLED | SOFT_LIMIT
HOT_C: Final = 80.0
"""From here on the firmware slows a Pi down."""
BORN_UTC: Final = datetime(2026, 1, 1, tzinfo=UTC)
STRANGE_UTC: Final = datetime(2100, 1, 1, tzinfo=UTC)
LASTS_US: Final = 600_000_000
"""For so long nothing was seen of it before it counts as over."""

Ill = Literal["power", "heat", "clock"]
SENTENCES: Final[dict[Ill, str]] = {
    "power": "the voltage is too low; use the Pi's own power supply and a short, thick cable",
    "heat": "the processor is slowed down by its heat; give it shade, air or a heat sink",
    "clock": "the clock cannot be right; let the Pi reach a time server of your network",
}


@dataclass(frozen=True, slots=True)
class Signs:
    """What a computer tells at a moment.

    Attributes:
        throttled: the firmware's bits; None on a computer that is no Pi.
        celsius: how hot the processor is; None if nothing measures it.
        now_utc: wall time.
    """

    throttled: int | None
    celsius: float | None
    now_utc: datetime


class Course:
    """How it went. One thread, but for ``conditions``."""

    def __init__(self) -> None:
        self._since: dict[Ill, datetime | None] = {}
        self._seen_us: dict[Ill, int] = {}

    def look(self, signs: Signs, now_us: int) -> tuple[list[Ill], list[Ill]]:
        """Return what begins and what is over; ``now_us`` is CLOCK_MONOTONIC."""
        found = ills(signs)
        began = [ill for ill in found if ill not in self._since]
        # A clock that was set is right at once; the others may come back the next moment.
        over = [
            ill
            for ill in list(self._since)
            if ill not in found and (ill == "clock" or now_us - self._seen_us[ill] >= LASTS_US)
        ]
        self._seen_us |= dict.fromkeys(found, now_us)
        for ill in over:
            del self._since[ill]
        for ill in began:
            # A clock that lies tells no beginning either.
            self._since[ill] = None if "clock" in found else utc(signs.now_utc)
        return began, over

    def conditions(self) -> tuple[Condition, ...]:
        """Return what is in the way at this moment; any thread."""
        return tuple(Condition(ill, since_utc) for ill, since_utc in list(self._since.items()))


def ills(signs: Signs) -> list[Ill]:
    """Return what is wrong at a moment."""
    bits = signs.throttled or 0
    told: dict[Ill, bool] = {
        "power": bool(bits & UNDER_VOLTAGE),
        # Weak power slows a Pi down as well, and is told as what it is.
        "heat": bool(bits & SOFT_LIMIT) or (signs.celsius is not None and signs.celsius >= HOT_C),
        "clock": not BORN_UTC <= signs.now_utc < STRANGE_UTC,
    }
    return [ill for ill, is_so in told.items() if is_so]

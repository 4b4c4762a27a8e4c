"""The two clocks: monotonic microseconds for order and durations, wall time for people."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What tells the time; tests drive their own."""

    def monotonic_us(self) -> int:
        """Return microseconds that never go back; their zero means nothing."""
        ...

    def utc(self) -> datetime:
        """Return aware wall time in UTC; it may jump."""
        ...


class SystemClock:
    """The machine's clocks."""

    def monotonic_us(self) -> int:
        """Return CLOCK_MONOTONIC in microseconds."""
        return time.monotonic_ns() // 1000

    def utc(self) -> datetime:
        """Return the machine's wall time."""
        return datetime.now(UTC)

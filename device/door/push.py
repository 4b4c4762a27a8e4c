"""A bell push: its line, opened and opened again, and the rings that come by it.

A line that is another's, that is not there or that goes away is told and tried again each ``RETRY_US``: whoever mends the wire
need not know of any program.
"""

from collections.abc import Callable
from typing import Final

from device.door.button import Button
from device.door.protocol import InputLine
from device.errors import sentence_of

RETRY_US: Final = 30_000_000
_SENTENCES: Final = {
    "stuck": "the button is held down: jammed, or a short in its wire; it rings again when it was let go",
    "bouncing": "the button's line flutters: a loose wire, or another door.button_pull than it needs; it rings once a second",
}


class Push:
    """One button. One thread."""

    def __init__(self, open_line: Callable[[], InputLine], now_us: int) -> None:
        """Open the line, or be troubled; ``open_line`` raises OSError."""
        self._open_line = open_line
        self._line: InputLine | None = None
        self._refused = ""
        self._retry_us = now_us
        self._reopen(now_us)

    @property
    def descriptor(self) -> int | None:
        """What is ready to be read when edges wait; None while there is no line."""
        return None if self._line is None else self._line.descriptor

    @property
    def trouble(self) -> str:
        """What is wrong with it, in a sentence; empty if nothing is."""
        if self._line is None:
            return self._refused
        return _SENTENCES.get(self._button.trouble or "", "")

    @property
    def due_us(self) -> int | None:
        """When ``attend`` is due although nothing is to be read."""
        return self._retry_us if self._line is None else self._button.due_us

    def attend(self, now_us: int) -> list[int]:
        """Read what waits and return when it rang, in CLOCK_MONOTONIC µs."""
        if self._line is None:
            if now_us < self._retry_us:
                return []
            self._reopen(now_us)
            return []
        try:
            edges = self._line.edges()
        except OSError as error:
            self.close()
            self._refuse(error, now_us)
            return []
        rings = [at_us for edge in edges if (at_us := self._button.edge(edge)) is not None]
        self._button.passed(now_us)
        return rings

    def close(self) -> None:
        """Give the line back."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _reopen(self, now_us: int) -> None:
        line = None
        try:
            line = self._open_line()
            self._button = Button(pressed=line.is_pressed(), now_us=now_us)
        except OSError as error:
            if line is not None:
                line.close()
            self._refuse(error, now_us)
        else:
            self._line = line

    def _refuse(self, error: OSError, now_us: int) -> None:
        self._refused = sentence_of(error)
        self._retry_us = now_us + RETRY_US

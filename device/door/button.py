"""A button from the edges of its line: when it was pressed, and whether the line can be believed.

    edge down ──▶ a ring, at the kernel's time of it ──▶ edge up
                     │ no edge up for ``STUCK_US``: stuck (a jammed button, a short)
                     └ too many edges down in ``BOUNCING_US``: bouncing (a loose wire, no pull)

A line that cannot be believed still rings: nobody at the door knows that it is bad. While it bounces, a second has one
ring, since a wire that flutters must not fill the recorder's queue; whoever is told of rings takes those for one anyway.

The kernel numbers the events of a line. Where a number is missing its buffer ran over, and a press may be among what it dropped:
that counts.

Pure.

Source: include/uapi/linux/gpio.h, ``gpio_v2_line_event``.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final, Literal

STUCK_US: Final = 30_000_000
"""Nobody leans on a bell for longer; who does, and stays, is told of as a fault of the line until they let go."""
BOUNCING_US: Final = 10_000_000
BOUNCING_PRESSES: Final = 30
"""Three a second for ten seconds: faster than children."""
CALM_US: Final = 1_000_000

Trouble = Literal["stuck", "bouncing"]


@dataclass(frozen=True, slots=True)
class Edge:
    """The line changed, after the kernel's debounce.

    Attributes:
        at_us: CLOCK_MONOTONIC.
        pressed: what it is from then on.
        number: of this event among the line's.
    """

    at_us: int
    pressed: bool
    number: int


class Button:
    """One button. One thread."""

    def __init__(self, *, pressed: bool, now_us: int) -> None:
        """Begin with the line as it is. If it is pressed already that is no ring: a short would ring at each start."""
        self._pressed_us: int | None = now_us if pressed else None
        self._number: int | None = None
        self._presses: deque[int] = deque(maxlen=BOUNCING_PRESSES)
        self._rang_us: int | None = None
        self._now_us = now_us

    def edge(self, edge: Edge) -> int | None:
        """Take the next edge and return the time of a ring, if it is one."""
        self._now_us = max(self._now_us, edge.at_us)
        was_pressed, self._number, before = self._pressed_us is not None, edge.number, self._number
        # Twice the same without a number missing is what the kernel tells of a line that changed while it was asked for.
        lost = before is not None and edge.number - before > 1
        self._pressed_us = (
            (edge.at_us if not was_pressed or lost else self._pressed_us) if edge.pressed else None
        )
        return self._press(edge.at_us) if lost or (edge.pressed and not was_pressed) else None

    def passed(self, now_us: int) -> None:
        """Take that no edge came until now."""
        self._now_us = max(self._now_us, now_us)

    @property
    def held_us(self) -> int:
        """For how long it has been held down; 0 if it is not."""
        return 0 if self._pressed_us is None else self._now_us - self._pressed_us

    @property
    def trouble(self) -> Trouble | None:
        """Why the line cannot be believed."""
        if self._pressed_us is not None and self.held_us >= STUCK_US:
            return "stuck"
        return "bouncing" if self._is_bouncing else None

    @property
    def due_us(self) -> int | None:
        """When ``passed`` should be called at the latest, for the trouble to begin or end then; None if nothing is to come."""
        if self._pressed_us is not None:
            return self._pressed_us + STUCK_US if self.held_us < STUCK_US else None
        return self._presses[0] + BOUNCING_US if self._is_bouncing else None

    @property
    def _is_bouncing(self) -> bool:
        return len(self._presses) == BOUNCING_PRESSES and self._now_us - self._presses[0] < BOUNCING_US

    def _press(self, at_us: int) -> int | None:
        self._presses.append(at_us)
        if self._is_bouncing and self._rang_us is not None and at_us - self._rang_us < CALM_US:
            return None
        self._rang_us = at_us
        return at_us

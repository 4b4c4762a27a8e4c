"""Why a clip is made: in which zones it moved and how much, where in the picture, and which picture shows it best.

    motion begins ──▶ gathered, until nothing moves ──▶ a clip begins and takes it over ──▶ gathered in the clip to its end

Motion has to last before a clip begins, and may be over by then; so it is gathered from its first picture on. A clip that
only goes on where the last one reached its limit has seen nothing move itself: it says what moved last.

A picture that shows nothing (a hand over the lens) is a reason, but no picture: whoever came before the hand is shown.

Pure.
"""

from dataclasses import dataclass

import numpy as np

from device.camera.protocol import Luma
from device.sight.heat import Heat
from device.sight.observation import Motion
from device.sight.structure import Bytes2D, working_size
from device.trust.statement import TriggerKind


@dataclass(frozen=True, slots=True)
class Place:
    """A zone, and how much of it stirred, in thousandths."""

    zone: str = ""
    score_permille: int = 0


def places(motion: Motion) -> list[Place]:
    """Return where it moves, where it moves most first; never nothing.

    If nothing is seen any more, every zone says so: one stands for all.
    """
    moving = sorted((zone for zone in motion.zones if zone.moving), key=lambda zone: -zone.score)
    found = [Place(zone.name, round(zone.score * 1000)) for zone in moving] or [Place()]
    return found[:1] if motion.gap is not None else found


class Evidence:
    """What moved, and the picture that shows it best."""

    def __init__(self) -> None:
        self._heat = Heat()
        self._best: tuple[float, Luma] | None = None

    @property
    def picture(self) -> Luma | None:
        """The best picture so far."""
        return self._best[1] if self._best is not None else None

    def heat(self) -> bytes:
        """Return the tiny picture of what moved, empty if nothing did."""
        heat = self._heat.picture()
        return heat if any(heat) else b""

    def add(self, motion: Motion, luma: Luma) -> None:
        """Take in one picture and what moved in it."""
        self.warm(motion, luma)
        # Shown for want of a better one, which any picture is that shows something.
        self.show(luma, motion.score if motion.gap is None else -1.0)

    def warm(self, motion: Motion, luma: Luma) -> None:
        """Take in what moved alone."""
        self._heat.add(_where(motion, luma))

    def show(self, luma: Luma, score: float) -> None:
        """Offer a picture: the first one with the highest score is kept."""
        if self._best is None or score > self._best[0]:
            self._best = (score, luma)


class TriggerContext:
    """Follows what moves while no clip needs it yet. One thread."""

    def __init__(self) -> None:
        self._since: Evidence | None = None
        self._last: tuple[Motion, Luma] | None = None
        self._newest: Luma | None = None
        self._clear: Luma | None = None

    def see(self, motion: Motion, luma: Luma, *, counts: bool) -> None:
        """Take in one picture; ``counts`` is whether its motion may begin a clip."""
        self._newest = luma
        if motion.gap is None:
            self._clear = luma
        if not (counts and motion.moving):
            self._since = None
            return
        self._last = (motion, luma)
        self._since = self._since or Evidence()
        self._since.add(motion, luma)

    @property
    def place(self) -> Place:
        """Where it moved most, when anything last did."""
        return places(self._last[0])[0] if self._last is not None else Place()

    def picture(self, from_us: int) -> Luma | None:
        """Return the newest picture that shows something, if it is not from before ``from_us``; else the newest of all."""
        return self._clear_since(from_us) or self._newest

    def begin(self, trigger: TriggerKind, from_us: int) -> Evidence:
        """Return what a clip that begins now with a picture from ``from_us`` has seen already; it is the clip's from here on."""
        evidence, self._since = self._since or Evidence(), None
        if trigger == "motion" and self._last is not None and evidence.picture is None:
            evidence.warm(*self._last)
        if (clear := self._clear_since(from_us)) is not None:
            evidence.show(clear, 0.0)
        return evidence

    def cut(self) -> None:
        """A clip ended while it still moved: what was gathered is in that clip."""
        self._since = None

    def _clear_since(self, from_us: int) -> Luma | None:
        return self._clear if self._clear is not None and self._clear.at_us >= from_us else None


def _where(motion: Motion, luma: Luma) -> Bytes2D | None:
    if motion.where is None and motion.moving and motion.gap is not None:
        return np.full(working_size(*luma.plane.shape), 255, np.uint8)  # the view went: everywhere
    return motion.where

"""View: whether a picture shows anything at all.

A frozen camera delivers the same picture again: sensors never do, because they are noisy. A covered lens, or the black
of a filter that switches, shows nothing of the background's structure, and no other structure instead; somebody who
fills the frame shows theirs. A black garden shows next to no light. None of these is "no motion". (Covered and defocused
cameras are told by what they no longer show in Ribnick and others, 2006, on camera tampering.)
"""

from typing import Final

from device.sight.background import Background
from device.sight.observation import Gap
from device.sight.opencv import untyped as cv2
from device.sight.structure import Bytes2D

STUCK_S: Final = 3.0
FAINT: Final = 0.5
"""Structure's deviation as a share of the background's, from where on to look whether it is the background's."""
LOST: Final = 0.25
"""Share of the background's structure below which it is lost."""
NEW: Final = 0.03
"""Share of the picture that is unexplained if there is something else to see."""
BLACK: Final = 22.0
"""Grey levels: the mean of a black picture in limited range, with noise."""
BLACK_DEVIATION: Final = 2.5
SWITCH_S: Final = 0.3
"""An infrared filter that switches blinds for less."""
VANISHED_S: Final = 2.0
"""For so long after the view went this counts as motion: somebody covered the lens. Then it is a gap, unless something stirs."""


class View:
    """Follows whether there is anything to see."""

    def __init__(self) -> None:
        self._last = b""
        self._same_s = 0.0
        self._blind_s = 0.0
        self._seen_s = 0.0

    @property
    def covered(self) -> bool:
        """Whether a view that was there is gone for longer than a filter takes."""
        return self._blind_s >= SWITCH_S and self._seen_s > 0

    @property
    def just_now(self) -> bool:
        """Whether it went a moment ago."""
        return self._blind_s <= VANISHED_S

    def judge(
        self,
        luma: Bytes2D,
        brightest: float,
        seen: Bytes2D,
        background: Background,
        unexplained_px: int,
        past_s: float,
    ) -> Gap | None:
        """Return why a picture says nothing, if so.

        Args:
            luma: the picture; only read.
            brightest: its largest value.
            seen: its structure.
            background: what belongs there.
            unexplained_px: how many pixels it does not explain.
            past_s: seconds since the last picture.
        """
        last, self._last = self._last, luma.tobytes()
        self._same_s = self._same_s + past_s if self._last == last else 0.0
        if self._same_s >= STUCK_S:
            return "stuck"
        if self._nothing_to_see(luma, brightest, seen, background, unexplained_px):
            self._blind_s += past_s
            return "blind"
        self._blind_s = 0.0
        self._seen_s += past_s
        return None

    def _nothing_to_see(
        self, luma: Bytes2D, brightest: float, seen: Bytes2D, background: Background, unexplained_px: int
    ) -> bool:
        if unexplained_px < NEW * seen.size:
            deviation = float(cv2.meanStdDev(seen)[1][0, 0])
            if deviation < FAINT * background.deviation:
                return background.share_left(seen) < LOST
        if brightest > 2 * BLACK:
            return False
        mean, spread = cv2.meanStdDev(luma)
        return bool(mean[0, 0] < BLACK and spread[0, 0] < BLACK_DEVIATION)

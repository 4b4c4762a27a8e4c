"""Motion: what differs from the background by more than the background's own restlessness, is large enough, and stirs.

Each pixel of a 160x90 picture has a mean and a restlessness (mean absolute deviation). One frame goes through these steps:

1. light    A change of light over the whole picture is taken over by the background at once (``light.py``).
2. compare  A pixel is foreground if it is further from its mean than its restlessness allows. No share of foreground is too
            large: somebody before a doorbell fills the picture.
3. stir     Where a pixel changes from look to look, its neighbourhood earns credit, up to CREDIT_US; time spends it. A blob
            with some credit is alive. People sway, so whoever stands there stays alive; a lamp that went on, or a bicycle
            that was left behind, does not.
4. count    Live blobs of MIN_BLOB pixels, seen in SETTLE_FRAMES frames in a row, are motion.
5. learn    Everything but live blobs goes into the background: the quiet part slowly, dead blobs in seconds. So nobody who
            stands still is learned, and leaves no ghost. A pixel that goes and comes back grows restless: a branch in the wind.

Rates count in camera time and hold at every frame rate. Pure: planes and times in, observations out.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from device.sight.light import median, relight
from device.sight.luma import LUMA_HEIGHT_PX, LUMA_WIDTH_PX
from device.sight.observation import Motion
from device.sight.opencv import cv2

WIDTH: Final = LUMA_WIDTH_PX // 2
HEIGHT: Final = LUMA_HEIGHT_PX // 2

MIN_BLOB: Final = 36
"""A quarter per cent of the picture: a child at the garden gate. Insects and raindrops are smaller, unless on the lens."""
SETTLE_FRAMES: Final = 3
FLOOR: Final = 6.0
"""Grey levels that compression alone may move a pixel."""
RESTLESS: Final = 4.5
"""Times the mean absolute deviation: 3.6 standard deviations of normal noise."""
MAX_RESTLESS: Final = 10.0
"""Even in a storm, what differs by 45 grey levels counts."""
LOOK_US: Final = 80_000
"""A dozen looks a second: between two, somebody who sways has moved enough to be seen doing so."""
STIRRED: Final = 4.0
"""Grey levels from one look to the next, if the pixel is not more restless than that."""
CREDIT_US: Final = 25_000_000
EARNED: Final = 6.0
"""Credit for each microsecond of stirring: four seconds fill the account, a single frame is soon spent."""
NOISE: Final = 5.0
"""Times the median change of the whole picture: 3.4 standard deviations, for a picture that is suddenly dark and noisy."""
LIVELY: Final = 0.1
"""Share of a blob that has credit if the blob is alive: a sunbeam that touches a waving leaf is not."""
BACKGROUND_US: Final = 4_000_000
DEAD_US: Final = 4_000_000
RESTLESS_US: Final = 40_000_000
EXCURSION: Final = 0.015
"""Share of its excursion that a pixel's restlessness grows by when it comes back."""
FOREVER_US: Final = 180_000_000
"""A pixel that has been foreground for so long is background, whatever stirs: a new fountain."""
WARM_UP_FRAMES: Final = 15
GLARE: Final = 238.0
"""Above, more light changes nothing, so that a mean is no guide."""

_Plane = npt.NDArray[np.float32]
_Mask = npt.NDArray[np.uint8]
_NEARBY: Final = np.ones((9, 9), np.uint8)
_JOINED: Final = np.ones((5, 3), np.uint8)
"""Parts of one person are further apart upwards than sideways."""


class MotionDetector:
    """Sees motion in the luma planes of one camera."""

    def __init__(self) -> None:
        shape = (HEIGHT, WIDTH)
        self._frames = 0
        self._settled = 0
        self._at_us = 0
        self._motion = Motion(0.0, moving=False)
        self._mean: _Plane = np.zeros(shape, np.float32)
        self._last: _Plane = self._mean
        self._restless: _Plane = np.ones(shape, np.float32)
        self._credit_us: _Plane = np.zeros(shape, np.float32)
        self._away_us: _Plane = np.zeros(shape, np.float32)
        self._excursion: _Plane = np.zeros(shape, np.float32)

    def observe(self, plane: npt.NDArray[np.uint8], at_us: int) -> Motion:
        """Return what one plane shows, or the one before showed, if this one comes within LOOK_US.

        Args:
            plane: Y, uint8 (180, 320); is only read.
            at_us: its time, later than the last one's.
        """
        if plane.shape != (LUMA_HEIGHT_PX, LUMA_WIDTH_PX):
            raise ValueError(f"the plane is {plane.shape}, not {(LUMA_HEIGHT_PX, LUMA_WIDTH_PX)}")
        past_us = at_us - self._at_us
        if self._frames > 0 and past_us < LOOK_US:
            return self._motion
        seen: _Plane = cv2.resize(plane, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32)
        if self._frames == 0:
            self._mean, self._last, past_us = seen.copy(), seen, 0
        allowed = np.maximum(self._restless * np.float32(RESTLESS), np.float32(FLOOR))
        self._mean = relight(self._mean, seen, allowed)
        distance = np.abs(seen - self._mean)
        foreground = self._compare(seen, distance, allowed)
        alive, size = self._judge(foreground, self._stir(seen, past_us))
        self._learn(seen, distance, foreground, alive, past_us)
        self._frames += 1
        self._at_us, self._last = at_us, seen
        self._settled = self._settled + 1 if size and self._frames > WARM_UP_FRAMES else 0
        self._motion = Motion(size / (WIDTH * HEIGHT), self._settled >= SETTLE_FRAMES)
        return self._motion

    def _compare(self, seen: _Plane, distance: _Plane, allowed: _Plane) -> _Mask:
        glaring = np.minimum(seen, self._mean) > GLARE
        return ((distance > allowed) & ~glaring).view(np.uint8)

    def _stir(self, seen: _Plane, past_us: int) -> _Mask:
        """Update the credit, and return where there is any."""
        change = np.abs(seen - self._last)
        noise = max(STIRRED, NOISE * median(change[::4, ::4]))
        limit = np.maximum(self._restless * np.float32(RESTLESS), np.float32(noise))
        stirred = (change > limit).view(np.uint8)
        self._credit_us += cv2.dilate(stirred, _NEARBY) * np.float32(past_us * EARNED) - np.float32(past_us)
        np.clip(self._credit_us, 0, CREDIT_US, out=self._credit_us)
        return (self._credit_us > 0).view(np.uint8)

    def _judge(self, foreground: _Mask, credit: _Mask) -> tuple[_Mask, int]:
        """Return the live blobs, and how many pixels the large ones among them have."""
        if not cv2.countNonZero(foreground):
            return foreground, 0
        count, labels = cv2.connectedComponents(
            cv2.dilate(foreground, _JOINED), connectivity=8, ltype=cv2.CV_16U
        )
        areas = np.bincount(labels[foreground != 0], minlength=count)
        lively = np.bincount(labels[(foreground & credit) != 0], minlength=count)
        live = (lively > areas * LIVELY).astype(np.uint8)
        return live[labels] & foreground, int(areas[(live != 0) & (areas >= MIN_BLOB)].sum())

    def _learn(self, seen: _Plane, distance: _Plane, foreground: _Mask, alive: _Mask, past_us: int) -> None:
        away = foreground != 0
        self._away_us += np.float32(past_us)
        self._away_us *= away
        dead = away & ((alive == 0) | (self._away_us > FOREVER_US))
        quiet = ~away
        cv2.accumulateWeighted(
            seen, self._mean, self._rate(past_us, BACKGROUND_US), mask=quiet.view(np.uint8)
        )
        cv2.accumulateWeighted(seen, self._mean, self._rate(past_us, DEAD_US), mask=dead.view(np.uint8))
        cv2.accumulateWeighted(
            distance, self._restless, self._rate(past_us, RESTLESS_US), mask=quiet.view(np.uint8)
        )
        np.maximum(self._excursion, distance, out=self._excursion, where=away)
        came_back = self._excursion * quiet
        self._restless += came_back * np.float32(EXCURSION)
        np.minimum(self._restless, np.float32(MAX_RESTLESS), out=self._restless)
        self._excursion *= away

    def _rate(self, past_us: int, time_us: int) -> float:
        """Return how much of the way to go in this time; while warming up, at least as a plain average does."""
        warming = 1 / (self._frames + 1) if self._frames < WARM_UP_FRAMES else 0.0
        return max(min(1.0, past_us / time_us), warming)

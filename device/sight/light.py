"""What a change of light does to the background: nothing else may look like it.

Exposure, a cloud or a dimmer change the whole picture along one line: new = contrast * old + brightness. The line is laid
through two points, the median darker and the median brighter half of a sample of pixels, and it counts only if it explains most
of the picture. Somebody who fills the frame is on no such line, so nothing is taken from what they show.

Pure.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

EXPLAINED: Final = 0.7
"""Share of the sample that the line has to explain."""
NOTICEABLE: Final = 1.0
"""Grey levels; less is followed by the background's own learning."""

_Plane = npt.NDArray[np.float32]


def relight(mean: _Plane, seen: _Plane, allowed: _Plane) -> _Plane:
    """Return the background under the light of what is seen; ``mean`` itself if no change of light explains it.

    Args:
        mean: the background so far, in grey levels.
        seen: the picture, of the same shape.
        allowed: how far each pixel may be from its mean.
    """
    before, after = mean[::4, ::4].ravel(), seen[::4, ::4].ravel()
    change = after - before
    middle = median(before)
    dark, bright = before <= middle, before >= middle
    low, high = median(change[dark]), median(change[bright])
    if max(abs(low), abs(high)) < NOTICEABLE:
        return mean
    at_low, at_high = median(before[dark]), median(before[bright])
    contrast = 1 + ((high - low) / (at_high - at_low) if at_high - at_low > 8 else 0.0)
    brightness = (low + high) / 2 - (contrast - 1) * (at_low + at_high) / 2
    left = np.abs(after - before * np.float32(contrast) - np.float32(brightness))
    if np.count_nonzero(left < allowed[::4, ::4].ravel()) < EXPLAINED * left.size:
        return mean
    lit: _Plane = np.clip(mean * np.float32(contrast) + np.float32(brightness), 0, 255)
    return lit


def median(values: _Plane) -> float:
    """Return the upper median; NumPy's own takes four times as long for so few values."""
    flat = values.ravel()
    return float(np.partition(flat, flat.size // 2)[flat.size // 2])

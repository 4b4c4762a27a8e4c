"""Heat: a tiny picture of what moved, for an event to carry.

576 bytes say where in the picture something moved, and for how large a share of the time; nobody can be recognised in
32x18 cells.

Pure.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from device.sight.opencv import untyped as cv2
from device.sight.structure import Bytes2D

WIDTH: Final = 32
HEIGHT: Final = 18


class Heat:
    """Gathers the ``where`` of many observations of one camera."""

    def __init__(self) -> None:
        self._sum: npt.NDArray[np.float32] | None = None

    def add(self, where: Bytes2D | None) -> None:
        """Add one observation's."""
        if where is None:
            return
        if self._sum is None:
            self._sum = np.zeros(where.shape, np.float32)
        cv2.accumulate(where, self._sum)

    def picture(self) -> bytes:
        """Return how much of the time each cell moved, row by row, the hottest cell 255; all 0 if nothing did."""
        if self._sum is None:
            return bytes(WIDTH * HEIGHT)
        cells: npt.NDArray[np.float32] = cv2.resize(self._sum, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        return bytes(np.round(cells * (255 / max(1.0, float(cells.max())))).astype(np.uint8).tobytes())

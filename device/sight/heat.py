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


def cells(moving: Bytes2D) -> bytes:
    """Return the share of each cell that moves, 0 to 255, row by row; empty if nothing does.

    Args:
        moving: 255 where something moves.
    """
    if not cv2.countNonZero(moving):
        return b""
    return bytes(cv2.resize(moving, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).tobytes())


class Heat:
    """Gathers the ``where`` of many observations."""

    def __init__(self) -> None:
        self._sum: npt.NDArray[np.float64] = np.zeros(WIDTH * HEIGHT)

    def add(self, where: bytes) -> None:
        """Add one observation's.

        Raises:
            ValueError: it is neither empty nor as many bytes as there are cells.
        """
        if not where:
            return
        if len(where) != WIDTH * HEIGHT:
            raise ValueError(f"where has {len(where)} bytes, not {WIDTH * HEIGHT}")
        self._sum += np.frombuffer(where, np.uint8)

    def picture(self) -> bytes:
        """Return the sum as bytes, row by row, the hottest cell 255; all 0 if nothing moved."""
        most = self._sum.max()
        scaled = self._sum * (255 / most) if most > 0 else self._sum
        return np.round(scaled).astype(np.uint8).tobytes()

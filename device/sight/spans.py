"""Where a polygon is, row by row: found from its corners alone, without a picture that is drawn.

Masks are painted from a raster. Whether they hold is asked of these spans, so that a fault in the raster (a bit that fell over, a
slip in drawing) shows instead of excusing itself. A pixel belongs to a span if its centre is inside by the even-odd rule; what a
polygon only touches is painted too and not asked for here.

Pure.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from device.sight.polygons import Point
from device.sight.structure import Bytes2D

Columns = npt.NDArray[np.intp]
_SAFE_PX: Final = 1 / 64
"""The raster rounds corners to a 256th of a pixel: a centre so near to a side may be on either side of it."""


def spans(points: Sequence[Point], height: int, width: int) -> tuple[Columns, Columns, Columns]:
    """Return rows, first columns and ends of columns of what is inside a polygon; spans of no width are left out.

    Args:
        points: a checked polygon.
        height: of the picture, in pixels.
        width: of the picture, in pixels.
    """
    x, y = (np.array(points) * (width, height) - 0.5).T
    x1, y1 = np.roll(x, -1), np.roll(y, -1)
    first, last = max(0, int(np.ceil(y.min()))), min(height - 1, int(np.floor(y.max())))
    rows = np.arange(first, last + 1)
    # A side counts in rows from its upper end to before its lower one, so that each row meets an even number of sides.
    meets = (np.minimum(y, y1) <= rows[:, None]) & (rows[:, None] < np.maximum(y, y1))
    with np.errstate(divide="ignore", invalid="ignore"):
        at = np.where(meets, x + (rows[:, None] - y) * (x1 - x) / (y1 - y), np.inf)
    at.sort(axis=1)
    at = at[:, : at.shape[1] // 2 * 2]
    counts = np.isfinite(at[:, 1::2])
    enter, leave = at[:, ::2][counts], at[:, 1::2][counts]
    row = np.broadcast_to(rows[:, None], counts.shape)[counts]
    start = np.clip(np.ceil(enter + _SAFE_PX), 0, width).astype(np.intp)
    end = np.clip(np.floor(leave - _SAFE_PX) + 1, 0, width).astype(np.intp)
    wide = end > start
    return row[wide], start[wide], end[wide]


def constant(plane: Bytes2D, value: int, rows: Columns, starts: Columns, ends: Columns) -> bool:
    """Return whether every pixel of these spans has one value."""
    if not rows.size:
        return True
    top, bottom, left, right = rows.min(), rows.max() + 1, starts.min(), ends.max()
    others = np.zeros((bottom - top, right - left + 1), np.int32)
    np.cumsum(plane[top:bottom, left:right] != value, axis=1, dtype=np.int32, out=others[:, 1:])
    row = rows - top
    return bool((others[row, starts - left] == others[row, ends - left]).all())

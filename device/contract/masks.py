"""The canonical bytes of a list of masks, for which a clip's statement carries the digest.

    number of masks, then for each the number of its corners and their places, each as two bytes, big-endian

Places are in 65535ths of the picture. Pure.
"""

import struct
from collections.abc import Sequence
from typing import Final

_FINE: Final = 65_535


def canonical(polygons: Sequence[Sequence[tuple[float, float]]]) -> bytes:
    """Return the list of masks as bytes; equal lists give equal bytes."""
    parts = [struct.pack(">H", len(polygons))]
    for points in polygons:
        parts.append(struct.pack(">H", len(points)))
        parts += [struct.pack(">HH", round(x * _FINE), round(y * _FINE)) for x, y in points]
    return b"".join(parts)

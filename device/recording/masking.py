"""The masks as a clip's statement tells them: the list, and the digest that stands for it.

In the statement, corners are shares in whole 65,535ths, to five digits: as fine as the digest sees them, so that whoever reads
the list comes to the same digest, and short enough for an event.

Pure.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from device.contract.masks import canonical
from device.contract.settings import Point
from device.trust.statement import Statement

MOST_CORNERS: Final = 336
"""In all: 28 masks of a dozen corners. More would leave an event with no room for its thumbnail; then the digest stands alone."""
_FINE: Final = 65_535

Masks = tuple[tuple[Point, ...], ...]


def told(masks: Sequence[Sequence[Point]]) -> tuple[Masks | None, bytes | None]:
    """Return list and digest as they go into a statement: the list is None if it is too long, the digest if there are none."""
    if not masks:
        return (), None
    digest = hashlib.sha256(canonical([tuple(points) for points in masks])).digest()
    if sum(map(len, masks)) > MOST_CORNERS:
        return None, digest
    return tuple(tuple((_share(x), _share(y)) for x, y in points) for points in masks), digest


def fit(said: Statement) -> bool:
    """Return whether the list of masks, if there is one, is what the digest stands for."""
    if said.masks is None:
        return True
    digest = hashlib.sha256(canonical(said.masks)).digest() if said.masks else None
    return digest == said.masks_sha256


def _share(value: float) -> float:
    return round(round(value * _FINE) / _FINE, 5)

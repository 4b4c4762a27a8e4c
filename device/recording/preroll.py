"""The last seconds of the camera, as whole groups of pictures, within a bound of bytes.

Only whole GOPs are kept and only whole GOPs are dropped, so whatever comes out begins with a keyframe. The newest GOP
is dropped too if it alone breaks the bound (a camera that sends no keyframes): then nothing is kept until the next keyframe.

Pure: access units in, access units out. The units are shared with the caller, never copied.
"""

from collections import deque

from device.camera.protocol import AccessUnit


class PreRoll:
    """A ring of GOPs, bounded in bytes and in time.

    Args:
        max_bytes: of access units, never exceeded; above zero.
        max_us: older GOPs are dropped as soon as the others cover this much; above zero.
    """

    def __init__(self, max_bytes: int, max_us: int) -> None:
        if max_bytes <= 0 or max_us <= 0:
            raise ValueError(f"a pre-roll of {max_bytes} bytes and {max_us} µs holds nothing")
        self._max_bytes = max_bytes
        self._max_us = max_us
        self._gops: deque[list[AccessUnit]] = deque()
        self._size_bytes = 0

    @property
    def size_bytes(self) -> int:
        """What the kept access units take."""
        return self._size_bytes

    def add(self, unit: AccessUnit) -> None:
        """Keep a unit, and drop what no longer fits; a unit that no keyframe precedes cannot be decoded and is not kept."""
        if unit.keyframe:
            self._gops.append([])
        if not self._gops:
            return
        self._gops[-1].append(unit)
        self._size_bytes += len(unit.data)
        while self._size_bytes > self._max_bytes or self._is_covered_without_oldest(unit.at_us):
            self._drop_oldest()

    def take(self, from_us: int) -> list[AccessUnit]:
        """Return the kept units from the last keyframe at or before ``from_us`` on, or all, if none is that old.

        They stay in the ring. The list is empty only while no keyframe is kept.
        """
        first = max((i for i, gop in enumerate(self._gops) if gop[0].at_us <= from_us), default=0)
        return [unit for i, gop in enumerate(self._gops) if i >= first for unit in gop]

    def spend(self, until_us: int) -> None:
        """Drop the GOPs that begin before ``until_us``, for a clip that ends there has them.

        It may end between keyframes. What follows of that GOP belongs to no clip then: it could only be decoded with
        frames that the last clip has, and clips do not overlap.
        """
        while self._gops and self._gops[0][0].at_us < until_us:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        self._size_bytes -= sum(len(unit.data) for unit in self._gops.popleft())

    def _is_covered_without_oldest(self, now_us: int) -> bool:
        return len(self._gops) > 1 and now_us - self._gops[1][0].at_us >= self._max_us

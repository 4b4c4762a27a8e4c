"""A sealed picture on the link: cut into packets, and put together again.

A keyframe may be larger than a packet. Its parts come one behind another, so whoever puts them together holds one picture at
most, and anything that does not fit says that the other side breaks the contract.

Pure. Source: docs/FORMAT.md, "Link".
"""

from device.contract.link import LIVE_PART_BYTES, MAX_CHANNELS, MAX_LIVE_BYTES, Live


def in_parts(channels: list[int], keyframe: bool | None, data: bytes) -> list[Live]:
    """Return the messages that carry a sealed picture, or a moment of sound.

    Raises:
        ValueError: it is longer than ``MAX_LIVE_BYTES``, or empty (a bug in the caller).
    """
    if not 0 < len(data) <= MAX_LIVE_BYTES:
        raise ValueError(f"a sealed picture of {len(data)} bytes, 1 to {MAX_LIVE_BYTES} travel")
    cut = [data[at : at + LIVE_PART_BYTES] for at in range(0, len(data), LIVE_PART_BYTES)]
    return [Live(channels, keyframe, part, len(cut), piece) for part, piece in enumerate(cut)]


class Parts:
    """The parts of one picture that came so far."""

    def __init__(self) -> None:
        self._parts: list[Live] = []

    def take(self, part: Live) -> bytes | None:
        """Return the picture that is whole with this part, nothing while there are more to come, None if it does not fit."""
        last = self._parts[-1] if self._parts else part
        fits = (
            part.part == len(self._parts) < part.parts <= MAX_LIVE_BYTES // LIVE_PART_BYTES
            and 0 < len(part.data) <= LIVE_PART_BYTES
            and len(part.channels) <= MAX_CHANNELS
            and (last.channels, last.keyframe, last.parts) == (part.channels, part.keyframe, part.parts)
        )
        if not fits:
            return None
        self._parts.append(part)
        if len(self._parts) < part.parts:
            return b""
        parts, self._parts = self._parts, []
        return part.data if part.parts == 1 else b"".join(piece.data for piece in parts)

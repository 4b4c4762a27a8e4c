"""A recording as one picture: a timeline of what stirred, and each visit with what moved in it.

┌ name, length, visits ─────────────────┐
│ ▁▂▁▁█████▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁███▁▁▁▁▁▁▁▁▁▁ │   shaded: would be recorded; hatched: nothing to be seen
│ ┌────┐ ┌────┐ ┌────┐ ┌────┐           │
│ │ 1  │ │ 2  │ │ 3  │ │ 4  │           │
└───────────────────────────────────────┘
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from device.sight.structure import Bytes2D
from provisioning.tune import Look, Seen, Visit

Picture = NDArray[np.uint8]

COLUMNS: Final = 4
MOST_VISITS: Final = 48
_THUMB: Final = (320, 180)
_GAP_PX: Final = 16
_CAPTION_PX: Final = 44
_PLOT_PX: Final = 160
_HEAD_PX: Final = 56
_WIDTH_PX: Final = COLUMNS * (_THUMB[0] + _GAP_PX) + _GAP_PX
_PAPER: Final = (238, 245, 250)  # blue, green, red, as OpenCV has them
_INK: Final = (27, 33, 42)
_QUIET: Final = (90, 102, 116)
_ACCENT: Final = (34, 74, 168)
_VISIT: Final = (212, 227, 246)
_BLIND: Final = (215, 215, 215)


def draw(name: str, seen: Seen) -> Picture:
    """Return the picture, uint8 (height, width, 3), blue first.

    Args:
        name: of the recording; letters that the font lacks become question marks.
        seen: what ``tune.watch`` saw.
    """
    shown = seen.visits[:MOST_VISITS]
    rows = -(-len(shown) // COLUMNS)
    height = _HEAD_PX + _PLOT_PX + 2 * _GAP_PX + rows * (_THUMB[1] + _CAPTION_PX) + 24
    sheet = np.full((height, _WIDTH_PX, 3), _PAPER, np.uint8)
    length_us = seen.looks[-1].at_us if seen.looks else 0
    left = "" if len(shown) == len(seen.visits) else f", the first {len(shown)} are shown"
    _write(sheet, f"{name}: {clock(length_us)}, {visits(len(seen.visits))}{left}", (_GAP_PX, 36), 0.8, _INK)
    _timeline(sheet[_HEAD_PX : _HEAD_PX + _PLOT_PX + 24, _GAP_PX:-_GAP_PX], seen, max(1, length_us))
    top = _HEAD_PX + _PLOT_PX + 24 + _GAP_PX
    for number, visit in enumerate(shown):
        y = top + number // COLUMNS * (_THUMB[1] + _CAPTION_PX)
        x = _GAP_PX + number % COLUMNS * (_THUMB[0] + _GAP_PX)
        _visit(sheet[y : y + _THUMB[1] + _CAPTION_PX, x : x + _THUMB[0]], number + 1, visit)
    return sheet


def png(picture: Picture) -> bytes:
    """Return a picture as a PNG file."""
    done, data = cv2.imencode(".png", picture)
    if not done:
        raise RuntimeError("OpenCV refuses to write PNG")
    return data.tobytes()


def clock(at_us: int) -> str:
    """Return a time in a recording, as ``1:02:03`` or ``2:03``."""
    minutes, seconds = divmod(at_us // 1_000_000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _timeline(area: Picture, seen: Seen, length_us: int) -> None:
    width, base = area.shape[1], _PLOT_PX
    column = [min(width - 1, look.at_us * width // length_us) for look in seen.looks]
    for look, x in zip(seen.looks, column, strict=True):
        if look.gap is not None:
            area[:base, x] = _BLIND
    for visit in seen.visits:
        area[:base, visit.from_us * width // length_us : max(1, visit.to_us * width // length_us) + 1] = (
            _VISIT
        )
    for look, x in zip(seen.looks, column, strict=True):
        # Square root: a person at the end of the path is a hundredth of the picture, and has to be seen here too.
        bar = round(look.score**0.5 * (base - 4))
        if bar:
            area[base - bar : base, x] = _ACCENT if look.moving else _QUIET
    area[base, :] = _INK
    for part in range(5):
        at_us, x = length_us * part // 4, min(width - 64, width * part // 4)
        _write(area, clock(at_us), (x, base + 20), 0.45, _QUIET)


def _visit(area: Picture, number: int, visit: Visit) -> None:
    area[: _THUMB[1]] = _warmed(visit.i420, visit.where)
    seconds = (visit.to_us - visit.from_us) / 1e6
    _write(area, f"{number}   {clock(visit.from_us)}   {seconds:.0f} s", (0, _THUMB[1] + 18), 0.5, _INK)
    _write(area, f"{visit.zone or 'picture'}: {visit.score:.1%} stirred", (0, _THUMB[1] + 36), 0.45, _QUIET)


def _warmed(i420: Bytes2D, where: Bytes2D | None) -> Picture:
    """Return a lores picture with what moved in it tinted."""
    picture = cv2.cvtColor(i420, cv2.COLOR_YUV2BGR_I420)
    if where is not None:
        tint = cv2.resize(where, _THUMB, interpolation=cv2.INTER_LINEAR)
        share = tint.astype(np.float32)[:, :, None] / 255 * 0.6
        warm = np.full_like(picture, (40, 90, 255))
        return np.asarray(picture * (1 - share) + warm * share, np.uint8)
    return np.asarray(picture, np.uint8)


def _write(area: Picture, text: str, at: tuple[int, int], size: float, colour: tuple[int, int, int]) -> None:
    letters = text.encode("ascii", "replace").decode()
    cv2.putText(area, letters, at, cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)


def visits(count: int) -> str:
    """Return how many visits there were, in words."""
    return "nothing to record" if count == 0 else f"{count} visit{'' if count == 1 else 's'}"


def as_data(look: Look) -> list[object]:
    """Return one frame for ``--json``: milliseconds, score per mille, whether it counted, gap."""
    return [look.at_us // 1000, round(look.score * 1000), look.moving, look.gap]

"""A recording as one picture: a timeline of what moved, and each visit with where it moved.

┌ name ─────────────────────────────────┐
│ length, visits, damage                │
│ ▁▂▁▁█████▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁███▁▁▁▁▁▁▁▁▁▁ │
│ what the colours mean                 │
│ ┌────┐ ┌────┐ ┌────┐ ┌────┐           │
│ │ 1  │ │ 2  │ │ 3  │ │ 4  │           │
└───────────────────────────────────────┘
"""

from typing import Final

import numpy as np

from device.contract.settings import Settings
from device.sight.opencv import untyped as cv2
from device.sight.structure import Bytes2D
from provisioning.tune.ink import ACCENT, INK, PAPER, QUIET, WARM, ZONE, Picture, shortened, width_px, write
from provisioning.tune.timeline import HEIGHT_PX, clock, draw_timeline
from provisioning.tune.tune import Look, Seen, Visit

COLUMNS: Final = 4
MOST_VISITS: Final = 48
_THUMB: Final = (320, 180)
_GAP_PX: Final = 16
_CAPTION_PX: Final = 50
_HEAD_PX: Final = 76
_WIDTH_PX: Final = COLUMNS * (_THUMB[0] + _GAP_PX) + _GAP_PX
_TINT: Final = 0.25
"""How much of a pixel that moved is colour: whoever it is has to be recognised."""


def draw(name: str, seen: Seen, settings: Settings | None = None) -> Picture:
    """Return the picture, uint8 (height, width, 3), blue first.

    Args:
        name: of the recording.
        seen: what ``tune.watch`` saw.
        settings: with which it watched; their zones are drawn into each visit.
    """
    shown = seen.visits[:MOST_VISITS]
    rows = -(-len(shown) // COLUMNS)
    top = _HEAD_PX + HEIGHT_PX + _GAP_PX
    sheet = np.full((top + rows * (_THUMB[1] + _CAPTION_PX), _WIDTH_PX, 3), PAPER, np.uint8)
    write(sheet, shortened(name, _WIDTH_PX - 2 * _GAP_PX, 22), (_GAP_PX, 34), 22, INK)
    write(sheet, _summary(seen, len(shown)), (_GAP_PX, 58), 15, ACCENT if seen.broken else QUIET)
    draw_timeline(sheet[_HEAD_PX : _HEAD_PX + HEIGHT_PX, _GAP_PX:-_GAP_PX], seen)
    for number, visit in enumerate(shown):
        y = top + number // COLUMNS * (_THUMB[1] + _CAPTION_PX)
        x = _GAP_PX + number % COLUMNS * (_THUMB[0] + _GAP_PX)
        _visit(
            sheet[y : y + _THUMB[1] + _CAPTION_PX, x : x + _THUMB[0]],
            number + 1,
            visit,
            settings or Settings(),
        )
    return sheet


def png(picture: Picture) -> bytes:
    """Return a picture as a PNG file."""
    done, data = cv2.imencode(".png", picture)
    if not done:
        raise RuntimeError("OpenCV refuses to write PNG")
    return bytes(data)


def visits(count: int) -> str:
    """Return how many visits there were, in words."""
    return "nothing to record" if count == 0 else f"{count} visit{'' if count == 1 else 's'}"


def as_data(look: Look) -> list[object]:
    """Return one frame for ``--json``: milliseconds, score per mille, whether it counted, gap, whether somebody stands still."""
    return [look.at_us // 1000, round(look.score * 1000), look.moving, look.gap, look.lingering]


def _summary(seen: Seen, shown: int) -> str:
    said = [f"{clock(seen.length_us)} long", visits(len(seen.visits))]
    if shown < len(seen.visits):
        said.append(f"the first {shown} are shown")
    if seen.broken:
        said[0] = f"damaged: watched up to {clock(seen.length_us)}"
    said.append("bars: how much of the picture moved; below them minutes and seconds")
    return ", ".join(said[:-1]) + f"   ({said[-1]})"


def _visit(area: Picture, number: int, visit: Visit, settings: Settings) -> None:
    picture = _warmed(visit.i420, visit.where)
    for zone in settings.zones:
        _outline(picture, zone.name, zone.points, ignored=zone.ignored)
    area[: _THUMB[1]] = picture
    seconds = (visit.to_us - visit.from_us) / 1e6
    write(
        area,
        f"{number}    {clock(visit.from_us)} to {clock(visit.to_us)}, {seconds:.0f} s",
        (0, _THUMB[1] + 18),
        15,
    )
    where = f", first in {visit.zone}" if visit.zone else ""
    share = f"{visit.score:.0%}" if visit.score >= 0.02 else f"{visit.score:.1%}"
    caption = shortened(f"at most {share} of the picture moved{where}", _THUMB[0])
    write(area, caption, (0, _THUMB[1] + 36), 13, QUIET)


def _warmed(i420: Bytes2D, where: Bytes2D | None) -> Picture:
    """Return a lores picture with what moved in it outlined and tinted."""
    picture = np.asarray(cv2.cvtColor(i420, cv2.COLOR_YUV2BGR_I420), np.uint8)
    if where is None:
        return picture
    large = cv2.resize(where, _THUMB, interpolation=cv2.INTER_LINEAR)
    share = large.astype(np.float32)[:, :, None] / 255 * _TINT
    warmed = np.asarray(picture * (1 - share) + np.array(WARM, np.float32) * share, np.uint8)
    outlines, _ = cv2.findContours(cv2.inRange(large, 128, 255), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(warmed, outlines, -1, WARM, 2, cv2.LINE_AA)
    return warmed


def _outline(picture: Picture, name: str, points: tuple[tuple[float, float], ...], *, ignored: bool) -> None:
    """Draw a zone's edge and its name; grey if nothing counts there."""
    places = np.round(np.array(points) * (_THUMB[0] - 1, _THUMB[1] - 1)).astype(np.int32)
    colour = QUIET if ignored else ZONE
    cv2.polylines(picture, [places], True, PAPER, 3, cv2.LINE_AA)
    cv2.polylines(picture, [places], True, colour, 1, cv2.LINE_AA)
    label = shortened(f"{name} (ignored)" if ignored else name, 150, 12)
    wide = width_px(label, 12)
    x = int(np.clip(places[:, 0].min() + 4, 0, max(0, _THUMB[0] - wide - 6)))
    y = int(np.clip(places[:, 1].min() + 4, 0, _THUMB[1] - 18))
    picture[y : y + 16, x : x + wide + 6] = PAPER
    write(picture, label, (x + 3, y + 12), 12, colour)

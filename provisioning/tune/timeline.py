"""A recording's timeline: how much moved when, what of it would be recorded, and what the colours mean.

The height of a bar is the square root of the share that moved: a person at the end of the path is a hundredth of the
picture, and has to be seen here too.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from provisioning.tune.ink import (
    ACCENT,
    BEFORE,
    BLIND,
    GRID,
    INK,
    PAPER,
    QUIET,
    STILL,
    VISIT,
    Picture,
    stripes,
    width_px,
    write,
)
from provisioning.tune.tune import Seen

PLOT_PX: Final = 170
HEIGHT_PX: Final = PLOT_PX + 66
_LEFT_PX: Final = 50
_STRIP_PX: Final = 7
_SHARES: Final = (0.01, 0.1, 0.25, 0.5, 1.0)
_STEPS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400)
_MOST_STEPS: Final = 12
_LEGEND: Final = (
    (ACCENT, "moved, and counts"),
    (QUIET, "moved, but too little, too briefly or as always"),
    (STILL, "stands still: keeps a recording going"),
    (VISIT, "would be recorded"),
    (BEFORE, "kept from just before"),
    (BLIND, "nothing to be seen"),
)


def clock(at_us: int) -> str:
    """Return a time in a recording, as ``1:02:03`` or ``2:03``."""
    minutes, seconds = divmod(at_us // 1_000_000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def draw_timeline(area: Picture, seen: Seen) -> None:
    """Draw the timeline into a picture of HEIGHT_PX rows."""
    plot, length_us = area[:PLOT_PX, _LEFT_PX:], max(1, seen.length_us)
    width: int = plot.shape[1]

    def column(at_us: int) -> int:
        return min(width - 1, max(0, at_us * width // length_us))

    columns = np.array([column(look.at_us) for look in seen.looks], np.intp)
    _gaps(plot, seen, columns)
    for visit in seen.visits:
        before, start, end = (column(at_us) for at_us in (visit.clip_from_us, visit.from_us, visit.to_us))
        plot[:, before:start] = BEFORE
        plot[:, start : end + 1] = VISIT
    for share in _SHARES:
        row = round((1 - share**0.5) * (PLOT_PX - 1))
        plot[row] = np.where((plot[row] == PAPER).all(axis=1)[:, None], np.array(GRID, np.uint8), plot[row])
        label = f"{share:.0%}"
        write(
            area, label, (_LEFT_PX - 6 - width_px(label, 12), min(PLOT_PX - 2, max(10, row + 4))), 12, QUIET
        )
    _bars(plot, seen, columns)
    _numbers(plot, [(column(visit.clip_from_us), column(visit.from_us)) for visit in seen.visits])
    plot[-1] = INK
    _times(area[:, _LEFT_PX:], seen.length_us)
    _legend(area[PLOT_PX + 40 :])


def _gaps(plot: Picture, seen: Seen, columns: NDArray[np.intp]) -> None:
    blind = np.zeros(plot.shape[1], bool)
    for look, x, end in zip(seen.looks, columns, np.append(columns[1:], plot.shape[1]), strict=True):
        blind[x : max(x + 1, end)] |= look.gap is not None
    hatched = plot.copy()
    stripes(hatched, BLIND)
    plot[:, blind] = hatched[:, blind]


def _bars(plot: Picture, seen: Seen, columns: NDArray[np.intp]) -> None:
    """Draw the highest of each column, what counts before what does not, and where somebody stands still."""
    heights = np.zeros((2, plot.shape[1]), np.intp)
    still = np.zeros(plot.shape[1], bool)
    ends = np.append(columns[1:], plot.shape[1])
    for look, x, end in zip(seen.looks, columns, ends, strict=True):
        own = slice(x, max(x + 1, end))  # a short recording has fewer frames than the plot has columns
        kind = heights[int(look.moving)]
        kind[own] = np.maximum(kind[own], round(look.score**0.5 * (PLOT_PX - 4)))
        still[own] |= look.lingering
    from_below = np.arange(PLOT_PX, 0, -1)[:, None]
    plot[from_below <= heights[0]] = QUIET
    plot[from_below <= heights[1]] = ACCENT
    plot[-_STRIP_PX:, still & (heights[1] == 0)] = STILL


def _numbers(plot: Picture, starts: list[tuple[int, int]]) -> None:
    """Set a line before each clip, and its number where there is room for it."""
    free_from = 0
    for number, (before, start) in enumerate(starts, 1):
        plot[:, before : before + 2] = PAPER
        label = str(number)
        x = min(max(start, before + 2) + 3, plot.shape[1] - width_px(label, 15) - 2)
        if x >= free_from:
            write(plot, label, (x, 18), 15, INK)
            free_from = x + width_px(label, 15) + 4


def _times(area: Picture, length_us: int) -> None:
    length_s = length_us / 1e6
    step_s = next((step for step in _STEPS_S if length_s / step <= _MOST_STEPS), _STEPS_S[-1])
    width = area.shape[1]
    for number in range(int(length_s // step_s) + 1):
        at_us = number * step_s * 1_000_000
        x = min(width - 1, at_us * width // max(1, length_us))
        area[PLOT_PX : PLOT_PX + 5, x] = INK
        label = clock(at_us)
        half = width_px(label, 12) // 2
        write(area, label, (min(max(0, x - half), width - 2 * half - 2), PLOT_PX + 18), 12, QUIET)


def _legend(area: Picture) -> None:
    x = 0
    for colour, label in _LEGEND:
        swatch = area[2:14, x : x + 16]
        if colour == BLIND:
            stripes(swatch, colour)
        else:
            swatch[-_STRIP_PX if colour == STILL else 0 :] = colour
        write(area, label, (x + 22, 13), 12, INK)
        x += 22 + width_px(label, 12) + 18

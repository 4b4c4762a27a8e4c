"""A table as lines: columns side by side while they fit, else a few lines for each row. No figure and no word of ours is cut.

    no width     a pipe: every cell whole, columns apart by two spaces, no line drawn
    wide         the same
    too narrow   columns that are empty are left out, columns of text wrapped
    narrower     each row by itself: a heading and its cell on a line, empty ones left out

Pure.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Final, Literal

from rich.cells import cell_len, chop_cells

Column = tuple[str, Literal["left", "right", "text"]]
"""Heading of a column, and the side that its cells keep to; ``text`` keeps left, and may be wrapped."""
Row = tuple[Sequence[str], str]
"""Cells of a table, and the style of all of them; none if empty."""

GAP: Final = "  "
_SPACE: Final = re.compile(" (?!%)")
"""Where a line may end: a number stays beside its sign."""
LEAST_TEXT: Final = 11
"""Cells of a terminal that a column of text needs: the longest verdict is this long."""


def lay_out(
    columns: Sequence[Column], rows: Sequence[Row], width: int | None = None
) -> Iterator[tuple[str, str]]:
    """Yield the lines of a table with their styles, headings first.

    Args:
        columns: heading and side of each.
        rows: as many cells each.
        width: of the terminal, in its cells; None for a pipe.
    """
    headings = [heading for heading, _ in columns]
    widths = [
        max(map(cell_len, cells)) for cells in zip(headings, *(cells for cells, _ in rows), strict=True)
    ]
    if width is not None and sum(widths) + len(GAP) * (len(columns) - 1) > width:
        told = [any(cells[number] for cells, _ in rows) for number in range(len(columns))]
        if not all(told):
            # What says nothing of any row leaves its room to the others.
            some = [(tuple(compress(cells, told)), style) for cells, style in rows]
            yield from lay_out(list(compress(columns, told)), some, width)
            return
        fitted = _fit(columns, widths, _words(headings, rows), width) or _fit(
            columns, widths, [0] * len(widths), width
        )
        if fitted is None:
            yield from _stacked(headings, rows, width)
            return
        widths = fitted
    for cells, style in ((headings, "bold"), *rows):
        for line in _side_by_side(columns, widths, cells):
            yield line, style


def wrap(text: str, width: int) -> list[str]:
    """Return a text in lines no wider than a terminal's ``width`` cells, broken at spaces where there are any."""
    lines, line = [], ""
    for word in _SPACE.split(text):
        for part in chop_cells(word, width) if cell_len(word) > width else [word]:
            longer = f"{line} {part}" if line else part
            if line and cell_len(longer) > width:
                lines.append(line)
                longer = part
            line = longer
    return [*lines, line]


def _words(headings: Sequence[str], rows: Sequence[Row]) -> list[int]:
    """Return how wide the longest word of each column is."""
    return [
        max(cell_len(word) for cell in cells for word in _SPACE.split(cell))
        for cells in zip(headings, *(cells for cells, _ in rows), strict=True)
    ]


def _fit(
    columns: Sequence[Column], widths: Sequence[int], least: Sequence[int], width: int
) -> list[int] | None:
    """Return narrower columns of text, the widest narrowed first; None if there is no room for them."""
    texts = [number for number, (_, side) in enumerate(columns) if side == "text"]
    fitted = list(widths)
    spare = width - sum(widths) - len(GAP) * (len(columns) - 1)
    while spare < 0:
        free = [number for number in texts if fitted[number] > max(LEAST_TEXT, least[number])]
        if not free:
            return None
        widest = max(free, key=lambda number: fitted[number])
        fitted[widest] -= 1
        spare += 1
    return fitted


def _side_by_side(columns: Sequence[Column], widths: Sequence[int], cells: Sequence[str]) -> Iterator[str]:
    wrapped = [
        wrap(cell, width) if side == "text" else [cell]
        for cell, width, (_, side) in zip(cells, widths, columns, strict=True)
    ]
    for number in range(max(map(len, wrapped))):
        parts = []
        for lines, width, (_, side) in zip(wrapped, widths, columns, strict=True):
            part = lines[number] if number < len(lines) else ""
            blank = " " * (width - cell_len(part))
            parts.append(blank + part if side == "right" else part + blank)
        yield GAP.join(parts).rstrip()


def _stacked(headings: Sequence[str], rows: Sequence[Row], width: int) -> Iterator[tuple[str, str]]:
    indent = max(map(cell_len, headings)) + len(GAP)
    for row, (cells, style) in enumerate(rows):
        if row:
            yield "", ""
        for heading, cell in zip(headings, cells, strict=True):
            for number, line in enumerate(wrap(cell, max(LEAST_TEXT, width - indent)) if cell else ()):
                start = heading if not number else ""
                yield start + " " * (indent - cell_len(start)) + line, style

"""Colours and letters of the tuning sheet. OpenCV's own font knows more letters than any household will name a zone in."""

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from device.sight.opencv import untyped as cv2

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]
"""Blue, green, red, as OpenCV has them."""

PAPER: Final[Colour] = (238, 245, 250)
INK: Final[Colour] = (27, 33, 42)
QUIET: Final[Colour] = (90, 102, 116)
ACCENT: Final[Colour] = (34, 74, 168)
VISIT: Final[Colour] = (198, 216, 240)
BEFORE: Final[Colour] = (220, 232, 246)
STILL: Final[Colour] = (60, 150, 220)
BLIND: Final[Colour] = (190, 190, 190)
GRID: Final[Colour] = (214, 220, 226)
WARM: Final[Colour] = (40, 90, 255)
ZONE: Final[Colour] = (170, 90, 20)


@cache
def _font() -> Any:  # noqa: ANN401 - OpenCV's stubs lack it
    return cv2.FontFace("sans")


def write(area: Picture, text: str, at: tuple[int, int], size: int = 13, colour: Colour = INK) -> None:
    """Write a line into a picture.

    Args:
        area: is drawn on.
        text: one line.
        at: left end of its base line.
        size: height of the letters, in pixels.
        colour: of the letters.
    """
    cv2.putText(area, text, at, colour, _font(), size, 400)


def width_px(text: str, size: int = 13) -> int:
    """Return how wide a line is."""
    return int(cv2.getTextSize((10_000, 100), text, (0, 50), _font(), size, 400)[2])


def shortened(text: str, most_px: int, size: int = 13) -> str:
    """Return the text, or as much of its beginning as fits, and an ellipsis."""
    if width_px(text, size) <= most_px:
        return text
    while text and width_px(f"{text}…", size) > most_px:
        text = text[:-1]
    return f"{text}…"


def stripes(area: Picture, colour: Colour) -> None:
    """Hatch a picture."""
    rows, columns = np.indices(area.shape[:2])
    area[(rows + columns) % 8 < 3] = colour

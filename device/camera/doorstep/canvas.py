"""Drawing on I420 directly, so that a drawn frame costs the encoder's path no colour conversion.

Places are in a picture of 1280x720, whatever the real size is. Shapes are drawn into all three planes with OpenCV, in
sixteenths of a pixel.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from device.camera.doorstep.letters import dots
from device.camera.protocol import Bytes2D, VideoFormat
from device.sight.luma import planes
from device.sight.opencv import cv2

Point = tuple[float, float]

WIDTH: Final = 1280
HEIGHT: Final = 720
MAX_LUMA: Final = 222
"""White here: leaves room for the noise that is added without a check for overflow."""
_SHIFT: Final = 4


@dataclass(frozen=True, slots=True)
class Colour:
    """BT.709, limited range."""

    y: int
    u: int
    v: int

    def lit(self, light: float) -> "Colour":
        """Return the colour under this much light, 1.0 for day."""
        return Colour(
            16 + round((self.y - 16) * light),
            128 + round((self.u - 128) * light),
            128 + round((self.v - 128) * light),
        )


def rgb(red: int, green: int, blue: int) -> Colour:
    """Return a colour given as on a screen, 0 to 255 each."""
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return Colour(
        min(MAX_LUMA, round(16 + y * 219 / 255)),
        round(128 + (blue - y) / 1.8556 * 224 / 255),
        round(128 + (red - y) / 1.5748 * 224 / 255),
    )


class Canvas:
    """A picture to draw on; whatever was drawn before stays below.

    Args:
        i420: uint8 (height * 3 // 2, width), C-contiguous; is drawn on.
        video: its size.
        light: dims every colour; 1.0 for day.
    """

    def __init__(self, i420: Bytes2D, video: VideoFormat, light: float = 1.0) -> None:
        self.y, self.u, self.v = planes(i420, video.height_px, video.width_px)
        self.light = light
        self._scale = np.array([video.width_px / WIDTH, video.height_px / HEIGHT])

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill a polygon."""
        place = np.array(points) * self._scale * (1 << _SHIFT)
        for plane, value, part in self._planes(colour):
            cv2.fillPoly(
                plane, [np.round(place * part).astype(np.int32)], value, lineType=cv2.LINE_AA, shift=_SHIFT
            )

    def rectangle(self, left_top: Point, right_bottom: Point, colour: Colour) -> None:
        """Fill an upright rectangle."""
        (x0, y0), (x1, y1) = (
            np.round(np.array(corner) * self._scale).astype(int) for corner in (left_top, right_bottom)
        )
        for plane, value, part in self._planes(colour):
            plane[int(max(0, y0) * part) : int(y1 * part), int(max(0, x0) * part) : int(x1 * part)] = value

    def ellipse(
        self, centre: Point, radii: Point, colour: Colour, *, angle: float = 0.0, arc: Point = (0, 360)
    ) -> None:
        """Fill an ellipse, or a slice of one."""
        sixteenths = self._scale * (1 << _SHIFT)
        for plane, value, part in self._planes(colour):
            at = np.round(np.array(centre) * sixteenths * part).astype(int)
            axes = np.round(np.array(radii) * sixteenths * part).astype(int)
            cv2.ellipse(
                plane,
                (int(at[0]), int(at[1])),
                (int(axes[0]), int(axes[1])),
                angle,
                *arc,
                value,
                -1,
                cv2.LINE_AA,
                _SHIFT,
            )

    def limb(self, start: Point, end: Point, width: float, colour: Colour) -> None:
        """Draw a line of this width with round ends."""
        sixteenths = self._scale * (1 << _SHIFT)
        for plane, value, part in self._planes(colour):
            a, b = (np.round(np.array(point) * sixteenths * part).astype(int) for point in (start, end))
            thick = max(1, round(width * float(self._scale[1]) * part))
            cv2.line(plane, (int(a[0]), int(a[1])), (int(b[0]), int(b[1])), value, thick, cv2.LINE_AA, _SHIFT)

    def text(self, left_top: Point, dot: float, words: str, colour: Colour) -> None:
        """Write a line, each of its dots this wide; at least one pixel of Y."""
        left, top = (round(place) // 2 * 2 for place in np.array(left_top) * self._scale)
        size = max(1, round(dot * float(self._scale[1])))
        ink = dots(words).repeat(size, 0).repeat(size, 1)
        for plane, value, part in self._planes(colour):
            step = round(1 / part)
            cells = plane[int(top * part) :, int(left * part) :][
                : -(-ink.shape[0] // step), : -(-ink.shape[1] // step)
            ]
            cells[ink[::step, ::step][: cells.shape[0], : cells.shape[1]] != 0] = value

    def _planes(self, colour: Colour) -> tuple[tuple[Bytes2D, int, float], ...]:
        lit = colour.lit(self.light)
        return (self.y, lit.y, 1.0), (self.u, lit.u, 0.5), (self.v, lit.v, 0.5)

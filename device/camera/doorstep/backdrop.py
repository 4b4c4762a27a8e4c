"""What stands still: sky, hedge, path, wall, door, bell, lamp and parcel box, by day and by night.

Two pictures are drawn once; dusk and dawn are mixtures of them. Noise is drawn once as well, in a tile larger than the
picture of which each frame takes another window: fresh to a detector, and one addition per pixel.
"""

import math
from typing import Final

import numpy as np

from device.camera.doorstep.canvas import HEIGHT, MAX_LUMA, WIDTH, Canvas, Colour, rgb
from device.camera.protocol import Bytes2D, VideoFormat
from device.sight.luma import planes
from device.sight.opencv import cv2

NIGHT_LIGHT: Final = 0.3
BELL: Final = (868.0, 392.0)
LAMP: Final = (866.0, 190.0)
BOX: Final = (742.0, 470.0)
_SIGMA: Final = {"day": 1.2, "night": 4.5}
"""Grey levels: a good sensor in the sun, and the same at high gain."""
_MOST: Final = 14
"""The largest deviation, and what is added on average, by day as by night."""
_NOISE_MARGIN_PX: Final = 64
_WALL: Final = rgb(196, 178, 158)
_DOOR: Final = rgb(38, 96, 110)
_BRASS: Final = rgb(214, 176, 84)


class Backdrop:
    """The empty doorstep.

    Args:
        video: size of the picture.
        seed: of the noise.
    """

    def __init__(self, video: VideoFormat, seed: int) -> None:
        self._video = video
        self._day = _draw(video, 1.0)
        self._night = _draw(video, NIGHT_LIGHT)
        _shine(self._night, video)
        self._mixed = self._day.copy()
        self._mixed_for = 1.0
        self._noise = {name: _noise(video, seed, sigma) for name, sigma in _SIGMA.items()}

    def put(self, i420: Bytes2D, daylight: float) -> None:
        """Draw the empty doorstep over the whole of ``i420``."""
        if daylight != self._mixed_for:
            cv2.addWeighted(self._day, daylight, self._night, 1 - daylight, 0, dst=self._mixed)
            self._mixed_for = daylight
        np.copyto(i420, self._mixed)

    def add_noise(self, i420: Bytes2D, daylight: float, frame: int) -> None:
        """Add the sensor's noise to Y; the same for the same frame number."""
        luma, _, _ = planes(i420, self._video.height_px, self._video.width_px)
        x, y = frame * 37 % _NOISE_MARGIN_PX, frame * 23 % _NOISE_MARGIN_PX
        noise = self._noise["day" if daylight > 0.5 else "night"]
        np.add(luma, noise[y : y + luma.shape[0], x : x + luma.shape[1]], out=luma)


def _draw(video: VideoFormat, light: float) -> Bytes2D:
    i420 = np.empty((video.height_px * 3 // 2, video.width_px), np.uint8)
    canvas = Canvas(i420, video, light)
    _sky(canvas, light)
    _garden(canvas)
    _house(canvas)
    return i420


def _sky(canvas: Canvas, light: float) -> None:
    for row in range(0, 360, 4):
        part = row / 360
        canvas.rectangle(
            (0, row),
            (WIDTH, row + 4),
            rgb(round(120 + 110 * part), round(170 + 60 * part), round(224 - 10 * part)),
        )
    if light == 1.0:
        for x, y, size in ((190, 90, 1.0), (470, 60, 0.7), (690, 130, 0.8)):
            for dx, dy, radius in ((-46, 8, 26), (-14, -6, 36), (26, 0, 32), (58, 10, 20)):
                canvas.ellipse(
                    (x + dx * size, y + dy * size),
                    (radius * size * 1.2, radius * size * 0.8),
                    rgb(250, 250, 250),
                )
        return
    canvas.light = 1.0
    canvas.ellipse((300, 96), (30, 30), rgb(226, 226, 204))
    canvas.ellipse((313, 88), (27, 27), rgb(143, 189, 222).lit(light))
    for i in range(26):  # stars, strewn by a golden angle
        canvas.ellipse((i * 223.6 % 850, i * 97.3 % 250), (1.6, 1.6), rgb(190, 196, 210))
    canvas.light = light


def _garden(canvas: Canvas) -> None:
    canvas.polygon(
        ((0, 330), (180, 290), (420, 322), (640, 280), (860, 320), (860, 400), (0, 400)), rgb(134, 158, 132)
    )
    canvas.rectangle((120, 268), (286, 372), rgb(206, 188, 170))  # the neighbours
    canvas.polygon(((104, 272), (203, 206), (302, 272)), rgb(150, 92, 76))
    canvas.rectangle((148, 300), (178, 330), rgb(110, 130, 148))
    canvas.rectangle((224, 300), (254, 330), rgb(110, 130, 148))
    for x in range(-20, 880, 44):  # the hedge
        canvas.ellipse((x, 384 + 9 * math.sin(x)), (40, 30), rgb(62, 104, 62))
    for row in range(384, HEIGHT, 8):
        part = (row - 384) / (HEIGHT - 384)
        canvas.rectangle(
            (0, row),
            (WIDTH, row + 8),
            rgb(round(112 - 24 * part), round(150 - 30 * part), round(84 - 20 * part)),
        )
    canvas.polygon(
        (
            (-10, 470),
            (240, 486),
            (520, 530),
            (760, 590),
            (1280, 620),
            (1280, 720),
            (470, 720),
            (300, 640),
            (120, 570),
            (-10, 540),
        ),
        rgb(190, 182, 168),
    )
    for i in range(7):  # joints between the flagstones
        x = 60 + i * 108
        canvas.limb((x, 478 + i * 17), (x - 30 + i * 10, 556 + i * 24), 2.5, rgb(164, 156, 144))
    for x, y in ((60, 610), (130, 666), (220, 690), (40, 690), (330, 700), (560, 476), (640, 492)):  # flowers
        canvas.limb((x, y), (x, y + 22), 3, rgb(70, 112, 60))
        canvas.ellipse((x, y), (8, 8), rgb(204, 84, 92) if x % 20 else rgb(230, 200, 96))


def _house(canvas: Canvas) -> None:
    canvas.rectangle((830, 0), (WIDTH, 636), _WALL)
    for row in range(20, 636, 40):
        canvas.rectangle((830, row), (WIDTH, row + 2), rgb(178, 160, 142))
        for x in range(830 + (row // 40 % 2) * 40, WIDTH, 80):
            canvas.rectangle((x, row), (x + 2, row + 40), rgb(178, 160, 142))
    canvas.rectangle((830, 0), (836, 636), rgb(150, 134, 118))
    canvas.rectangle((916, 92), (1196, 636), rgb(236, 232, 224))  # frame
    canvas.rectangle((934, 110), (1178, 636), _DOOR)
    for x, y, height in ((962, 300, 130), (1066, 300, 130), (962, 456, 140), (1066, 456, 140)):
        canvas.rectangle((x, y), (x + 84, y + height), rgb(30, 80, 92))
    canvas.ellipse((1056, 262), (96, 110), rgb(168, 196, 204), arc=(180, 360))  # fanlight
    for angle in (-45, 0, 45):
        turn = math.radians(angle)
        canvas.limb((1056, 262), (1056 + 96 * math.sin(turn), 262 - 110 * math.cos(turn)), 5, _DOOR)
    canvas.ellipse((952, 442), (9, 9), _BRASS)
    canvas.rectangle((1020, 438), (1092, 450), _BRASS)
    canvas.text((1222, 214), 6, "7", rgb(60, 56, 52))
    canvas.polygon(((900, 636), (1212, 636), (1240, 672), (872, 672)), rgb(150, 144, 136))  # step
    canvas.polygon(((958, 640), (1154, 640), (1166, 660), (946, 660)), rgb(112, 82, 60))  # mat
    canvas.rectangle((BELL[0] - 14, BELL[1] - 26), (BELL[0] + 14, BELL[1] + 26), rgb(50, 50, 54))
    canvas.ellipse(BELL, (8, 8), rgb(236, 232, 224))
    canvas.limb((LAMP[0] - 24, LAMP[1] - 34), (LAMP[0], LAMP[1] - 34), 6, rgb(50, 50, 54))
    canvas.polygon(((846, 158), (886, 158), (880, 216), (852, 216)), rgb(250, 236, 180))
    canvas.polygon(((838, 160), (866, 138), (894, 160)), rgb(50, 50, 54))
    canvas.rectangle((700, 470), (784, 616), rgb(72, 92, 80))  # parcel box
    canvas.polygon(((692, 474), (742, 448), (792, 474)), rgb(54, 72, 62))
    canvas.rectangle((714, 496), (770, 508), rgb(40, 50, 46))


def _noise(video: VideoFormat, seed: int, sigma: float) -> Bytes2D:
    """Return a tile of normal noise around _MOST."""
    cv2.setRNGSeed(seed)
    tile = np.empty((video.height_px + _NOISE_MARGIN_PX, video.width_px + _NOISE_MARGIN_PX), np.uint8)
    cv2.randn(tile, np.array([_MOST]), np.array([sigma]))
    return np.clip(tile, 0, 2 * _MOST, out=tile)


def _shine(i420: Bytes2D, video: VideoFormat) -> None:
    """Add the lamp's light to the night, row by row because whole arrays of floats cost 20 MB for ever."""
    for plane, strength in zip(
        planes(i420, video.height_px, video.width_px), (130.0, -22.0, 12.0), strict=True
    ):
        height, width = plane.shape
        across = ((np.arange(width) / width * WIDTH - LAMP[0]) / 130) ** 2
        for i, row in enumerate(plane):
            glow = strength / (1 + across + ((i / height * HEIGHT - LAMP[1]) / 130) ** 2)
            row[:] = np.clip(row + glow * (0.25 + row / 255.0), 16, MAX_LUMA)


def light_at(x: float, daylight: float) -> float:
    """Return how much light falls on somebody at this place: by night, the lamp's."""
    lamp = 0.55 / (1 + ((x - LAMP[0]) / 260) ** 2)
    return daylight + (1 - daylight) * (NIGHT_LIGHT + lamp)


def shade(colour: Colour, by: float) -> Colour:
    """Return a darker (below 1.0) colour of the same hue."""
    return Colour(16 + round((colour.y - 16) * by), colour.u, colour.v)

"""Paints what must never exist, in the picture itself, before anything else sees it.

Privacy paints everything. What was painted is looked at again every second: a picture that still shows what it must not ends
the camera, rather than being recorded. Until one was found in order, every picture is looked at.
"""

from typing import Final

from device.camera.errors import CameraError
from device.camera.protocol import Bytes2D, VideoFormat
from device.contract.settings import Settings
from device.sight.luma import planes
from device.sight.masks import BLACK, Masks

CHECKED_US: Final = 1_000_000


class Painter:
    """Paints for one camera; ``turn`` may be called from any thread."""

    def __init__(self, video: VideoFormat, settings: Settings) -> None:
        self._video = video
        self._wanted = settings
        self._checked_us: int | None = None
        self._take(settings)

    def twin(self, video: VideoFormat) -> "Painter":
        """Return a painter of the same settings for pictures of another size; it is turned by itself."""
        return Painter(video, self._taken)

    def turn(self, settings: Settings) -> None:
        """Have these settings painted from the next picture on."""
        self._wanted = settings

    def turned(self) -> Settings | None:
        """Return the settings that count from this picture on, if they are new."""
        wanted = self._wanted
        if wanted is self._taken:
            return None
        self._take(wanted)
        return wanted

    def paint(self, i420: Bytes2D, at_us: int) -> None:
        """Paint one picture, in place.

        Raises:
            CameraError: what must be hidden is still there.
        """
        if self._blank:
            for plane, value in zip(self._planes(i420), BLACK, strict=True):
                plane.fill(value)
        else:
            self._masks.paint(i420)
        if self._checked_us is None or not 0 <= at_us - self._checked_us < CHECKED_US:
            if not self._is_hidden(i420):
                self._checked_us = None
                raise CameraError(
                    "the privacy masks do not hold", hint="set them anew; until then nothing is seen"
                )
            self._checked_us = at_us

    def _is_hidden(self, i420: Bytes2D) -> bool:
        if not self._blank:
            return self._masks.intact(i420)
        return all(
            bool((plane == value).all()) for plane, value in zip(self._planes(i420), BLACK, strict=True)
        )

    def _planes(self, i420: Bytes2D) -> tuple[Bytes2D, ...]:
        return planes(i420, self._video.height_px, self._video.width_px)

    def _take(self, settings: Settings) -> None:
        self._taken = settings
        self._blank = settings.privacy
        self._masks = Masks(settings.masks, self._video.height_px, self._video.width_px)
        self._checked_us = None

"""The Pi's own camera, by picamera2: pictures are painted where the camera put them, before any encoder sees them.

    picamera2's thread                                      iterating thread
    pre_callback: paint main ─┬─▶ the Pi's encoder ──┐
                              └─▶ copy for x264 ─────┼─bounded─▶ x264 ─▶ AccessUnit
                  copy and paint lores ──────────────┘                  Luma, Turned

An exception in a callback or an output would end picamera2's thread, and ``stop`` would then wait for it for ever: so none
leaves here. What cannot be painted is blanked, and ends the camera. Neither waits: where the other side does not keep up,
pictures are left out, and of an encoded stream everything up to the next keyframe.

The sensor's times are nanoseconds of the boot clock, which is CLOCK_MONOTONIC on a computer that never sleeps.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Final

from device.camera.encoder import Encoder
from device.camera.errors import CameraError, EncoderError
from device.camera.ladder import Thinning
from device.camera.painter import Painter
from device.camera.picamera import Connected
from device.camera.protocol import AccessUnit, Bytes2D, Captured, Luma, Turned, VideoFormat
from device.camera.sps import at_once
from device.sight.luma import LUMA_HEIGHT_PX, LUMA_WIDTH_PX

SILENT_S: Final = 5.0
"""At night a picture may take an eighth of a second; five seconds are a dead camera."""
WAITING: Final = 32
"""Items between the two threads: a second, of lores pictures and access units."""
PICTURES_WAITING: Final = 2
"""Whole pictures for x264, 1.4 MB each: who does not keep up with two never will."""
_LORES: Final = VideoFormat(LUMA_WIDTH_PX, LUMA_HEIGHT_PX, 15)
_LOOSE: Final = "see that the cable sits firmly at both ends; the door opens the camera again by itself"
logger = logging.getLogger(__name__)

_Item = AccessUnit | Luma | Turned | tuple[Bytes2D, int]


class PiCamera:
    """A ``Camera`` over picamera2.

    Args:
        connected: an opened camera; closed with this one.
        video: size and rate.
        painter: hides what must not exist.
        hardware: have the Pi's own encoder do it, else x264.
        slower: called when fewer pictures are encoded from here on, since the computer does not keep up; any thread.
        silent_s: how long to wait for a picture.

    Raises:
        CameraError: it cannot give pictures of that form.
    """

    def __init__(
        self,
        connected: Connected,
        video: VideoFormat,
        painter: Painter,
        *,
        hardware: bool,
        slower: Callable[[], None] = lambda: None,
        silent_s: float = SILENT_S,
    ) -> None:
        self._connected = connected
        self._video = video
        self._painter = painter
        self._lores_painter = painter.twin(_LORES)
        self._hardware = hardware
        self._slower = slower
        self._thinning = Thinning()
        self._silent_s = silent_s
        self._changed = threading.Condition()
        self._waiting: deque[_Item] = deque()
        self._failed: CameraError | None = None
        self._stopped = False
        self._needs_keyframe = True
        self._from_us = 0
        self._main, self._lores = connected.configure(video, (LUMA_WIDTH_PX, LUMA_HEIGHT_PX))

    @property
    def video(self) -> VideoFormat:
        """Size and rate of the access units."""
        return self._video

    def captured(self) -> Iterator[Captured]:
        """Yield what the camera captures until ``stop``.

        Raises:
            CameraError: it fell silent, its encoder did, or a picture could not be painted.
        """
        if self._stopped:
            return
        self._connected.start(self._see, self._encoded if self._hardware else None)
        encoder = Encoder(self._video)
        encoded_us: int | None = None
        while (item := self._wait()) is not None:
            if isinstance(item, Turned):
                encoder = Encoder(self._video)
                yield item
            elif isinstance(item, Luma):
                encoded_us = item.at_us if encoded_us is None else encoded_us
                if item.at_us - encoded_us > self._silent_s * 1e6:
                    raise EncoderError(
                        f"the encoder has been silent for {self._silent_s:g} s",
                        hint="the door goes on with x264 by itself",
                    )
                yield item
            else:
                unit = encoder.encode(*item) if isinstance(item, tuple) else item
                encoded_us = unit.at_us
                yield unit

    def stop(self) -> None:
        """Make ``captured`` end soon; any thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def close(self) -> None:
        """Give the camera back, whatever became of its thread."""
        self.stop()
        self._connected.close(orderly=self._failed is None)

    def _wait(self) -> _Item | None:
        with self._changed:
            here = self._changed.wait_for(
                lambda: self._stopped or self._failed is not None or bool(self._waiting), self._silent_s
            )
            if self._stopped:
                return None
            if self._failed is None and not here:
                self._failed = CameraError(
                    f"the camera has been silent for {self._silent_s:g} s", hint=_LOOSE
                )
            if self._failed is not None:
                raise self._failed
            return self._waiting.popleft()

    def _see(self, request: Any) -> None:  # noqa: ANN401 - picamera2 has no types
        """Paint one picture where it lies, and hand over what is to be looked at; picamera2's thread."""
        if self._failed is not None or self._stopped:
            self._blank(request)
            return
        try:
            self._take(request)
        except Exception as error:  # noqa: BLE001 - it would end picamera2's thread
            self._blank(request)
            self._fail(error)

    def _take(self, request: Any) -> None:  # noqa: ANN401
        at_us = self._connected.time_us(request)
        settings = self._painter.turned()
        if settings is not None:
            self._lores_painter.turn(settings)
            self._lores_painter.turned()
        with self._connected.mapped(request, "main") as buffer:
            picture = self._main.read(buffer)
            self._painter.paint(picture, at_us)
            self._main.write(picture, buffer)
        with self._connected.mapped(request, "lores") as buffer:
            lores = self._lores.read(buffer)
        self._lores_painter.paint(lores, at_us)
        with self._changed:
            if settings is not None:
                self._from_us, self._needs_keyframe = at_us, True
                self._waiting.append(Turned(settings, at_us))
            if len(self._waiting) < WAITING:
                self._waiting.append(Luma(lores, at_us))
            if not self._hardware and (settings is not None or self._thinning.wants(at_us)):
                self._hand_picture(picture, at_us)
            self._changed.notify_all()

    def _hand_picture(self, picture: Bytes2D, at_us: int) -> None:
        """Leave a whole picture for x264, if there is room."""
        if sum(isinstance(item, tuple) for item in self._waiting) < PICTURES_WAITING:
            self._waiting.append((picture, at_us))
        elif self._thinning.late(at_us):
            logger.warning(
                "the computer does not keep up: one picture of %d is encoded", self._thinning.share
            )
            self._slower()

    def _encoded(self, data: bytes, keyframe: bool, at_us: int) -> None:
        """Take what the Pi's encoder gives, from a keyframe on; picamera2's thread."""
        try:
            data = at_once(data) if keyframe else bytes(data)
            with self._changed:
                # What was encoded under other settings may come after the word that they changed.
                if at_us < self._from_us or (self._needs_keyframe and not keyframe):
                    return
                self._needs_keyframe = len(self._waiting) >= WAITING
                if not self._needs_keyframe:
                    self._waiting.append(AccessUnit(data, keyframe, at_us))
                    self._changed.notify_all()
        except Exception as error:  # noqa: BLE001 - it would end picamera2's thread
            self._fail(error)

    def _blank(self, request: Any) -> None:  # noqa: ANN401
        """Leave nothing to be seen in a picture that nobody painted."""
        try:
            with self._connected.mapped(request, "main") as buffer:
                buffer.fill(0)
        except Exception as error:  # noqa: BLE001 - as above
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        known = error if isinstance(error, CameraError) else None
        with self._changed:
            self._failed = (
                self._failed
                or known
                or CameraError(f"the camera's picture cannot be used: {error}", hint=_LOOSE)
            )
            self._changed.notify_all()

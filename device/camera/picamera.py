"""picamera2 itself: opened, configured, started and, whatever became of its thread, closed within a bounded time.

On a Pi it comes from the system, with the libcamera of its kernel. ``sensor_modes`` is never read (it allocates the sensor's
full size, which a Zero 2 W has not), four buffers are enough, and nothing is captured by request: that would wait.

After a failure picamera2's own thread may be gone, and whatever is sent to it is waited for without end: then what is queued is
cancelled and the thread let go of first. Should the end hang all the same, it is left to a thread of its own.
"""

import gc
import importlib
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from device.camera.encoder import KEYFRAME_S, ceiling
from device.camera.errors import CameraError
from device.camera.layout import Layout
from device.camera.protocol import Bytes2D, VideoFormat

BUFFERS: Final = 4
CLOSING_S: Final = 5.0
_NIGHT: Final = 2
"""In the dark a picture may take so many times as long: half the rate is better than black."""
_INSTALL: Final = (
    "on Raspberry Pi OS: sudo apt install python3-picamera2, in a venv that sees system packages"
)
_LOOK: Final = (
    "switch the Pi off, seat the camera's cable at both ends, and look at 'rpicam-hello --list-cameras'"
)

logger = logging.getLogger(__name__)


class Connected:
    """One camera, opened.

    Args:
        number: as libcamera counts them.
        rotation: 0 or 180 degrees, turned by the sensor itself.
        make: what opens it; picamera2's own class on a Pi.
        form: the pixel format to ask for.

    Raises:
        CameraError: picamera2 is missing, there is no such camera, or somebody else has it.
    """

    def __init__(
        self,
        number: int = 0,
        *,
        rotation: int = 0,
        make: Callable[[int], Any] | None = None,
        form: str = "YUV420",
    ) -> None:
        self._library = _library("picamera2")
        self._rotation = rotation
        self._form = form
        self._encoder: Any = None
        found = len(self._library.Picamera2.global_camera_info())
        if number >= found:
            have = "none is connected" if not found else f"{found} connected, counted from 0"
            raise CameraError(f"there is no camera pi:{number}: {have}", hint=_LOOK)
        try:
            self._camera = (make or self._library.Picamera2)(number)
        except (RuntimeError, OSError, IndexError) as error:
            raise CameraError(
                f"the camera pi:{number} cannot be opened: {error}",
                hint="end what else uses it, and let this user read /dev/video* and /dev/dma_heap: group 'video'",
            ) from error

    def configure(self, video: VideoFormat, lores_px: tuple[int, int]) -> tuple[Layout, Layout]:
        """Return how main and lores lie in memory, as they are after they were asked for.

        Raises:
            CameraError: the camera has no such form.
        """
        camera, self._video = self._camera, video
        wanted = {"FrameDurationLimits": (video.frame_us, _NIGHT * video.frame_us)}
        turn = {}
        if self._rotation:
            turn["transform"] = _library("libcamera").Transform(hflip=1, vflip=1)
        try:
            camera.configure(
                camera.create_video_configuration(
                    main={"size": (video.width_px, video.height_px), "format": self._form},
                    lores={"size": lores_px, "format": self._form},
                    buffer_count=BUFFERS,
                    controls={
                        name: value for name, value in wanted.items() if name in camera.camera_controls
                    },
                    **turn,
                )
            )
            told = camera.camera_configuration()
            main, lores = Layout.told(told["main"]), Layout.told(told["lores"])
        except (RuntimeError, ValueError, OSError, CameraError) as error:
            self.close(orderly=True)
            if isinstance(error, CameraError):
                raise
            raise CameraError(
                f"the camera has no such picture: {error}", hint="ask for 1280 x 720"
            ) from error
        got = (main.width_px, main.height_px), (lores.width_px, lores.height_px)
        if got != ((video.width_px, video.height_px), lores_px):
            self.close(orderly=True)
            raise CameraError(f"the camera gives {got[0]} and {got[1]} instead", hint="ask for 1280 x 720")
        return main, lores

    def start(self, see: Callable[[Any], None], encoded: Callable[[bytes, bool, int], None] | None) -> None:
        """Have ``see`` called with each request before anything else, and ``encoded`` with what the Pi's encoder gives.

        Raises:
            CameraError: it does not start.
        """
        self._camera.pre_callback = see
        try:
            if encoded is not None:
                self._start_encoder(encoded)
            self._camera.start(show_preview=False)
        except (RuntimeError, OSError) as error:
            raise CameraError(f"the camera does not start: {error}", hint=_LOOK) from error

    def time_us(self, request: Any) -> int:  # noqa: ANN401 - picamera2 has no types
        """Return when the picture was captured."""
        return int(request.request.metadata[_library("libcamera").controls.SensorTimestamp]) // 1000

    def mapped(self, request: Any, stream: str) -> AbstractContextManager[Bytes2D]:  # noqa: ANN401
        """Return a picture's buffer: uint8, one dimension, to be read and painted until the end of the ``with``."""
        return _mapped(self._library.MappedArray(request, stream, reshape=False))

    def close(self, *, orderly: bool) -> None:
        """Give the camera back, within ``CLOSING_S``.

        Args:
            orderly: its thread is alive, as far as anybody knows.
        """
        end = threading.Thread(target=self._end, args=(orderly,), name="camera-end", daemon=True)
        end.start()
        end.join(CLOSING_S)
        if end.is_alive():
            logger.error("the camera does not let go of itself; it is opened again all the same")
        gc.collect()  # else some descriptors stay open until later

    def _start_encoder(self, encoded: Callable[[bytes, bool, int], None]) -> None:
        encoders, outputs = _library("picamera2.encoders"), _library("picamera2.outputs")
        video = self._video
        encoder = encoders.H264Encoder(bitrate=ceiling(video), repeat=True, iperiod=video.fps * KEYFRAME_S)

        class HandOver(outputs.Output):  # type: ignore[misc, name-defined]
            def outputframe(
                self, frame: bytes, keyframe: bool = True, timestamp: int = 0, *_: object, **__: object
            ) -> None:
                encoded(bytes(frame), keyframe, (encoder.firsttimestamp or 0) + (timestamp or 0))

        self._encoder = encoder
        self._camera.start_encoder(encoder, HandOver(), name="main")

    def _end(self, orderly: bool) -> None:
        camera, encoder = self._camera, self._encoder
        steps: list[Callable[[], object]] = []
        if not orderly:
            steps += [camera.cancel_all_and_flush, camera.detach_preview]
        steps.append(camera.stop)
        if encoder is not None:
            steps.append(lambda: camera.stop_encoder(encoder))
        for step in [*steps, camera.close]:
            try:
                step()
            except Exception as error:  # noqa: BLE001 - what is broken may fail at each step, and the next still counts
                logger.warning("closing the camera: %s", error)


def has_encoder(sysfs: Path = Path("/sys/class/video4linux")) -> bool:
    """Return whether this computer has the H.264 encoder of a Pi up to the fourth.

    picamera2's own answer takes any error, such as a device that is not to be read, for such a Pi.
    """
    for name in sysfs.glob("*/name"):
        try:
            if name.read_text(encoding="ascii", errors="replace").startswith("bcm2835-codec-encode"):
                return True
        except OSError:
            continue
    return False


@contextmanager
def _mapped(array: Any) -> Iterator[Bytes2D]:  # noqa: ANN401
    with array as mapped:
        yield np.asarray(mapped.array)


def _library(name: str) -> Any:  # noqa: ANN401
    try:
        return importlib.import_module(name)
    except (ImportError, OSError) as error:
        raise CameraError(f"the Pi's camera cannot be used: {error}", hint=_INSTALL) from error

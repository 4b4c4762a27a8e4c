"""What the household wants watched, kept across restarts, and told to the camera and the recorder in one step.

    settings    JSON, replaced durably before anybody acts on it

A file that cannot be read means privacy: whoever can damage a file shall not see more for it.

Source: docs/FORMAT.md, "Settings".
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from device.camera.protocol import VideoFormat
from device.contract.forms import UNREADABLE
from device.contract.settings import Settings
from device.durable import write_file
from device.errors import DeviceError
from device.sight.masks import Masks
from device.sight.zones import Zone, lay

FILE: Final = "settings"

logger = logging.getLogger(__name__)


class SettingsRefused(DeviceError, ValueError):
    """Zones or masks that cannot be meant so."""


class Watch:
    """The settings in force. Any thread may read; one thread sets."""

    def __init__(self, state: Path, default: Settings, video: VideoFormat) -> None:
        """Take up what was set last, or ``default`` if nothing ever was.

        Raises:
            SettingsRefused: the default cannot be meant so.
        """
        self._path = state / FILE
        self._video = video
        self._told: Callable[[Settings], None] = lambda _: None
        self.check(default)
        self._current = self._load(default)

    def on_set(self, told: Callable[[Settings], None]) -> None:
        """Call ``told`` with settings that were put in force; it must not block."""
        self._told = told

    def check(self, settings: Settings) -> None:
        """Check that zones and masks can be laid over the picture.

        Raises:
            SettingsRefused: they cannot; the sentence says which and why.
        """
        try:
            masks_of(settings, self._video)
            lay(zones_of(settings), 90, 160)
        except DeviceError as error:
            raise SettingsRefused(str(error), hint=error.hint) from error

    @property
    def current(self) -> Settings:
        """What is in force."""
        return self._current

    def set(self, settings: Settings) -> None:
        """Put settings in force; when this returns they are durable.

        Raises:
            SettingsRefused: they cannot be meant so; the sentence says which part.
            OSError: they were not kept; the old ones stay in force.
        """
        self.check(settings)
        write_file(self._path, msgspec.json.encode(settings))
        self._current = settings
        self._told(settings)

    def _load(self, default: Settings) -> Settings:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return default
        except OSError as error:
            logger.error("%s: %s; nothing is seen until settings are set anew", self._path, error.strerror)  # noqa: TRY400
            return Settings(privacy=True)
        try:
            found = msgspec.json.decode(data, type=Settings)
            self.check(found)
        except (*UNREADABLE, ValueError) as error:
            logger.error("%s: %s; nothing is seen until settings are set anew", self._path, error)  # noqa: TRY400
            return Settings(privacy=True)
        return found


def zones_of(settings: Settings) -> list[Zone]:
    """Return the zones as the detector takes them.

    Raises:
        DeviceError: one of them cannot be meant so.
    """
    return [Zone(zone.name, zone.points, zone.sensitivity, zone.ignored) for zone in settings.zones]


def masks_of(settings: Settings, video: VideoFormat) -> Masks:
    """Return the masks laid over the main picture.

    Raises:
        DeviceError: one of them cannot be meant so.
    """
    return Masks(settings.masks, video.height_px, video.width_px)

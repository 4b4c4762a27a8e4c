"""What the household wants watched, kept across restarts, and told to the camera and the recorder in one step.

    settings        JSON, replaced durably before anybody acts on it
    settings.set    empty: there were settings once

A file that cannot be read, or that is gone although there was one, means privacy: whoever can damage a file, or a card that
forgets one, shall not see more for it. Settings in force are such as neither the camera nor the recorder can choke on, or the
next start would die of them as the last one did.

Source: docs/FORMAT.md, "Settings".
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from device.camera.protocol import VideoFormat
from device.contract.forms import UNREADABLE
from device.contract.misfit import misfit
from device.contract.settings import MAX_SETTINGS_BYTES, Hush, Settings, excess
from device.disk.durable import read_file, write_file
from device.errors import DeviceError
from device.sight import polygons
from device.sight.luma import LUMA_HEIGHT_PX, LUMA_WIDTH_PX
from device.sight.masks import Masks
from device.sight.structure import working_size
from device.sight.zones import Zone, ZoneError, lay
from device.watch.attention import attends, is_heard

FILE: Final = "settings"
MARKER: Final = "settings.set"
_SOME_NOON: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)

logger = logging.getLogger(__name__)


class SettingsRefused(DeviceError, ValueError):
    """Settings that cannot be meant so.

    Attributes:
        part: which of them, such as ``masks[0]``; empty for all of them together.
    """

    def __init__(self, message: str, *, hint: str = "", part: str = "") -> None:
        super().__init__(message, hint=hint)
        self.part = part


class Watch:
    """The settings in force. Any thread may read; one thread sets.

    Attributes:
        trouble: why nothing is seen although nobody asked for privacy; empty if that is not so.
    """

    def __init__(self, state: Path, default: Settings, video: VideoFormat) -> None:
        """Take up what was set last, or ``default`` if nothing ever was.

        Raises:
            SettingsRefused: the default cannot be meant so.
        """
        self._path = state / FILE
        self._marker = state / MARKER
        self._video = video
        self._told: Callable[[Settings], None] = lambda _: None
        self.trouble = ""
        self.check(default)
        self._current = self._load(default)

    def on_set(self, told: Callable[[Settings], None]) -> None:
        """Call ``told`` with settings that were put in force; it must not block."""
        self._told = told

    def check(self, settings: Settings) -> None:
        """Check settings as the function ``check`` does, for this camera."""
        check(settings, self._video)

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
        self._current, self.trouble = settings, ""
        self._told(settings)
        self._mark()

    def _load(self, default: Settings) -> Settings:
        try:
            data = read_file(self._path, MAX_SETTINGS_BYTES)
        except FileNotFoundError:
            if not self._was_set():
                return default
            return self._privacy(f"{self._path} is gone")
        except OSError as error:
            return self._privacy(f"{self._path} cannot be read: {error.strerror}")
        try:
            found = msgspec.json.decode(data, type=Settings)
            self.check(found)
        except (*UNREADABLE, ValueError) as error:
            return self._privacy(f"{self._path} is damaged: {misfit(error)[0]}")
        self._mark()
        return found

    def _privacy(self, trouble: str) -> Settings:
        logger.error("%s; nothing is seen until settings are set anew", trouble)
        self.trouble = trouble
        return Settings(privacy=True)

    def _was_set(self) -> bool:
        """Return whether there were settings; whatever cannot be told means yes."""
        try:
            self._marker.lstat()
        except FileNotFoundError:
            return False
        except OSError as error:
            logger.error("%s cannot be read: %s", self._marker, error.strerror)  # noqa: TRY400 - a sentence, not a trace
        return True

    def _mark(self) -> None:
        """Remember that there are settings. After the file: a marker alone would mean privacy."""
        try:
            if not self._was_set():
                write_file(self._marker, b"")
        except OSError as error:
            logger.error("%s cannot be written: %s; the next start tries again", self._marker, error.strerror)  # noqa: TRY400


def check(settings: Settings, video: VideoFormat) -> None:
    """Check that settings can be meant so, and that nothing which acts on them can fail.

    Raises:
        SettingsRefused: they cannot; the sentence says which part and why.
    """
    for number, zone in enumerate(settings.zones):
        with _part(f"zones[{number}]"):
            Zone(zone.name, zone.points, zone.sensitivity, zone.ignored)
    for number, points in enumerate(settings.masks):
        with _part(f"masks[{number}]"):
            polygons.check(points, f"mask {number + 1}")
    with _part("masks"):
        masks = Masks(settings.masks, video.height_px, video.width_px)
    with _part("zones"):
        lay(zones_of(settings), *working_size(LUMA_HEIGHT_PX, LUMA_WIDTH_PX))  # as the detector will
        for name, area, _ in lay(zones_of(settings), video.height_px, video.width_px).areas:
            if masks.hide(area):
                raise ZoneError(
                    f'the masks leave nothing of the zone "{name}" to be seen',
                    hint="make the masks smaller, or leave the zone out",
                )
    _check_times(settings)
    if long := excess(settings):
        raise SettingsRefused(long, hint="draw with fewer corners, or write them with fewer digits: 0.123")


def zones_of(settings: Settings) -> list[Zone]:
    """Return the zones as the detector takes them.

    Raises:
        DeviceError: one of them cannot be meant so.
    """
    return [Zone(zone.name, zone.points, zone.sensitivity, zone.ignored) for zone in settings.zones]


def _check_times(settings: Settings) -> None:
    """Ask each time alone what the recorder asks of all: one that counts now hides the others."""
    parts = {f"quiet[{number}]": Settings(quiet=(quiet,)) for number, quiet in enumerate(settings.quiet)}
    parts |= {
        f"hush.hours[{number}]": Settings(hush=Hush((quiet,)))
        for number, quiet in enumerate(settings.hush.hours)
    }
    parts["snoozed_until_utc"] = Settings(snoozed_until_utc=settings.snoozed_until_utc)
    parts["hush.until_utc"] = Settings(hush=Hush(until_utc=settings.hush.until_utc))
    for part, alone in parts.items():
        try:
            attends(alone, _SOME_NOON)
            is_heard(alone, _SOME_NOON)
        except (TypeError, ValueError) as error:
            raise SettingsRefused(
                f"{part} cannot be compared with a clock: {error}",
                hint="write 22:30, or a moment with its time zone: 2026-11-23T22:30:00Z",
                part=part,
            ) from error


@contextmanager
def _part(part: str) -> Iterator[None]:
    """Give the error of a part its name."""
    try:
        yield
    except DeviceError as error:
        raise SettingsRefused(str(error), hint=error.hint, part=part) from error

"""The settings that ``doorward tune`` tries: refused with the file, the key in it, and what stands there.

The device refuses the same, but it is told settings, not files.

Source: docs/FORMAT.md, "Settings".
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from device.camera.protocol import VideoFormat
from device.contract.settings import Settings
from device.errors import DeviceError
from device.sight.polygons import check
from device.sight.zones import lay
from device.watch import masks_of, zones_of
from provisioning.commands.settings import BadSettings, read_settings

_SHOWN: Final = 80
_LAY: Final = (90, 160)
"""Height and width on which zones are laid to see whether anything is left of them: the device's working size."""


def settings_to_try(path: Path, video: VideoFormat) -> Settings:
    """Return the settings in a file, whose zones and masks can be laid over the picture.

    Raises:
        BadSettings: they cannot be read or meant so; the sentence names file, key and value.
    """
    try:
        settings = read_settings(path)
    except BadSettings as error:
        raise _placed(path, error) from error
    for key, try_it in _parts(settings, video):
        try:
            try_it()
        except DeviceError as error:
            value = _at(msgspec.to_builtins(settings), key)
            raise BadSettings(f"{path}: {key} is {_short(value)}: {error}", hint=error.hint) from error
    return settings


def _parts(settings: Settings, video: VideoFormat) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield each part's key, and what raises DeviceError if the part cannot be meant so; wholes after their parts."""
    for number, zone in enumerate(settings.zones):
        yield f"zones[{number}].points", partial(check, zone.points, f'the zone "{zone.name}"')
        yield f"zones[{number}]", partial(zones_of, Settings(zones=(zone,)))
    yield "zones", lambda: lay(zones_of(settings), *_LAY)
    for number, mask in enumerate(settings.masks):
        yield f"masks[{number}]", partial(check, mask, f"mask {number + 1}")
    yield "masks", partial(masks_of, settings, video)


def _placed(path: Path, error: BadSettings) -> BadSettings:
    """Return the error with the value that stands at the place it names, if it names one."""
    sentence, _, place = str(error.__cause__).partition(" - at `$.")
    if not place:
        return error
    key = place.rstrip("`")
    value = _at(json.loads(path.read_bytes()), key)
    return BadSettings(
        f"{path}: {key} is {_short(value)}: {sentence[0].lower()}{sentence[1:]}", hint=error.hint
    )


def _at(tree: object, key: str) -> object:
    """Return what stands at a key such as ``zones[0].points``; None if the form makes it unreachable."""
    value = tree
    for name, number in re.findall(r"(\w+)|\[(\d+)\]", key):
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list | tuple) and number:
            value = value[int(number)]
    return value


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"

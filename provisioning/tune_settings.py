"""The settings that ``doorward tune`` tries: refused with the file, the key in it, and what stands there.

The device refuses the same by the same rules, but it is told settings, not files.

Source: docs/FORMAT.md, "Settings".
"""

import json
import re
from pathlib import Path
from typing import Final

import msgspec

from device.camera.protocol import VideoFormat
from device.contract.settings import Settings
from device.watch import SettingsRefused, check
from provisioning.commands.settings import BadSettings, read_settings

_SHOWN: Final = 80


def settings_to_try(path: Path, video: VideoFormat) -> Settings:
    """Return the settings in a file, whose zones and masks can be laid over the picture.

    Raises:
        BadSettings: they cannot be read or meant so; the sentence names file, key and value.
    """
    try:
        settings = read_settings(path)
    except BadSettings as error:
        raise _placed(path, error) from error
    try:
        check(settings, video)
    except SettingsRefused as error:
        value = _at(msgspec.to_builtins(settings), error.part)
        named = f"{error.part} is {_short(value)}: " if error.part else ""
        raise BadSettings(f"{path}: {named}{error}", hint=error.hint) from error
    return settings


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

"""The settings that ``doorward tune`` tries: refused with the file, the key in it, and what stands there.

The device refuses the same by the same rules, but it is told settings, not files.

Source: docs/FORMAT.md, "Settings".
"""

from pathlib import Path

import msgspec

from device.camera.protocol import VideoFormat
from device.contract.settings import Settings
from device.watch.watch import SettingsRefused, check
from provisioning.house.settings import BadSettings, at, read_settings, short
from provisioning.texts import name_of


def settings_to_try(path: Path, video: VideoFormat) -> Settings:
    """Return the settings in a file, whose zones and masks can be laid over the picture.

    Raises:
        BadSettings: they cannot be read or meant so; the sentence names file, key and value.
    """
    settings = read_settings(path)
    try:
        check(settings, video)
    except SettingsRefused as error:
        value = at(msgspec.to_builtins(settings), error.part)
        named = f"{error.part} is {short(value)}: " if error.part else ""
        raise BadSettings(f"{name_of(path)}: {named}{error}", hint=error.hint) from error
    return settings

"""A file of settings, as the household writes one: read, or refused with where it is wrong and what stands there."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from device.contract.forms import UNREADABLE
from device.contract.misfit import misfit
from device.contract.settings import MAX_SNOOZE_DAYS, Settings, too_long
from provisioning.errors import ProvisioningError
from provisioning.texts import NoText, name_of, read_text

_SHOWN: Final = 80
_FORM: Final = "docs/FORMAT.md shows the form, under Settings"


class BadSettings(ProvisioningError, ValueError):
    """A settings file says nothing that a door could do."""


def read_settings(path: Path) -> Settings:
    """Return the settings in a file, or from standard input if its name is ``-``.

    Raises:
        BadSettings: they cannot be read; the sentence names file, key and value.
    """
    try:
        text = read_text(path)
    except NoText as error:
        raise BadSettings(str(error), hint=error.hint) from error
    name = name_of(path)
    try:
        found = msgspec.json.decode(text, type=Settings)
    except UNREADABLE as error:
        sentence, key = misfit(error)
        placed = f"{key} is {short(at(json.loads(text), key))}: it " if key else ""
        raise BadSettings(f"{name}: {placed}{sentence}", hint=_FORM) from error
    for part, far_utc in too_long(found, datetime.now(UTC)).items():
        raise BadSettings(
            f"{name}: {part} is {far_utc:%Y-%m-%d}, far ahead",
            hint=f"{MAX_SNOOZE_DAYS} days at most; quiet hours come back every week",
        )
    return found


def at(tree: object, key: str) -> object:
    """Return what stands at a key such as ``zones[0].points``; None if the form makes it unreachable."""
    value = tree
    for name, number in re.findall(r"(\w+)|\[(\d+)\]", key):
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list | tuple) and number:
            value = value[int(number)]
    return value


def short(value: object) -> str:
    """Return a value as it is written, or how it begins."""
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"

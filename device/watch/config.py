"""What is wrong under ``watch`` in doorward.yaml: the key with its number, the value that stands there, what would be allowed.

Source: docs/FORMAT.md, "Settings".
"""

import re
from typing import Any, Final

import msgspec

from device.contract.settings import Settings

ALLOWED: Final = (
    "`zones`, `masks`, `quiet`, `hush`, as docs/FORMAT.md says under Settings; readers can replace them later"
)
_CORNERS: Final = "corners are [x, y], each from 0 (left, top) to 1 (right, bottom) of the picture"
_HINTS: Final = {
    "points": _CORNERS,
    "masks": f"at most 32 masks, each a list of corners; {_CORNERS}",
    "zones": "at most 16 zones, each with name, points, and if need be sensitivity (0.25 to 4) and ignored",
    "sensitivity": "a number from 0.25 (coarse) to 4 (fine); 1 is the default",
    "ignored": "true or false",
    "quiet": "at most 32 times, each with days, from and to",
    "days": "one to seven numbers from 0 (Monday) to 6 (Sunday)",
    "from": 'a time of the day in quotes, such as "22:30"',
    "to": 'a time of the day in quotes, such as "06:30"',
    "snoozed_until_utc": "a moment with its time zone, such as 2026-11-23T22:30:00Z",
    "privacy": "true or false",
    "hush": "hours, as under quiet, and until_utc",
    "silent": "at most 16 keys of readers, as the record has them",
    "hours": "at most 32 times, each with days, from and to",
    "until_utc": "a moment with its time zone, such as 2026-11-23T22:30:00Z",
}
_SHOWN: Final = 60


def explained(place: str, sentence: str, tree: Any) -> tuple[str, str]:  # noqa: ANN401 - whatever YAML held
    """Return sentence and hint for a value below ``watch`` that has the wrong form.

    Args:
        place: where it stands, such as ``watch.zones[0].points[1][0]``.
        sentence: what is wrong with it.
        tree: the whole configuration.
    """
    hint = _HINTS.get(re.findall(r"[a-z]\w*", place)[-1], ALLOWED)
    if unknown := re.fullmatch("it has (.*), which is not known there", sentence):
        return f"unknown key {place}.{unknown[1]}", hint
    return f"{place} is {_short(_at(place, tree))}: {sentence}", hint


def refused(settings: Settings, width_px: int, height_px: int) -> tuple[str, str] | None:
    """Return sentence and hint if settings cannot be meant so; None if they can."""
    if settings == Settings():
        return None  # at once: what can judge the others takes picture libraries, seconds to load
    from device.camera.protocol import VideoFormat
    from device.watch.watch import SettingsRefused, check

    try:
        check(settings, VideoFormat(width_px, height_px, fps=1))
    except SettingsRefused as error:
        place = f"watch.{error.part}".rstrip(".")
        value = _at(place, {"watch": msgspec.to_builtins(settings)})
        return f"{place} is {_short(value)}: {error}", error.hint
    return None


def _at(place: str, tree: Any) -> Any:  # noqa: ANN401 - whatever YAML held
    """Return what stands at a place such as ``watch.zones[0].points``."""
    value = tree
    for name, number in re.findall(r"(\w+)|\[(\d+)\]", place):
        value = value[name] if name else value[int(number)]
    return value


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"

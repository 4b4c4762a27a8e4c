"""Why a text that somebody wrote does not fit its form, in words: what a library says of it is written for programmers.

    "Expected `str`, got `int` - at `$.zones[0].name`"   →   "must be a text, and is a whole number", "zones[0].name"

Pure.
"""

import re
from collections.abc import Callable
from typing import Final

_WORDS: Final = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list in [ ]",
    "object": "a group of names and values in { }",
    "null": "null",
    "datetime": "a time such as 2026-11-26T18:00:00Z",
    "bytes": "bytes in base64",
}
_CLOCK: Final = ":[0-5][0-9]"
_LIMITS: Final = {">=": "{0} or more", "<=": "{0} or less", ">": "more than {0}", "<": "less than {0}"}


def _kinds(names: str) -> str:
    return " or ".join(_WORDS.get(name, name) for name in names.split(" | "))


_SENTENCES: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (
        re.compile("Expected `(.+)`, got `(.+)`"),
        lambda found: f"must be {_kinds(found[1])}, and is {_kinds(found[2])}",
    ),
    (
        re.compile("Expected `str` matching regex (.+)"),
        lambda found: (
            "must be a time of day such as 22:30" if _CLOCK in found[1] else "is not written as it must be"
        ),
    ),
    (re.compile("Expected `datetime` with a timezone.*"), lambda _: "lacks its time zone: 2026-11-26T18:00:00Z"),
    (re.compile("Expected `(array|str|bytes|object)` of length (\\d+)"), lambda found: f"must have {found[2]} {_unit(found[1])}"),
    (
        re.compile("Expected `(array|str|bytes|object)` of length (>=|<=) (\\d+)"),
        lambda found: f"must have {'at least' if found[2] == '>=' else 'at most'} {found[3]} {_unit(found[1])}",
    ),
    (
        re.compile("Expected `(?:int|float)` (>=|<=|>|<) (.+)"),
        lambda found: f"must be {_LIMITS[found[1]].format(found[2].removesuffix('.0'))}",
    ),
    (
        re.compile("Expected `(?:int|float)` that's a multiple of (.+)"),
        lambda found: f"must be a multiple of {found[1].removesuffix('.0')}",
    ),
    (re.compile("Object missing required field `(.+)`"), lambda found: f"lacks {found[1]}"),
    (re.compile("Object contains unknown field `(.+)`"), lambda found: f"has {found[1]}, which is not known there"),
    (re.compile("Invalid RFC3339 encoded datetime"), lambda _: f"must be {_WORDS['datetime']}"),
    (re.compile("Invalid base64 encoded string"), lambda _: "must be bytes in base64"),
    (re.compile("Invalid enum value (.+)|Invalid value (.+)"), lambda found: f"may not be {found[1] or found[2]}"),
    (re.compile("(?:Number|Integer value) out of range"), lambda _: "is too large a number"),
    (re.compile("Input data was truncated"), lambda _: "it ends too early: a bracket or quotation mark is not closed"),
    (re.compile("JSON is malformed: (.+) \\(byte (\\d+)\\)"), lambda found: f"it is no JSON from byte {found[2]} on: {found[1]}"),
)  # fmt: skip  # a list of sentences, read as one


def _unit(kind: str) -> str:
    return "entries" if kind in ("array", "object") else "letters" if kind == "str" else "bytes"


def misfit(error: Exception) -> tuple[str, str]:
    """Return what is wrong, as the end of a sentence, and where: a key such as ``zones[0].name``, or nothing.

    Args:
        error: one of ``UNREADABLE``.
    """
    if isinstance(error, UnicodeDecodeError):
        return "it is not text", ""
    if isinstance(error, RecursionError):
        return "it has too many brackets within each other", ""
    said, _, place = str(error).partition(" - at `$")
    for pattern, sentence in _SENTENCES:
        if found := pattern.fullmatch(said):
            said = sentence(found)
            break
    return said, place.rstrip("`").removeprefix(".")

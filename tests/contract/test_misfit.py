"""What a library says of a text that does not fit is said in our words, wherever a person wrote the text."""

import json
from collections.abc import Iterator

import msgspec
import pytest

from device.contract.forms import UNREADABLE
from device.contract.misfit import misfit
from device.contract.settings import Settings

ZONE = {"name": "Path", "points": [[0, 0], [1, 0], [1, 1]]}
QUIET = {"days": [0], "from": "22:00", "to": "06:00"}


@pytest.mark.parametrize(
    ("wrong", "place", "says"),
    [
        ({"zones": 3}, "zones", "must be a list in [ ], and is a whole number"),
        ({"zones": [{**ZONE, "name": 1}]}, "zones[0].name", "must be a text, and is a whole number"),
        ({"zones": [{"name": "x"}]}, "zones[0]", "lacks points"),
        ({"zones": [{**ZONE, "colour": "red"}]}, "zones[0]", "has colour, which is not known there"),
        ({"zones": [{**ZONE, "points": [[0]]}]}, "zones[0].points[0]", "must have 2 entries"),
        ({"zones": [{**ZONE, "points": [[0, 1.5]]}]}, "zones[0].points[0][1]", "must be 1 or less"),
        ({"zones": [{**ZONE, "points": [[0, -1]]}]}, "zones[0].points[0][1]", "must be 0 or more"),
        ({"zones": [ZONE] * 17}, "zones", "must have at most 16 entries"),
        ({"quiet": [{**QUIET, "days": []}]}, "quiet[0].days", "must have at least 1 entries"),
        (
            {"quiet": [{**QUIET, "days": [1.5]}]},
            "quiet[0].days[0]",
            "must be a whole number, and is a number",
        ),
        ({"quiet": [{**QUIET, "from": "25:00"}]}, "quiet[0].from", "must be a time of day such as 22:30"),
        ({"snoozed_until_utc": "soon"}, "snoozed_until_utc", "must be a time such as 2026-11-26T18:00:00Z"),
        ({"snoozed_until_utc": "2026-11-26T18:00:00"}, "snoozed_until_utc", "lacks its time zone"),
        (
            {"snoozed_until_utc": 1},
            "snoozed_until_utc",
            "must be a time such as 2026-11-26T18:00:00Z or null",
        ),
        ({"privacy": "yes"}, "privacy", "must be true or false, and is a text"),
        ([], "", "must be a group of names and values in { }, and is a list in [ ]"),
    ],
)
def test_settings_that_do_not_fit_are_told_in_words(wrong: object, place: str, says: str) -> None:
    with pytest.raises(UNREADABLE) as told:
        msgspec.json.decode(json.dumps(wrong), type=Settings)
    sentence, where = misfit(told.value)
    assert where == place
    assert sentence.startswith(says)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "it ends too early"),
        (b'{"zones": [', "it ends too early"),
        (b'{"zones": [}', "it is no JSON from byte 11 on"),
        (b'{"zones": []} x', "it is no JSON from byte 15 on"),
        (b'{"zones": [{"name": "\xff"}]}', "it is not text"),
        (b'{"zones": [{"name": "x", "points": [], "sensitivity": 1e999}]}', "is too large a number"),
    ],
)
def test_what_is_no_json_is_told_in_words(text: bytes, says: str) -> None:
    with pytest.raises(UNREADABLE) as told:
        msgspec.json.decode(text, type=Settings)
    assert says in misfit(told.value)[0]


def test_brackets_without_end_are_told_in_words() -> None:
    with pytest.raises(UNREADABLE) as told:
        msgspec.json.decode(b"[" * 100_000)
    assert misfit(told.value) == ("it has too many brackets within each other", "")


def test_no_word_of_a_programmer_is_left() -> None:
    """Every form that a person writes, wrong in every way that a mutated text is."""
    said: set[str] = set()
    whole = {
        "zones": [{**ZONE, "sensitivity": 2.0, "ignored": False}],
        "quiet": [QUIET],
        "masks": [[[0, 0]]],
        "privacy": False,
    }
    for wrong in (None, 1, 1.5, -1e9, "x", "", True, [], {}, [[]], {"x": 1}):
        for broken in _replaced(whole, wrong):
            try:
                msgspec.json.decode(json.dumps(broken), type=Settings)
            except UNREADABLE as error:
                said.add(misfit(error)[0])
    assert len(said) > 15
    for sentence in said:
        assert not any(
            word in sentence for word in ("`", "$", "regex", "Expected", "Object", "Invalid", "array", "str ")
        ), sentence


def _replaced(tree: object, wrong: object) -> Iterator[object]:
    yield wrong
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from ({**tree, key: inner} for inner in _replaced(value, wrong))
            yield {name: held for name, held in tree.items() if name != key}
    elif isinstance(tree, list):
        for number, value in enumerate(tree):
            yield from ([*tree[:number], inner, *tree[number + 1 :]] for inner in _replaced(value, wrong))

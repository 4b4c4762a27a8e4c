"""Names that people choose: of pinned letters, one for each reader, and never a word by which a sentence means somebody else.

Two names clash if they could be taken for one another: as they stand, in small or in capital letters, spaces and signs left out.
Every verifier folds the same rule, so it is made of the pinned table alone, never of what a platform knows of Unicode.

Source: docs/FORMAT.md, "Names"; ``scripts/build_letters.py`` for the table.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from device.trust import letters
from device.trust.errors import ChangeRefused

MAX_LABEL: Final = 40
SIGNS: Final = " '’-&+."
DIGITS: Final = "0123456789"
# By these the page and the command speak of somebody else.
RESERVED: Final = (
    "You", "The card", "Card", "The paper card", "Paper card", "The old card", "The new card", "The door", "Doorward", "This one",
    "Nobody", "Someone who is no longer here", "Somebody unknown",
)  # fmt: skip  # read as a list

_EAST: Final = tuple((letters.EAST[at], letters.EAST[at + 1]) for at in range(0, len(letters.EAST), 2))
_SMALL: Final = {letters.PAIRS[at]: letters.PAIRS[at + 1] for at in range(0, len(letters.PAIRS), 2)}
_CAPITAL: Final = {letters.PAIRS[at + 1]: letters.PAIRS[at] for at in range(0, len(letters.PAIRS), 2)}
_LOOKS: Final = {
    letter: look
    for look, _, alike in (entry.partition(":") for entry in letters.LOOKS.split(" "))
    for letter in alike
}
_WORDS: Final = re.compile(r"[ &+.-]+")


def check_label(name: str, others: Iterable[str] = ()) -> None:
    """Check a name that people chose.

    Args:
        name: for a reader or a door.
        others: names that are taken.

    Raises:
        ChangeRefused: of another form, reserved, or like one of ``others``.
    """
    if not 1 <= len(name) <= MAX_LABEL:
        raise ChangeRefused("bad_label", f"a name has 1 to {MAX_LABEL} characters")
    if name != name.strip(" ") or "  " in name:
        raise ChangeRefused("bad_label", "a name has no space around it, and no two together")
    kinds = [_kind(letter) for letter in name]
    if "" in kinds:
        raise ChangeRefused(
            "bad_label", f"a name has only letters, digits, spaces and {SIGNS.strip()}, and no emoji"
        )
    if all(kind in ("digit", "sign") for kind in kinds):
        raise ChangeRefused("bad_label", "a name has a letter")
    if any(_is_mixed(word) for word in _WORDS.split(name)):
        raise ChangeRefused("bad_label", "no word of a name has letters of two scripts, which look alike")
    if any(is_like(name, word) for word in RESERVED):
        raise ChangeRefused("bad_label", "a sentence would mean somebody else by this name")
    if any(is_like(name, other) for other in others):
        raise ChangeRefused(
            "bad_label", "somebody is called so, or almost so, already", hint="choose another name"
        )


def is_like(name: str, other: str) -> bool:
    """Return whether a name could be taken for another."""
    return not _looks(name).isdisjoint(_looks(other))


@lru_cache(maxsize=256)
def _looks(name: str) -> frozenset[str]:
    small = "".join(_SMALL.get(letter, letter) for letter in name)
    capital = "".join(_CAPITAL.get(letter, letter) for letter in name)
    return frozenset(
        "".join(_LOOKS.get(letter, letter) for letter in form if letter not in SIGNS)
        for form in (name, small, capital)
    )


def _kind(letter: str) -> str:
    if letter in SIGNS:
        return "sign"
    if letter in DIGITS:
        return "digit"
    if letter in letters.LATIN:
        return "latin"
    if letter in letters.GREEK:
        return "greek"
    if letter in letters.CYRILLIC:
        return "cyrillic"
    return "east" if any(first <= letter <= last for first, last in _EAST) else ""


def _is_mixed(word: str) -> bool:
    scripts = {_kind(letter) for letter in word} - {"sign", "digit"}
    return len(scripts) > 1 and scripts != {"latin", "east"}

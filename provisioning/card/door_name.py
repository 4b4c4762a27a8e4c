"""What a door may be called: letters of any script, digits, a few signs and emoji, as people write them.

A door's name is the word of whoever makes its card: no device can change it, nobody joins under it, and no verifier judges
it, so it needs no pinned table. It is printed on the card, by which two doors are told apart, and heads the page.

Pure. Source: docs/FORMAT.md, "Names".
"""

import unicodedata
from typing import Final

from device.trust.names import MAX_LABEL, RESERVED, SIGNS, is_like
from provisioning.errors import ProvisioningError
from provisioning.printer import letters

_SIGNS: Final = f"{SIGNS}־׳״・()#/,·"
_AS_A_PICTURE: Final = "\ufe0f"
"""Variation selector 16, which keyboards put behind emoji: it says how a sign is drawn, and not which."""

_JOINER: Final = "\u200d"
_STAND_INS: Final = "\ufffc\ufffd"
"""Signs in place of what could not be told."""


class BadName(ProvisioningError, ValueError):
    """No door can be called so."""


def door_name(text: str) -> str:
    """Return a name in its composed form (NFC), without what says only how a sign is drawn.

    Raises:
        BadName: empty, too long, reserved, or with what is no letter, digit, sign or emoji.
    """
    name = unicodedata.normalize("NFC", text).replace(_AS_A_PICTURE, "")
    if not 1 <= len(name) <= MAX_LABEL:
        raise BadName(
            f"a door's name has 1 to {MAX_LABEL} characters", hint="choose a shorter or a longer one"
        )
    if name != name.strip(" ") or "  " in name:
        raise BadName("a door's name has no space around it, and no two together", hint="leave them out")
    # The printer's rule sees marks in their place; what it replaces could not be read from a terminal either.
    strange = next(
        (one for one, shown in zip(name, letters(name), strict=True) if one != shown or not _fits(one)), ""
    )
    if strange == _JOINER:
        raise BadName(
            "a door's name has no letters or emoji that a sign which is not seen joins",
            hint="of an emoji with several people or parts, take a simpler one, such as \N{HOUSE BUILDING}",
        )
    if strange:
        called = f"U+{ord(strange):04X} ({unicodedata.name(strange, 'without a name')})"
        raise BadName(
            f"a door's name cannot have {called} here",
            hint=f"it has letters of any script, digits, spaces, emoji and {''.join(_SIGNS.split())}",
        )
    if not any(unicodedata.category(one)[0] == "L" or unicodedata.category(one) == "So" for one in name):
        raise BadName("a door's name has a letter or an emoji", hint='such as "Front door"')
    if any(is_like(name, word) for word in RESERVED):
        raise BadName(
            "a sentence would mean somebody else by this name",
            hint='choose another one, such as "Front door"',
        )
    return name


def _fits(one: str) -> bool:
    if one in _STAND_INS:
        return False
    return (
        one in _SIGNS
        or unicodedata.category(one)[0] in "LM"
        or unicodedata.category(one) in ("Nd", "So", "Sk")
    )

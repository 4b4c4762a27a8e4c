"""Bech32, the text form of age keys.

The data part is 5-bit groups in a 32-letter alphabet, followed by a 30-bit BCH checksum over the prefix (HRP)
and the data. The text is all lower or all upper case; the checksum is always over the lower-case form.

Source: BIP-173, without its limit of 90 characters, as c2sp.org/age uses it.
"""

from functools import reduce
from operator import xor
from typing import Final

from device.sealing.errors import KeyTextError

_ALPHABET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUE: Final = {letter: value for value, letter in enumerate(_ALPHABET)}
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
# What each of the 32 values that leave the remainder's top comes to: a key is parsed for every epoch and clip.
_TERMS: Final = tuple(
    reduce(xor, (term for bit, term in enumerate(_GENERATOR) if top >> bit & 1), 0) for top in range(32)
)
_CHECKSUM_LETTERS: Final = 6
_HINT: Final = "copy the whole key again, from its first letter to its last"


def encode(hrp: str, data: bytes) -> str:
    """Return `data` as lower-case Bech32 text with the prefix `hrp`.

    Raises:
        ValueError: the prefix is empty, not lower case or not printable ASCII (a bug in the caller).
    """
    if not hrp or hrp != hrp.lower() or not _printable(hrp):
        raise ValueError(f"Bech32 prefix must be lower-case printable ASCII, not {hrp!r}")
    groups = _to_groups(data)
    padded = _expand(hrp) + groups + [0] * _CHECKSUM_LETTERS
    remainder = _polymod(padded) ^ 1
    checksum = [remainder >> 5 * (_CHECKSUM_LETTERS - 1 - i) & 31 for i in range(_CHECKSUM_LETTERS)]
    return hrp + "1" + "".join(_ALPHABET[group] for group in groups + checksum)


def decode(text: str) -> tuple[str, bytes]:
    """Return the lower-case prefix and the bytes of a Bech32 text.

    Raises:
        KeyTextError: mixed case, an unknown letter, a wrong checksum or wrong padding. The message never
            repeats the text, because it may be a secret key.
    """
    if text not in {text.lower(), text.upper()}:
        raise KeyTextError("the key mixes upper and lower case", hint=_HINT)
    hrp, separator, letters = text.lower().rpartition("1")
    if not separator or not hrp or not _printable(hrp):
        raise KeyTextError("the key has no prefix, such as 'age1' or 'AGE-SECRET-KEY-1'", hint=_HINT)
    if len(letters) < _CHECKSUM_LETTERS:
        raise KeyTextError("the key ends before its checksum", hint=_HINT)
    try:
        groups = [_VALUE[letter] for letter in letters]
    except KeyError as error:
        place = len(hrp) + 1 + letters.index(error.args[0]) + 1
        raise KeyTextError(f"character {place} of the key cannot occur in a key", hint=_HINT) from None
    if _polymod(_expand(hrp) + groups) != 1:
        raise KeyTextError("the key's checksum is wrong: a letter is missing, changed or swapped", hint=_HINT)
    return hrp, _to_bytes(groups[:-_CHECKSUM_LETTERS])


def is_canonical(text: str) -> bool:
    """Return whether ``text`` is Bech32 as `encode` writes it: in lower case."""
    try:
        hrp, data = decode(text)
    except KeyTextError:
        return False
    return encode(hrp, data) == text


def _printable(hrp: str) -> bool:
    return all("!" <= letter <= "~" for letter in hrp)


def _expand(hrp: str) -> list[int]:
    return [ord(letter) >> 5 for letter in hrp] + [0] + [ord(letter) & 31 for letter in hrp]


def _polymod(groups: list[int]) -> int:
    remainder = 1
    for group in groups:
        remainder = (remainder & 0x1FFFFFF) << 5 ^ group ^ _TERMS[remainder >> 25]
    return remainder


def _to_groups(data: bytes) -> list[int]:
    padded = data + bytes(-len(data) % 5)
    groups: list[int] = []
    for start in range(0, len(padded), 5):
        block = int.from_bytes(padded[start : start + 5])
        groups += [block >> shift & 31 for shift in range(35, -1, -5)]
    return groups[: (len(data) * 8 + 4) // 5]


def _to_bytes(groups: list[int]) -> bytes:
    spare = len(groups) * 5 % 8
    # Spare bits are fewer than a group and zero; otherwise two texts would stand for one key.
    if spare >= 5 or (groups and groups[-1] & ((1 << spare) - 1)):
        raise KeyTextError("the key's last letter carries stray bits", hint=_HINT)
    padded = groups + [0] * (-len(groups) % 8)
    blocks: list[bytes] = []
    for start in range(0, len(padded), 8):
        block = 0
        for group in padded[start : start + 8]:
            block = block << 5 | group
        blocks.append(block.to_bytes(5))
    return b"".join(blocks)[: len(groups) * 5 // 8]

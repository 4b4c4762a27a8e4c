"""Bech32, the text form of age keys.

The data part is 5-bit groups in a 32-letter alphabet, followed by a 30-bit BCH checksum over the prefix (HRP)
and the data. The text is all lower or all upper case; the checksum is always over the lower-case form.

Source: BIP-173, without its limit of 90 characters, as c2sp.org/age uses it.
"""

from typing import Final

from device.sealing.errors import KeyTextError

_ALPHABET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUE: Final = {letter: value for value, letter in enumerate(_ALPHABET)}
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
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


def _printable(hrp: str) -> bool:
    return all("!" <= letter <= "~" for letter in hrp)


def _expand(hrp: str) -> list[int]:
    return [ord(letter) >> 5 for letter in hrp] + [0] + [ord(letter) & 31 for letter in hrp]


def _polymod(groups: list[int]) -> int:
    remainder = 1
    for group in groups:
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ group
        for bit, term in enumerate(_GENERATOR):
            if top >> bit & 1:
                remainder ^= term
    return remainder


def _to_groups(data: bytes) -> list[int]:
    padding = -len(data) * 8 % 5
    number = int.from_bytes(data) << padding
    count = (len(data) * 8 + padding) // 5
    return [number >> 5 * (count - 1 - i) & 31 for i in range(count)]


def _to_bytes(groups: list[int]) -> bytes:
    padding = len(groups) * 5 % 8
    number = 0
    for group in groups:
        number = number << 5 | group
    # Spare bits are fewer than a group and zero; otherwise two texts would stand for one key.
    if padding >= 5 or number & ((1 << padding) - 1):
        raise KeyTextError("the key's last letter carries stray bits", hint=_HINT)
    return (number >> padding).to_bytes(len(groups) * 5 // 8)

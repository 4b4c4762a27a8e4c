"""A device key as eight words that can be said on the telephone and compared.

    SHA-256(device key), first 16 bytes → eight times 16 bits → eight words of five letters

128 bits: to find another key with the same words is beyond everybody. The words name a key; whose door it is they cannot
know. A word is consonant (4 bits), vowel (2), consonant (4), vowel (2), consonant (4).

Source: Wilkerson, "A Proposal for Proquints", arXiv 0901.4016.
"""

import hashlib
import struct
from typing import Final

WORDS: Final = 8
_CONSONANTS: Final = "bdfghjklmnprstvz"
_VOWELS: Final = "aiou"


def words(device_key: bytes) -> str:
    """Return the eight words of a device's public key, joined by single spaces.

    Args:
        device_key: Ed25519, 32 bytes.
    """
    start = hashlib.sha256(device_key).digest()[: 2 * WORDS]
    return " ".join(proquint(value) for (value,) in struct.iter_unpack(">H", start))


def film_words(plaintext_sha256: bytes) -> str:
    """Return the two words by which a person tells the page that a film opened.

    Args:
        plaintext_sha256: of the whole film.
    """
    return " ".join(proquint(value) for value in struct.unpack(">HH", plaintext_sha256[:4]))


def proquint(value: int) -> str:
    """Return 16 bits as five letters.

    Raises:
        ValueError: ``value`` is not within 0 to 65,535.
    """
    if not 0 <= value <= 0xFFFF:
        raise ValueError(f"{value} does not fit 16 bits")
    return "".join(
        letters[value >> shift & len(letters) - 1]
        for shift, letters in (
            (12, _CONSONANTS),
            (10, _VOWELS),
            (6, _CONSONANTS),
            (4, _VOWELS),
            (0, _CONSONANTS),
        )
    )

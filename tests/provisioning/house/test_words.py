"""The words of a key: the paper's own examples, and what a person relies on when they compare them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.house.words import proquint, words

# Wilkerson's table: an IPv4 address and the two words that stand for it.
PAPER = {
    "127.0.0.1": "lusab-babad",
    "63.84.220.193": "gutih-tugad",
    "63.118.7.35": "gutuk-bisog",
    "140.98.193.141": "mudof-sakat",
    "64.255.6.200": "haguz-biram",
    "128.30.52.45": "mabiv-gibot",
    "147.67.119.2": "natag-lisaf",
    "212.58.253.68": "tibup-zujah",
    "216.35.68.215": "tobog-higil",
    "216.68.232.21": "todah-vobij",
    "198.81.129.136": "sinid-makam",
    "12.110.110.204": "budov-kuras",
}


@pytest.mark.parametrize(("address", "expected"), PAPER.items())
def test_the_papers_examples(address: str, expected: str) -> None:
    a, b, c, d = map(int, address.split("."))
    assert f"{proquint(a << 8 | b)}-{proquint(c << 8 | d)}" == expected


def test_no_two_values_share_a_word() -> None:
    assert len({proquint(value) for value in range(0x10000)}) == 0x10000


@pytest.mark.parametrize("value", [-1, 0x10000])
def test_what_does_not_fit_is_the_callers_bug(value: int) -> None:
    with pytest.raises(ValueError, match="16 bits"):
        proquint(value)


def test_a_known_key() -> None:
    # SHA-256 of 32 zero bytes begins 6668 7aad f862 bd77 6c8f c18b 8e9f 8e20.
    assert words(bytes(32)) == "kinom lopot zodof rujul kufaz sakar mupiz mumob"


@given(st.binary(min_size=32, max_size=32))
def test_a_key_reads_as_eight_words_of_five_letters(key: bytes) -> None:
    assert re.fullmatch(r"[b-z][aiou][b-z][aiou][b-z]( [b-z][aiou][b-z][aiou][b-z]){7}", words(key))

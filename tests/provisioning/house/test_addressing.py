"""The card can always say whom it means."""

import pytest

from provisioning.house.addressing import NoSuchReader, addressed, described
from provisioning.house.words import words
from tests.support.household import TestReader

READERS = [TestReader(name).public for name in ("Phone", "Tablet", "Tablet", "\u3164", "2")]


def test_a_reader_is_meant_by_its_name_its_number_or_the_words_of_its_key() -> None:
    assert addressed(READERS, "Phone") == READERS[0]
    for number, reader in enumerate(READERS, 1):
        assert addressed(READERS, str(number)) == reader
        spoken = words(reader.sign)
        for form in (spoken, spoken.replace(" ", "-"), spoken.upper(), f"  {spoken} "):
            assert addressed(READERS, form) == reader


@pytest.mark.parametrize(
    "text", ["Tablet", "phone", "", " ", "0", "6", "-1", "\u0661", "9" * 5000, words(bytes(32))]
)
def test_whoever_is_not_meant_by_one_text_is_told_by_others(text: str) -> None:
    with pytest.raises(NoSuchReader) as caught:
        addressed(READERS, text)
    for line in described(READERS):
        assert line in caught.value.hint


def test_a_list_of_readers_names_number_name_and_words() -> None:
    assert described(READERS[:1]) == [f"“Phone”, number 1, {words(READERS[0].sign).replace(' ', '-')}"]

"""The card: what it says in letters, as a link, as a file and on paper."""

from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.sealing import bech32
from device.sealing.identities import X25519Identity
from provisioning.card.birth import birth, write_state
from provisioning.card.card import Card, CardError, parse_code, read_card_file, write_card_file
from provisioning.card.pdf import render
from provisioning.errors import ProvisioningError

HASH = bytes(range(32))
URL = "https://door.local"


def test_letters_survive_typing() -> None:
    card = Card()
    code = card.code(HASH)
    assert len(code) == 89
    typed = " ".join(code[at : at + 4] for at in range(0, 89, 4)).lower()
    for text in (code, typed, typed.replace(" ", "-"), card.link(URL, HASH)):
        assert parse_code(text) == (card.admit_secret, HASH)


@given(st.integers(0, 88), st.sampled_from("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"))
def test_one_wrong_letter_is_never_taken(place: int, letter: str) -> None:
    code = Card(bytes(16)).code(HASH)
    changed = code[:place] + letter + code[place + 1 :]
    if changed != code:
        with pytest.raises(CardError):
            parse_code(changed)


@pytest.mark.parametrize("text", ["", "hello", "ADMIT1", "https://door.local/#card=", "🚪" * 10])
def test_what_is_no_code_is_told(text: str) -> None:
    with pytest.raises(CardError):
        parse_code(text)


def test_the_open_half_is_no_admit_half() -> None:
    with pytest.raises(CardError):
        parse_code(Card().open.secret_text())


def test_a_card_shows_neither_half_by_accident() -> None:
    card = Card()
    for text in (repr(card), str(card), repr(birth("Door"))):
        assert card.open.secret_text() not in text
        assert repr(card.admit_secret) not in text


def test_a_card_file_comes_back(tmp_path: Path) -> None:
    card, path = Card(), tmp_path / "card.txt"
    write_card_file(path, card, HASH)
    again, born_sha256 = read_card_file(path)
    assert (again.admit_secret, born_sha256) == (card.admit_secret, HASH)
    assert again.open.secret_text() == card.open.secret_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_no_card_is_told(tmp_path: Path) -> None:
    path = tmp_path / "card.txt"
    code = Card().code(HASH)
    for text in ("", "hello", f"# Admit: {code}\n{X25519Identity.generate().secret_text()}\n", "\xff"):
        path.write_text(text, encoding="latin-1")
        with pytest.raises((CardError, ProvisioningError)):
            read_card_file(path)
    with pytest.raises(CardError, match="cannot be read"):
        read_card_file(tmp_path / "nowhere")


def test_a_code_of_another_kind_is_no_admit_half() -> None:
    letters = bech32.encode("invite", bytes(48))
    with pytest.raises(CardError, match="no Admit half"):
        parse_code(letters)


def test_two_cards_share_nothing() -> None:
    one, other = birth("Door"), birth("Door")
    assert one.card.admit_secret != other.card.admit_secret
    assert one.card.open.secret_text() != other.card.open.secret_text()
    assert one.device_seed != other.device_seed
    assert one.born_sha256 != other.born_sha256


def test_a_door_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ProvisioningError, match="cannot be written"):
        write_state(birth("Door"), tmp_path / "file" / "state")


@pytest.fixture(scope="module")
def printed() -> tuple[Card, bytes]:
    card = Card()
    return card, render(card, HASH, "Haustür", URL)


def test_the_printed_codes_scan(printed: tuple[Card, bytes]) -> None:
    card, pdf = printed
    page = pypdfium2.PdfDocument(pdf)[0]
    picture = np.asarray(page.render(scale=3).to_pil().convert("L")).copy()
    half = picture.shape[0] // 2
    upper, *_ = cv2.QRCodeDetectorAruco().detectAndDecode(picture[:half])
    lower, *_ = cv2.QRCodeDetectorAruco().detectAndDecode(picture[half:])
    assert upper == card.link(URL, HASH)
    assert lower == card.open.secret_text()


def test_each_half_has_its_own_secret_only_and_says_what_it_does(printed: tuple[Card, bytes]) -> None:
    card, pdf = printed
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    page = document[0].get_textpage()
    height = document[0].get_height()
    upper = "".join(page.get_text_bounded(bottom=height / 2).split())
    lower = "".join(page.get_text_bounded(top=height / 2).split())
    assert card.code(HASH) in upper
    assert card.open.secret_text() not in upper
    assert card.open.secret_text() in lower
    assert card.code(HASH) not in lower
    assert "Haustür:Admit" in upper
    assert "addsphones,opensnothing" in upper
    assert "openseverything,addsnobody" in lower


def test_a_name_that_the_fonts_lack_does_not_stop_the_card() -> None:
    assert render(Card(), HASH, "Дверь 🚪", URL).startswith(b"%PDF")


def test_a_pdf_does_not_say_when_it_was_made(printed: tuple[Card, bytes]) -> None:
    assert b"20261" not in printed[1]

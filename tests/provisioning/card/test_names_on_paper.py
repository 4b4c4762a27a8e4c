"""A door's name on its card: in any letters, drawn as people write them, and never in place of another's."""

import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest

from provisioning.card import fonts
from provisioning.card.birth import birth
from provisioning.card.card import Card
from provisioning.card.door_name import BadName, door_name
from provisioning.card.fonts import NoFont
from provisioning.card.pdf import render
from provisioning.cli import run

CARD, HASH, URL = Card(), bytes(32), "https://door.local"
OWN = [
    "Haustür", "Mum’s door", "Čtyři dveře", "Cửa trước", "Дверь", "Ворот", "Вхід", "Εξώπορτα", "Πίσω πόρτα",
    "דלת כניסה", "דלת אחורית", "الباب الأمامي", "الباب الخلفي", "درب پشتی", "შესასვლელი", "ประตูหน้า", "सामने का दरवाज़ा",
]  # fmt: skip  # read as a list
OTHERS = ["前门", "后门", "正面玄関", "현관문", "🚪", "🏠", "🚪 Tür", "דלת 🚪", "前门 Ευρώπη"]
HIEROGLYPH = "\U00013000"
SCALE = 4


def page_of(name: str) -> pypdfium2.PdfPage:
    return pypdfium2.PdfDocument(render(CARD, HASH, name, URL))[0]


def heading(name: str) -> np.ndarray:
    """Return the ink of a name on the upper half: uint8, 255 where there is any."""
    page = page_of(name)
    grey = np.asarray(page.render(scale=SCALE).to_pil().convert("L"))
    strip = grey[int(45 * SCALE) : int(80 * SCALE)]
    return np.where(strip < 160, 255, 0).astype(np.uint8)


def strokes(name: str) -> int:
    """Return how many pieces of ink a name has, without what stands behind it."""
    whole, *_ = cv2.connectedComponents(heading(name))
    rest, *_ = cv2.connectedComponents(heading("x"))
    return whole - (rest - 1)  # an x is one piece


def needs_fonts(name: str) -> None:
    """Skip where this computer draws less than ``scripts/test`` installs fonts for."""
    if shutil.which("fc-match") is None:
        pytest.skip("fontconfig is not installed; scripts/test installs it")
    for letter in set(name) - {" "}:
        found = subprocess.run(
            ["fc-list", f":charset={ord(letter):x}", "family"], capture_output=True, check=True
        )
        if not found.stdout and ord(letter) > 0x2000:
            pytest.skip(f"no font for {letter}; scripts/test installs one")


@pytest.mark.parametrize("name", [*OWN, *OTHERS])
def test_a_name_in_any_letters_is_on_both_halves_and_no_letter_of_it_is_lost(name: str) -> None:
    if name in OTHERS:
        needs_fonts(name)
    page = page_of(door_name(name))
    text, height = page.get_textpage(), page.get_height()
    for half in (text.get_text_bounded(bottom=height / 2), text.get_text_bounded(top=height / 2)):
        first = half.splitlines()[0]
        assert set(name) - {" "} <= set(first) | set(half[: len(name) + 20])
        assert "?" not in first
        assert "\ufffd" not in first


@pytest.mark.parametrize("names", [OWN, OTHERS], ids=["own fonts", "this computer's"])
def test_no_two_doors_have_cards_that_look_alike(names: list[str]) -> None:
    if names is OTHERS:
        needs_fonts("".join(names))
    seen = [heading(name).tobytes() for name in names]
    assert len(set(seen)) == len(names)


def test_arabic_letters_join_as_they_are_written() -> None:
    # Four times beh: one stroke with four dots. Letters that stand by themselves would be four strokes.
    assert strokes("بببب") == 5
    assert strokes("دددد") == 4, "dal joins to the right alone"


@pytest.mark.parametrize("name", ["אב", "اد"])
def test_what_is_written_from_the_right_begins_on_the_right_and_admit_stands_behind_it(name: str) -> None:
    text = page_of(name).get_textpage()
    heading = {
        text.get_text_range(number, 1): text.get_charbox(number) for number in range(len(name + ": A"))
    }
    first, second = (heading[letter] for letter in name)
    assert first[0] > second[0]
    assert heading["A"][0] > first[2]


def test_a_digit_behind_hebrew_stands_on_its_left() -> None:
    text = page_of("דלת 7").get_textpage()
    at = {text.get_text_range(number, 1): text.get_charbox(number)[0] for number in range(20)}
    assert at["7"] < at["ת"] < at["ל"] < at["ד"]


@pytest.mark.parametrize("name", ["W" * 40, "Щ" * 40])
def test_the_longest_name_stays_beside_what_its_half_is_called(name: str) -> None:
    page = page_of(name)
    text = page.get_textpage()
    boxes = [text.get_charbox(number) for number in range(47)]
    assert text.get_text_range(40, 7) == ": Admit"
    assert max(right for _, _, right, _ in boxes) < page.get_width() - 40
    assert boxes[39][2] <= boxes[40][0]


def test_a_name_of_western_europe_needs_no_font_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_add", None)
    assert render(CARD, HASH, "Haustür + Café", URL).startswith(b"%PDF")


def test_a_letter_that_no_font_has_is_refused_and_no_door_is_born(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needs_fonts("")
    if subprocess.run(["fc-list", f":charset={ord(HIEROGLYPH):x}"], capture_output=True, check=True).stdout:
        pytest.skip("this computer has a font for hieroglyphs")
    state, out = tmp_path / "state", tmp_path / "card.pdf"
    command = ["card", "--name", f"Door {HIEROGLYPH}", "--state", str(state), "--url", URL, "-o", str(out)]
    assert run(command) == 1
    said = capsys.readouterr().err
    assert "error: no font on this computer has" in said
    assert "U+13000" in said
    assert "hint: install one" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("answer", ["", "nonsense", "/fonts/old.pfb\n0", "/fonts/any.ttf\nx"])
def test_what_fontconfig_names_that_no_pdf_can_hold_is_refused(
    answer: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "fc-match"
    program.write_text(f"#!/bin/sh\nprintf '{answer}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(NoFont):
        render(CARD, HASH, HIEROGLYPH, URL)


def test_without_fontconfig_the_refusal_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoFont) as refused:
        render(CARD, HASH, HIEROGLYPH, URL)
    assert "fontconfig" in refused.value.hint
    assert render(CARD, HASH, "Дверь", URL).startswith(b"%PDF"), "what comes with doorward needs nothing else"


def test_a_name_is_kept_composed_and_without_what_says_only_how_a_sign_is_drawn() -> None:
    assert door_name("Haustu\u0308r \u2764\ufe0f") == "Haustür \u2764"
    assert b"Haust\xc3\xbcr" in birth("Haustu\u0308r").born_line


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "1 to 40"), ("x" * 41, "1 to 40"), (" Door", "no space"), ("Front  door", "no space"),
        ("12 + 3", "a letter"), ("Door\n2", r"U\+000A"), ("Door\u202eroom", r"U\+202E"), ("A\u200bB", "ZERO WIDTH SPACE"),
        ("x\u0302\u0323\u0301", r"U\+03"), ("Door?", r"U\+003F"), ("“Door”", r"U\+201C"), ("\ufffd", r"U\+FFFD"),
        ("a\U000e0041", r"U\+E0041"), ("\U0001f468\u200d\U0001f467", "joins"), ("The door", "somebody else"),
    ],
)  # fmt: skip  # read as a table
def test_what_is_no_name_is_refused_and_the_sign_is_named(name: str, why: str) -> None:
    with pytest.raises(BadName, match=why) as refused:
        door_name(name)
    assert refused.value.hint

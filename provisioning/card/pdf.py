"""The house card on paper: one A4 page, two halves to cut apart and keep apart.

    above   Admit: a QR code that is a link, and its letters to type; adds phones, opens nothing
    below   Open: a QR code that is a key and no link, and its letters; opens every clip, adds nobody

Both codes are drawn as vectors. Text is in the PDF's own fonts; the door's name, which may be in any letters, is where they end
(``fonts``).
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import segno
from fpdf import FPDF

from provisioning.card.card import Card
from provisioning.card.fonts import draw, fonts_for

_MARGIN_MM: Final = 18.0
_WIDTH_MM: Final = 174.0
_HALF_MM: Final = 148.5
_CODE_MM: Final = 58.0
_QUIET_MODULES: Final = 4
_NAME_PT: Final = 20
_NAME_MM: Final = 145.0  # what its half is called stands beside it

_ADMIT: Final = """Scan this with a phone's camera, or type the letters on the page. The phone then belongs to the household: \
it sees the list, opens new clips, and can remove others."""
_KEEP_ADMIT: Final = """This half opens nothing. Whoever finds it could add a phone, and every phone of the household would \
say so. Keep it in the house, where you can reach it when a phone is lost."""
_OPEN: Final = """This is a key, not a link. It opens every clip without any phone, without our software and without a \
network, with the age tool (age-encryption.org), version 1.3 or newer, or with doorward on your computer."""
_KEEP_OPEN: Final = """This half adds nobody, but whoever has it sees everything. Keep it where you keep your passport. Never \
type it into a page that a doorbell serves, nor photograph it with a phone that sends its pictures away."""


def render(card: Card, born_sha256: bytes, door_label: str, url: str, fingerprint: str = "") -> bytes:
    """Return the PDF of a card: A4, one page.

    Args:
        card: both halves.
        born_sha256: which door, 32 bytes.
        door_label: its name.
        url: where its page is; becomes the link.
        fingerprint: of the house's own authority, as phones show it; empty if there is none.

    Raises:
        NoFont: this computer cannot draw a letter of the name.
    """
    page = FPDF(format="A4")
    page.set_margin(_MARGIN_MM)
    page.c_margin = 0
    page.set_auto_page_break(False)
    page.set_title("doorward house card")
    page.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))  # when a card was made is nobody's business
    page.add_page()
    code, secret = card.code(born_sha256), card.open.secret_text()
    with fonts_for(page, door_label) as families:
        name = _Name(door_label, families)
        _half(page, 0, name, "Admit", "adds phones, opens nothing", card.link(url, born_sha256), _ADMIT)
        _letters(page, "To type:", _groups(code))
        _words(page, _KEEP_ADMIT)
        if fingerprint:
            rows = [fingerprint[:48], fingerprint[48:]]
            _letters(page, "Fingerprint of this house's certificate authority:", rows)
        _cut(page)
        _half(page, _HALF_MM, name, "Open", "opens everything, adds nobody", secret, _OPEN)
        _letters(page, "", ["age -d -i card.txt clip.mp4.age > clip.mp4"])
        _letters(page, "card.txt holds these letters in one line:", _rows(secret))
        _words(page, _KEEP_OPEN)
        return bytes(page.output())


@dataclass(frozen=True, slots=True)
class _Name:
    """A door's name, and the families that draw it."""

    text: str
    families: Sequence[str]


def _half(page: FPDF, top_mm: float, door: _Name, name: str, does: str, code: str, words: str) -> None:
    page.set_xy(_MARGIN_MM, top_mm + _MARGIN_MM)
    # By itself: in one line with a name from right to left, our word would stand on the wrong side of it.
    draw(page, door.families, door.text, _NAME_PT, _NAME_MM, 9)
    page.set_font("Helvetica", "B", _NAME_PT)
    page.cell(0, 9, f": {name}", new_x="LMARGIN", new_y="NEXT")
    page.set_font("Helvetica", "", 12)
    page.set_text_color(90)
    page.cell(_WIDTH_MM, 7, f"House card: this half {does}.", new_x="LMARGIN", new_y="NEXT")
    page.set_text_color(0)
    _code(page, code, _MARGIN_MM + _WIDTH_MM - _CODE_MM, top_mm + _MARGIN_MM + 20)
    page.set_xy(_MARGIN_MM, top_mm + _MARGIN_MM + 22)
    _words(page, words)


def _words(page: FPDF, words: str) -> None:
    page.set_font("Helvetica", "", 10)
    page.multi_cell(_WIDTH_MM - _CODE_MM - 8, 5, words, align="L", new_x="LMARGIN", new_y="NEXT")
    page.ln(3)


def _letters(page: FPDF, heading: str, lines: Sequence[str]) -> None:
    if heading:
        page.set_font("Helvetica", "", 10)
        page.cell(_WIDTH_MM, 5, heading, new_x="LMARGIN", new_y="NEXT")
    page.set_font("Courier", "B", 10)
    for line in lines:
        page.cell(_WIDTH_MM, 5, line, new_x="LMARGIN", new_y="NEXT")
    page.ln(3)


def _code(page: FPDF, text: str, left_mm: float, top_mm: float) -> None:
    """Draw a QR code with its quiet zone."""
    matrix = list(segno.make(text, error="m", micro=False).matrix_iter(border=_QUIET_MODULES))
    side_mm = _CODE_MM / len(matrix)
    page.set_fill_color(0)
    for row, modules in enumerate(matrix):
        start: int | None = None
        for column, dark in enumerate((*modules, 0)):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                # A hair wider than it is, or viewers show light seams between the modules.
                wide_mm, high_mm = (column - start) * side_mm + 0.02, side_mm + 0.02
                page.rect(left_mm + start * side_mm, top_mm + row * side_mm, wide_mm, high_mm, style="F")
                start = None


def _cut(page: FPDF) -> None:
    page.set_draw_color(120)
    page.set_dash_pattern(dash=2, gap=2)
    page.line(_MARGIN_MM, _HALF_MM, _MARGIN_MM + _WIDTH_MM, _HALF_MM)
    page.set_dash_pattern()
    page.set_font("Helvetica", "", 8)
    page.set_text_color(120)
    page.text(_MARGIN_MM, _HALF_MM - 1.5, "cut here, and keep the halves in two places")
    page.set_text_color(0)


def _groups(code: str) -> list[str]:
    """Return the Admit letters in groups of four, six a line."""
    groups = textwrap.wrap(code, 4)
    return [" ".join(groups[at : at + 6]) for at in range(0, len(groups), 6)]


def _rows(secret: str) -> list[str]:
    """Return a key in rows that fit beside its code; a key has no place where it may be broken, so any will do."""
    return [secret[at : at + 44] for at in range(0, len(secret), 44)]

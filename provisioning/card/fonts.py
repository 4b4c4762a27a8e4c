"""Fonts for a name on paper: whoever prints a card has to see which door it is of.

    Western Europe    the PDF's own font, and nothing is loaded
    more of Europe,   FiraGO, from the package ``pymupdf-fonts``: Latin, Greek, Cyrillic, Georgian, Hebrew, Arabic,
    the Near East     Devanagari and Thai
    all others        what this computer has, as fontconfig finds it: Noto for Chinese, Japanese, Korean and emoji

A letter that no font has is refused: a box or a question mark would make the cards of two doors look alike.
"""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.fonts import TTFFont

from provisioning.errors import ProvisioningError

_PATIENCE_S: Final = 60.0
"""For fontconfig, which reads every font anew after some were installed."""
_EMBEDDABLE: Final = (".ttf", ".otf", ".ttc", ".otc")


class NoFont(ProvisioningError, LookupError):
    """No font of this computer has a letter."""

    def __init__(self, letter: str) -> None:
        super().__init__(
            f"no font on this computer has “{letter}” (U+{ord(letter):04X}): the card could not say which door it is of",
            hint="install one; on Debian: apt install fontconfig fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji",
        )


@contextlib.contextmanager
def fonts_for(page: FPDF, text: str) -> Iterator[list[str]]:
    """Yield the families that draw ``text``, the one that has most of it first; none if the PDF's own font does.

    The page is written out within this block: fonts are read until then.

    Raises:
        NoFont: a letter is in no font.
    """
    if _is_western(text):
        yield []
        return
    # Imported late: most names do without.
    from pymupdf_fonts import fontbuffers  # type: ignore[import-untyped]

    wanted = set(text) - {" "}
    with tempfile.NamedTemporaryFile(suffix=".ttf") as file, _closing_fonts(page):
        file.write(fontbuffers["figbo"]())
        file.flush()
        has = {"own": _add(page, "own", Path(file.name)) & wanted}
        while missing := sorted(wanted.difference(*has.values())):
            family = f"other{len(has)}"
            drawn = _add(page, family, *_nearest(missing)) & wanted
            if drawn.isdisjoint(missing):
                # No font has them all, and the one that was named instead has none of them.
                family += "'"
                drawn = _add(page, family, *_nearest(missing[:1])) & wanted
            if drawn.isdisjoint(missing):
                raise NoFont(missing[0])
            has[family] = drawn
        yield sorted(has, key=lambda family: -len(has[family]))


def draw(
    page: FPDF, families: Sequence[str], text: str, most_pt: float, most_mm: float, high_mm: float
) -> None:
    """Draw a text in one line, bold where the font is, and go on behind it; smaller where it would be wider than ``most_mm``."""
    if families:
        page.set_text_shaping(use_shaping_engine=True)
        page.set_fallback_fonts(families[1:], exact_match=False)
        page.set_font(families[0], "", most_pt)
    else:
        page.set_font("Helvetica", "B", most_pt)
    page.set_font_size(min(most_pt, most_pt * most_mm / page.get_string_width(text)))
    page.cell(page.get_string_width(text), high_mm, text)
    page.set_text_shaping(use_shaping_engine=False)
    page.set_fallback_fonts([])


@contextlib.contextmanager
def _closing_fonts(page: FPDF) -> Iterator[None]:
    try:
        yield
    finally:
        for font in page.fonts.values():
            if isinstance(font, TTFFont):
                font.close()


def _is_western(text: str) -> bool:
    with contextlib.suppress(UnicodeEncodeError):
        text.encode("latin-1")
        return True
    return False


def _add(page: FPDF, family: str, file: Path, number: int = 0) -> set[str]:
    """Add a font and return its letters."""
    page.add_font(family, fname=file, collection_font_number=number)
    font = page.fonts[family]
    return {chr(code) for code in font.cmap} if isinstance(font, TTFFont) else set()


def _nearest(letters: Sequence[str]) -> tuple[Path, int]:
    """Return file, and place in it, of the font that this computer would take for ``letters``, whether it has them or not.

    Raises:
        NoFont: it cannot be asked, or would take one that no PDF can hold.
    """
    program = shutil.which("fc-match")
    if program is None:
        raise NoFont(letters[0])
    pattern = f"sans-serif:bold:charset={' '.join(f'{ord(letter):x}' for letter in letters)}"
    try:
        said = subprocess.run(  # noqa: S603 - numbers of letters are all that comes from outside
            [program, "--format=%{file}\n%{index}", pattern],
            capture_output=True,
            text=True,
            check=True,
            timeout=_PATIENCE_S,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise NoFont(letters[0]) from error
    file, _, number = said.stdout.partition("\n")
    if not file.lower().endswith(_EMBEDDABLE) or not number.isdecimal():
        raise NoFont(letters[0])
    return Path(file), int(number) & 0xFFFF  # above it, which instance of a variable font

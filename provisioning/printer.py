"""The one printer: whatever the command line says passes here, so that what others wrote cannot speak in our voice.

    letters     nothing but letters: no control or escape, no new line, no direction mark, nothing that is not seen
    quoted      the same, in quotation marks that it cannot close, and no longer than a terminal can bear
    say         one sentence, one line
    explain     ``error:`` or ``warning:``, and what to do about it
    table, data the same rules in cells, and in JSON

A door's name, a reader's, a zone's, a file's, a refusal, what a library says of a stranger's answer: an attacker writes them.
On a terminal a text can move the cursor, erase the line in which we said no, set the clipboard, look like a link, or run from
right to left. So nothing is printed that is not a letter, whoever wrote it; what stands between our words is quoted; and what
a server said without a signature is said to be its word. No command writes to the terminal by another way.

Source: Unicode 15, general categories and Default_Ignorable_Code_Point; ECMA-48.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import IO, Final, Literal

import click
import segno
from rich.console import Console
from rich.progress import Progress, ProgressColumn
from rich.table import Table
from rich.text import Text

MAX_QUOTED: Final = 200
_STRANGE: Final = "\N{REPLACEMENT CHARACTER}"
_MOST_MARKS: Final = (
    2  # Vietnamese needs two on one letter; a pile of them is drawn over the neighbouring lines
)
_QUOTES: Final = re.compile('["\N{LEFT DOUBLE QUOTATION MARK}-\N{DOUBLE HIGH-REVERSED-9 QUOTATION MARK}]')
# Letters by their category, and not seen: Default_Ignorable_Code_Point, the braille blank, musical blanks.
_UNSEEN: Final = (
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0x1D159, *range(0x180B, 0x1810)}
    | set(range(0xFE00, 0xFE10))
    | set(range(0xE0000, 0xE1000))
)

Column = tuple[str, Literal["left", "right"]]
"""Heading of a column, and the side that its cells keep to."""
Row = tuple[Sequence[str], str]
"""Cells of a table, and the style of all of them; none if empty."""


def letters(text: str) -> str:
    """Return a text as letters and spaces; each that is neither becomes U+FFFD."""
    shown: list[str] = []
    marks = 0
    for letter in text:
        marks = marks + 1 if unicodedata.category(letter) in ("Mn", "Me") else 0
        fits = letter.isprintable() and ord(letter) not in _UNSEEN and marks <= _MOST_MARKS
        shown.append(letter if fits else _STRANGE)
    return "".join(shown)


def quoted(text: str) -> str:
    """Return what somebody else wrote, in quotation marks: within a sentence of ours it stays theirs."""
    inside = _QUOTES.sub("'", re.sub(" +", " ", letters(text[: 2 * MAX_QUOTED])))
    if len(inside) > MAX_QUOTED or len(text) > 2 * MAX_QUOTED:
        inside = inside[:MAX_QUOTED] + "…"
    return f"“{inside}”"


def say(sentence: str, *, err: bool = False, style: str = "") -> None:
    """Print one line.

    Args:
        sentence: ours; what others wrote is ``quoted`` in it.
        err: to standard error.
        style: of rich, such as "bold red", where the terminal has it.
    """
    _console(err=err).print(Text(_encodable(letters(sentence), sys.stderr if err else sys.stdout), style))


def explain(how: Literal["error", "warning"], sentence: str, hint: str) -> None:
    """Print what is wrong and what to do about it, to standard error; no hint if it is empty."""
    say(f"{how}: {sentence}", err=True)
    if hint:
        say(f"hint: {hint}", err=True)


def table(title: str, columns: Sequence[Column], rows: Iterable[Row], *, err: bool = False) -> None:
    """Print a table.

    Args:
        title: above it.
        columns: heading and side of each.
        rows: as many cells each.
        err: to standard error.
    """
    shown = Table(title=Text(letters(title)), title_justify="left")
    for heading, side in columns:
        shown.add_column(Text(heading), justify=side)
    for cells, style in rows:
        shown.add_row(*(Text(letters(cell)) for cell in cells), style=style or None)
    _console(err=err).print(shown, soft_wrap=False)


def data(json: str) -> None:
    """Print JSON; in its strings, whatever is no letter is escaped, which says the same."""
    click.echo(
        "".join(letter if letter == "\n" or letters(letter) == letter else _escape(letter) for letter in json)
    )


def help_text(text: str) -> None:
    """Print what click says of our own commands: several lines, ours alone."""
    click.echo(text)


def confirm(question: str) -> None:
    """Ask, and go on after a yes.

    Raises:
        click.Abort: anything else was answered.
    """
    click.confirm(letters(question), abort=True)


def qr_code(link: str) -> None:
    """Print a QR code."""
    segno.make(link, micro=False).terminal(out=sys.stdout, compact=True)


def progress(*columns: str | ProgressColumn, hidden: bool = False) -> Progress:
    """Return a bar on standard error, on a terminal alone; a name in its columns passes ``letters`` first."""
    console = _console(err=True)
    return Progress(*columns, console=console, transient=True, disable=hidden or not console.is_terminal)


def _console(*, err: bool) -> Console:
    return Console(stderr=err, markup=False, emoji=False, highlight=False, soft_wrap=True)


def _escape(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _encodable(text: str, stream: IO[str]) -> str:
    """Return a text with "?" for what the terminal's own encoding lacks: an old one must not end a command."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)

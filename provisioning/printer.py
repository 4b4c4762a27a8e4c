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

What draws is imported where it draws: most of what is said is said by commands that are over before rich is there.

Source: Unicode 15, general categories and Default_Ignorable_Code_Point; ECMA-48.
"""

import contextlib
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import IO, TYPE_CHECKING, Final, Literal

import click

from provisioning.streams import encodable, speaking, stream_of

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn

    from provisioning.layout import Column, Row

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
    from rich.text import Text

    with speaking(err=err) as stream:
        _console(err=stream is sys.stderr).print(Text(encodable(letters(sentence), stream), style))


def explain(how: Literal["error", "warning"], sentence: str, hint: str) -> None:
    """Print what is wrong and what to do about it, to standard error; no hint if it is empty."""
    say(f"{how}: {sentence}", err=True)
    if hint:
        say(f"hint: {hint}", err=True)


def table(title: str, columns: "Sequence[Column]", rows: "Iterable[Row]", *, err: bool = False) -> None:
    """Print a table: as wide as the terminal, whole in a pipe.

    Args:
        title: above it.
        columns: heading and side of each.
        rows: as many cells each.
        err: to standard error.
    """
    from provisioning.layout import lay_out

    stream = stream_of(err=err)
    width = shutil.get_terminal_size().columns if stream.isatty() else None
    shown = [([encodable(letters(cell), stream) for cell in cells], style) for cells, style in rows]
    say(title, err=err)
    for line, style in lay_out(columns, shown, width):
        say(line, err=err, style=style)


def moment(at: datetime) -> str:
    """Return a time as this computer's clock tells it, with its zone: when the clocks change, an hour comes twice."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S %Z}"


def counted(number: int, thing: str) -> str:
    """Return how many there are of a thing whose name ends with s if there are several."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def data(json: str) -> None:
    """Print JSON; in its strings, whatever is no letter, or cannot be shown here, is escaped, which says the same."""
    with speaking(err=False) as stream:
        click.echo("".join(_shown_in_json(letter, stream) for letter in json), file=stream)


def help_text(text: str) -> None:
    """Print what click says of our own commands: several lines, ours alone."""
    with speaking(err=False) as stream:
        click.echo(text, file=stream)


def confirm(question: str) -> None:
    """Ask, and go on after a yes.

    Raises:
        click.Abort: anything else was answered.
    """
    click.confirm(letters(question), abort=True)


def agrees(question: str) -> bool:
    """Return whether somebody at the terminal says yes; no is what is meant where nobody says anything."""
    return click.confirm(letters(question), default=False, err=True)


def qr_code(link: str) -> None:
    """Print a QR code; none where its blocks cannot be shown."""
    if encodable("█▀▄", sys.stdout) != "█▀▄":
        return
    import segno

    segno.make(link, micro=False).terminal(out=sys.stdout, compact=True)


def progress(*columns: "str | ProgressColumn", hidden: bool = False) -> "Progress":
    """Return a bar on standard error, on a terminal alone; a name in its columns passes ``letters`` first."""
    from rich.progress import Progress

    is_shown = not hidden and stream_of(err=True).isatty()
    return Progress(*columns, console=_console(err=True), transient=True, disable=not is_shown)


def spinner() -> "ProgressColumn":
    """Return what turns while something goes on, in signs that the terminal has."""
    from rich.progress import SpinnerColumn

    return SpinnerColumn("dots" if encodable("⠋", sys.stderr) == "⠋" else "line")


@contextlib.contextmanager
def working(what: str) -> Iterator[None]:
    """Show on standard error, on a terminal alone, that something is going on whose end nobody knows, and for how long."""
    if not stream_of(err=True).isatty():
        yield
        return
    from rich.progress import TextColumn, TimeElapsedColumn

    with progress(spinner(), TextColumn("{task.description}", markup=False), TimeElapsedColumn()) as bar:
        bar.add_task(letters(what), total=None)
        yield


def _console(*, err: bool) -> "Console":
    from rich.console import Console

    return Console(stderr=err, markup=False, emoji=False, highlight=False, soft_wrap=True)


def _shown_in_json(letter: str, stream: IO[str]) -> str:
    if letter == "\n" or (letters(letter) == letter and encodable(letter, stream) == letter):
        return letter
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))

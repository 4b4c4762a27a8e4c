"""The three standard streams, as they come: in any encoding, closed, full, a pipe that nobody reads any more.

None of it ends a command in a traceback. What an encoding lacks is spelt, typographic marks as plain ones and letters by their
numbers; what standard output does not take is an error; what standard error does not take can be told to nobody.

While standard output carries a file, every word goes to standard error (``aside``).
"""

import codecs
import contextlib
import io
import os
import shutil
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from typing import IO, BinaryIO, Final

import click

from provisioning.errors import ProvisioningError

_PLAIN: Final = str.maketrans(
    {
        "“": '"',
        "”": '"',
        "‘": "'",
        "’": "'",
        "…": "...",
        "→": "->",
        "–": "-",
        "—": "-",
        "×": "x",
        "·": "-",
        "\u00a0": " ",
    }
)
_aside: ContextVar[bool] = ContextVar("_aside", default=False)


class NotSaid(ProvisioningError, OSError):
    """Standard output takes no more."""


def _spelt(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end].translate(_PLAIN)
    return lost.encode("ascii", "backslashreplace").decode("ascii"), error.end


codecs.register_error("spelt", _spelt)


@contextlib.contextmanager
def aside(*, on: bool = True) -> Iterator[None]:
    """Have every word go to standard error in this block: standard output carries a file."""
    token = _aside.set(on)
    try:
        yield
    finally:
        _aside.reset(token)


def is_watched() -> bool:
    """Return whether standard output is a terminal: a film would be noise there."""
    return sys.stdout.isatty()


def is_attended() -> bool:
    """Return whether somebody sits there who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def carry(file: BinaryIO) -> None:
    """Write a file to standard output, from where it stands to its end.

    Raises:
        NotSaid: some of it may have been written.
    """
    with speaking(err=False):
        sys.stdout.flush()
        shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def typed() -> bytes:
    """Return what comes from standard input, to its end; whoever sits before it is told how to end it."""
    if sys.stdin.isatty():
        with speaking(err=True) as stream:
            click.echo("Type or paste it, then press Enter and Ctrl-D.", file=stream)
    buffer: BinaryIO | None = getattr(sys.stdin, "buffer", None)
    return buffer.read() if buffer is not None else sys.stdin.read().encode()


def open_streams() -> None:
    """See to it that there are three streams, and that no letter can end a command. Before anything else is opened.

    A film that was given the number of a closed standard output would have our words written into it.
    """
    for number, flags in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - it lives as long as the program
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="spelt")


def end_streams() -> None:
    """Say what is still to be said.

    Raises:
        BrokenPipeError, NotSaid: as ``speaking``.
    """
    try:
        with speaking(err=False):
            sys.stdout.flush()
    except OSError:
        # What is left in the buffer would be tried again at the very end, and told as a bug.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise


@contextlib.contextmanager
def speaking(*, err: bool) -> Iterator[IO[str]]:
    """Yield where to speak. That standard output refuses is an error; that standard error does can be told to nobody.

    Raises:
        BrokenPipeError: nobody listens any more, and nobody needs to be told.
        NotSaid: standard output refused.
    """
    err = err or _aside.get()
    try:
        yield stream_of(err=err)
    except BrokenPipeError:
        if not err:
            raise
    except OSError as error:
        if not err:
            raise NotSaid(f"standard output cannot be written: {error.strerror}") from error


def stream_of(*, err: bool) -> IO[str]:
    """Return standard error if it is asked for, or while words stand aside; else standard output."""
    return sys.stderr if err or _aside.get() else sys.stdout


def encodable(text: str, stream: IO[str]) -> str:
    """Return a text with what the terminal's own encoding lacks spelt: an old one must not end a command."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "spelt").decode(encoding)

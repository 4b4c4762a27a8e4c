"""Texts that a person hands over: a key file, a card file, settings; as editors of every system save them.

UTF-8 with or without a mark, UTF-16, any line ends. What is no text is told what it is: people name the card's PDF, a photograph,
or the film itself.
"""

import codecs
from pathlib import Path
from typing import Final

from provisioning.errors import ProvisioningError
from provisioning.streams import typed

MAX_BYTES: Final = 1 << 20
STDIN: Final = Path("-")
_SEALED: Final = b"age-encryption.org/v1"
_OTHERS: Final = (
    (b"%PDF", "a PDF", "type the letters that are printed on it, or name the text file of the card"),
    (_SEALED, "sealed with age itself", "open it first: age -d FILE | doorward … -"),
    (b"-----BEGIN AGE ENCRYPTED FILE", "sealed with age itself", "open it first: age -d FILE | doorward … -"),
    (b"{\\rtf", "a formatted document", "save it as plain text"),
    (b"PK\x03\x04", "an archive or a document of an office program", "save it as plain text"),
    (b"\x89PNG", "a picture", "type the letters that are on it"),
    (b"\xff\xd8\xff", "a picture", "type the letters that are on it"),
)


class NoText(ProvisioningError, ValueError):
    """A file cannot be read, or holds no text."""


def name_of(path: Path) -> str:
    """Return what a file is called in a sentence."""
    return "standard input" if path == STDIN else str(path)


def read_text(path: Path) -> str:
    """Return the text in a file, or from standard input if its name is ``-``. Errors never repeat what it holds.

    Raises:
        NoText: it cannot be read, or holds something else; the sentence says what.
    """
    name = name_of(path)
    try:
        if path == STDIN:
            content = typed()
        else:
            with path.open("rb") as file:  # a pipe too: whoever keeps the key elsewhere hands it over so
                content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise NoText(f"{name}: cannot be read: {error.strerror}") from error
    for start, kind, hint in _OTHERS:
        if content.startswith(start):
            raise NoText(f"{name}: this is {kind}, and no text", hint=hint)
    if content[4:8] == b"ftyp":
        raise NoText(f"{name}: this is a film, and no text")
    if len(content) > MAX_BYTES:
        raise NoText(f"{name}: cannot be read: it is too long to be a text of this kind")
    return _decoded(name, content)


def _decoded(name: str, content: bytes) -> str:
    # In UTF-16 every second byte of what begins such a file, which is ASCII, is zero.
    even, odd = content[2:64:2], content[3:64:2]
    if content.startswith(codecs.BOM_UTF16_BE) or (even and not any(even)):
        encoding = "utf-16-be"
    elif content.startswith(codecs.BOM_UTF16_LE) or (odd and not any(odd)):
        encoding = "utf-16-le"
    else:
        encoding = "utf-8"
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise NoText(
            f"{name}: cannot be read: it is not text", hint="save it as plain text, UTF-8"
        ) from error

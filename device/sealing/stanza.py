"""One recipient stanza of an age header, and the strict base64 inside it.

A stanza wraps the file key for one recipient: a line of arguments, the first of which names the kind, and a
body in unpadded base64, wrapped at 64 columns, whose last line is always shorter (and may be empty).

Source: c2sp.org/age, "Recipient stanza".
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from device.sealing.errors import HeaderError

COLUMNS: Final = 64
FILE_KEY_BYTES: Final = 16
BODY_BYTES: Final = FILE_KEY_BYTES + 16
"""A file key and its AEAD tag: the body of every stanza that we write or open."""


@dataclass(frozen=True, slots=True)
class Stanza:
    """Arguments (printable ASCII, the kind first) and body of one stanza."""

    args: tuple[str, ...]
    body: bytes

    @property
    def kind(self) -> str:
        """The first argument, such as ``X25519``."""
        return self.args[0]

    def encode(self) -> bytes:
        """Return the stanza as it stands in a header, from its arrow to its last line feed."""
        text = encode_base64(self.body)
        lines = [text[i : i + COLUMNS] for i in range(0, len(text) + 1, COLUMNS)]
        return "".join(f"{line}\n" for line in ("-> " + " ".join(self.args), *lines)).encode("ascii")

    def shares(self, *sizes_bytes: int) -> tuple[bytes, ...]:
        """Return the arguments after the kind, of a stanza that wraps a file key in 32 bytes.

        A body of any other length is refused before it is tried, else one body could be made that opens under
        many keys (a partitioning oracle).

        Raises:
            HeaderError: not as many arguments as sizes, or not canonical base64 of that many bytes, or not a body
                of 32 bytes.
        """
        if len(self.args) != 1 + len(sizes_bytes):
            raise HeaderError(
                f"a stanza {self.kind} has {len(self.args)} arguments instead of {1 + len(sizes_bytes)}"
            )
        shares = tuple(decode_base64(text) for text in self.args[1:])
        for share, size_bytes in zip(shares, sizes_bytes, strict=True):
            if len(share) != size_bytes:
                raise HeaderError(
                    f"a stanza {self.kind} has an argument of {len(share)} bytes instead of {size_bytes}"
                )
        if len(self.body) != BODY_BYTES:
            raise HeaderError(
                f"a stanza {self.kind} has a body of {len(self.body)} bytes instead of {BODY_BYTES}"
            )
        return shares


def encode_base64(data: bytes) -> str:
    """Return `data` in standard base64 without padding."""
    return base64.b64encode(data).decode("ascii").rstrip("=")


def decode_base64(text: str) -> bytes:
    """Return the bytes of an unpadded, canonical base64 text.

    Raises:
        HeaderError: a character outside the alphabet, padding, or stray bits at the end (RFC 4648, section
            3.5).
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise HeaderError("the header has base64 that is malformed") from error
    if encode_base64(data) != text:
        raise HeaderError("the header has base64 that is not canonical")
    return data

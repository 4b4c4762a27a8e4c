"""The header of an age file: read strictly, written once.

    age-encryption.org/v1
    -> mlkem768x25519 <encapsulation>        one stanza per recipient
    <wrapped file key>
    --- <MAC of everything up to and including the dashes>
    <16 bytes of payload nonce, then the chunks>

The header is parsed byte for byte and never re-encoded, so that the MAC covers what was read. The payload
nonce belongs to it here, because the ledger's "clip begun" line binds SHA-256 over both: they fix the key of
every chunk.

Source: c2sp.org/age, "Header" with its ABNF.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.utils import Buffer

from device.sealing.errors import HeaderError, NotARecipientError, SealBroken
from device.sealing.key_schedule import header_mac
from device.sealing.stanza import COLUMNS, Stanza, decode_base64, encode_base64

VERSION_LINE: Final = b"age-encryption.org/v1\n"
PAYLOAD_NONCE_BYTES: Final = 16
MAX_HEADER_BYTES: Final = 1 << 20
"""Some six hundred hybrid recipients; a bound, so that a hostile header cannot fill the memory."""

_ARGUMENT_LINE: Final = re.compile(rb"->(?: [!-~]+)+\n")
_MAC_LINE: Final = re.compile(rb"--- ([A-Za-z0-9+/]{43})\n")
_HINT: Final = "the file is not an age file, or its beginning was changed"


class Source(Protocol):
    """Where sealed bytes come from: any binary file, also an unbuffered one that returns less than asked."""

    def read(self, size: int, /) -> bytes | None:
        """Return at most `size` bytes, none at the end."""

    def readline(self, size: int, /) -> bytes:
        """Return bytes up to and including a line feed, at most `size`."""


class Identity(Protocol):
    """What can open: something that unwraps a file key."""

    def unwrap(self, stanzas: Iterable[Stanza]) -> bytes | None:
        """Return the file key, or None if no stanza is for this identity."""


@dataclass(frozen=True, slots=True)
class Header:
    """A well-formed header whose MAC has not been checked yet.

    Attributes:
        stanzas: one per recipient, in file order, at least one.
        mac: 32 bytes, as read.
        raw: the bytes from the version line to the MAC's line feed.
        payload_nonce: the 16 bytes that follow.
    """

    stanzas: tuple[Stanza, ...]
    mac: bytes
    raw: bytes
    payload_nonce: bytes

    @property
    def header_sha256(self) -> bytes:
        """SHA-256 over header and payload nonce, as the ledger's "clip begun" line carries it."""
        return hashlib.sha256(self.raw + self.payload_nonce).digest()

    def check_mac(self, file_key: Buffer) -> None:
        """Return if this header was made with `file_key`.

        Raises:
            SealBroken: it was changed since, or the key is another file's.
        """
        covered = self.raw[: self.raw.rindex(b"---") + 3]
        if not hmac.compare_digest(header_mac(file_key, covered), self.mac):
            raise SealBroken(
                "the header's MAC does not match: it was changed, or the file key is another file's"
            )


def read_header(source: Source) -> Header:
    """Return the header of an age file; `source` then stands at the first chunk and stays open.

    Raises:
        HeaderError: the bytes are no header, or end within it.
    """
    lines = [source.readline(len(VERSION_LINE))]
    if lines[0] != VERSION_LINE:
        raise HeaderError("the file does not begin with 'age-encryption.org/v1'", hint=_HINT)
    left_bytes = MAX_HEADER_BYTES

    def next_line() -> bytes:
        nonlocal left_bytes
        line = source.readline(left_bytes)
        left_bytes -= len(line)
        if not line.endswith(b"\n"):
            raise HeaderError(
                "the header is too long" if left_bytes <= 0 else "the file ends within its header", hint=_HINT
            )
        lines.append(line)
        return line

    stanzas: list[Stanza] = []
    while (line := next_line()).startswith(b"->"):
        if not _ARGUMENT_LINE.fullmatch(line):
            raise HeaderError(f"the arguments of stanza {len(stanzas) + 1} are malformed", hint=_HINT)
        args = tuple(line[3:-1].decode("ascii").split(" "))
        body: list[bytes] = []
        while len(part := next_line()[:-1]) == COLUMNS:
            body.append(part)
        if len(part) > COLUMNS:
            raise HeaderError(
                f"stanza {len(stanzas) + 1} has a line of more than {COLUMNS} columns", hint=_HINT
            )
        stanzas.append(Stanza(args, decode_base64(b"".join([*body, part]).decode("latin-1"))))
    mac = _MAC_LINE.fullmatch(line)
    if mac is None:
        raise HeaderError(f"line {len(lines)} of the header is neither a stanza nor the MAC", hint=_HINT)
    _check_stanzas(stanzas)
    payload_nonce = read_fully(source, PAYLOAD_NONCE_BYTES)
    if len(payload_nonce) < PAYLOAD_NONCE_BYTES:
        raise HeaderError("the file ends within the nonce that follows its header", hint=_HINT)
    return Header(tuple(stanzas), decode_base64(mac[1].decode("ascii")), b"".join(lines), payload_nonce)


def write_header(stanzas: Sequence[Stanza], file_key: Buffer, payload_nonce: bytes) -> bytes:
    """Return header and payload nonce as they stand at the start of the file."""
    covered = VERSION_LINE + b"".join(stanza.encode() for stanza in stanzas) + b"---"
    mac = encode_base64(header_mac(file_key, covered))
    return covered + f" {mac}\n".encode("ascii") + payload_nonce


def unwrap_file_key(header: Header, identities: Iterable[Identity]) -> bytes:
    """Return the 16-byte file key, once the header's MAC has proven it.

    Raises:
        NotARecipientError: no stanza is for any of the identities.
        HeaderError: a stanza of a kind that an identity knows is malformed.
        SealBroken: the key opens a stanza, but the header was changed.
    """
    for identity in identities:
        file_key = identity.unwrap(header.stanzas)
        if file_key is None:
            continue
        header.check_mac(file_key)
        return file_key
    raise NotARecipientError(
        "the file is not sealed for this identity", hint="try another reader's key, or the card's"
    )


def read_fully(source: Source, size_bytes: int) -> bytes:
    """Return `size_bytes` bytes, fewer only at the end of `source`.

    Raises:
        BlockingIOError: the source is non-blocking and has nothing now (a bug in the caller).
    """
    parts: list[bytes] = []
    while size_bytes:
        part = source.read(size_bytes)
        if part is None:
            raise BlockingIOError("sealed bytes are read from a blocking source only")
        if not part:
            break
        parts.append(part)
        size_bytes -= len(part)
    return b"".join(parts) if len(parts) != 1 else parts[0]


def _check_stanzas(stanzas: list[Stanza]) -> None:
    if not stanzas:
        raise HeaderError("the header has no stanza", hint=_HINT)
    # A passphrase is taken as proof of who sealed the file; another stanza beside it would let anybody seal
    # it.
    if len(stanzas) > 1 and any(stanza.kind == "scrypt" for stanza in stanzas):
        raise HeaderError("the header mixes a passphrase with other stanzas", hint=_HINT)

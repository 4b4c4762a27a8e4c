"""Opening age v1 files, for the CLI, for recovery and for tests.

    for part in open_stream(file, [identity]):     # 64 KiB at a time, each authenticated before it is yielded
        …

How it ends is explicit: the iterator stops after the final chunk; a cut file yields all its whole chunks and
raises `Truncated`; anything else that is not what was sealed raises `SealBroken`, and not a byte of that
chunk is released. A grant carries file keys instead of an identity: pass `file_key=`.

Source: c2sp.org/age, "Payload".
"""

import io
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from device.sealing.errors import SealBroken, Truncated
from device.sealing.header import Header, Identity, Source, read_fully, read_header, unwrap_file_key
from device.sealing.key_schedule import payload_key
from device.sealing.stream import SEALED_CHUNK_BYTES, TAG_BYTES, chunk_nonce

__all__ = ["Header", "Identity", "Source", "open_bytes", "open_stream", "read_header", "unwrap_file_key"]


def open_stream(
    source: Source, identities: Iterable[Identity] = (), *, file_key: bytes | None = None
) -> Iterator[bytes]:
    """Check the header now and return an iterator over the plaintext, chunk by chunk.

    Args:
        source: the sealed file, at its start; it stays open.
        identities: tried in order.
        file_key: 16 bytes, in place of identities.

    Raises:
        HeaderError: the bytes do not begin with a well-formed header.
        NotARecipientError: no stanza is for any of the identities.
        SealBroken: the header or, while iterating, a chunk is not what was sealed.
        Truncated: while iterating, after the last whole chunk of a cut file (before any, if the nonce is
            cut).
    """
    header = read_header(source)
    if file_key is None:
        file_key = unwrap_file_key(header, identities)
    else:
        header.check_mac(file_key)
    return _chunks(source, ChaCha20Poly1305(payload_key(file_key, header.payload_nonce)))


def open_bytes(data: bytes, identities: Iterable[Identity] = (), *, file_key: bytes | None = None) -> bytes:
    """Return the plaintext of a whole age file in memory.

    Raises:
        SealError: as `open_stream`; nothing is returned from a cut or broken file.
    """
    return b"".join(open_stream(io.BytesIO(data), identities, file_key=file_key))


def _chunks(source: Source, aead: ChaCha20Poly1305) -> Iterator[bytes]:
    index = 0
    sealed = read_fully(source, SEALED_CHUNK_BYTES)
    while True:
        whole = len(sealed) == SEALED_CHUNK_BYTES
        ahead = read_fully(source, SEALED_CHUNK_BYTES) if whole else b""
        plaintext = _open(aead, sealed, index, final=not ahead)
        if plaintext is None:
            break
        if plaintext:
            yield plaintext
        elif index:
            # Else two files would stand for one plaintext; no writer makes such a chunk.
            raise SealBroken(f"chunk {index}, the final one, is empty")
        if not ahead:
            return
        index, sealed = index + 1, ahead
    # Cut exactly at a boundary, the last chunk is whole but says that others follow; with data added behind the
    # final chunk it is the other way round. Either way it is authentic.
    plaintext = _open(aead, sealed, index, final=bool(ahead)) if whole else None
    if plaintext is not None:
        yield plaintext
        if ahead:
            raise SealBroken(f"data was added behind chunk {index}, the final one")
        raise Truncated(f"the file ends after chunk {index}, which is not the final one: it was cut short")
    if whole:
        raise SealBroken(f"chunk {index} is not what was sealed: it was changed or moved")
    raise Truncated(f"the file ends within chunk {index}: it was cut short, or its end was changed")


def _open(aead: ChaCha20Poly1305, sealed: bytes, index: int, *, final: bool) -> bytes | None:
    if len(sealed) < TAG_BYTES:
        return None
    try:
        return aead.decrypt(chunk_nonce(index, final=final), sealed, None)
    except InvalidTag:
        return None

"""The payload of an age file: chunks of 64 KiB, each sealed on its own (STREAM).

    chunk i = ChaCha20-Poly1305(payload key, nonce, plaintext of at most 64 KiB)
    nonce   = i in 11 bytes, big endian || 1 for the final chunk, 0 for all before it

A chunk is sealed only when it is known whether more follows: so a full chunk waits for one more byte, or for
`close`. The final mark tells a finished file from a cut one. No chunk is empty, except the only one of an
empty file.

Source: c2sp.org/age, "Payload"; Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption (2015).
"""

from typing import Final, Protocol

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.utils import Buffer

CHUNK_BYTES: Final = 64 * 1024
TAG_BYTES: Final = 16
SEALED_CHUNK_BYTES: Final = CHUNK_BYTES + TAG_BYTES


class Sink(Protocol):
    """Where sealed bytes go: any binary file; it must be done with a buffer when `write` returns."""

    def write(self, data: Buffer, /) -> int:
        """Take some or all of `data` and return how many bytes."""


def chunk_nonce(index: int, *, final: bool) -> bytes:
    """Return the 12-byte nonce of chunk `index`."""
    return (index << 8 | final).to_bytes(12)


def write_fully(out: Sink, data: Buffer) -> None:
    """Write all of `data`: an unbuffered file may take less, and what it left out would break the seal.

    Raises:
        OSError: from `out`.
    """
    view = memoryview(data)
    while (taken := out.write(view)) < len(view):
        view = view[taken:]


class StreamWriter:
    """Seals what is written and passes each chunk on as soon as it is known not to be the final one.

    Nothing is copied but what has to wait for the rest of its chunk. One thread at a time.

    Attributes:
        complete: whether the final chunk is written; false for good after a failure.
    """

    def __init__(self, out: Sink, payload_key: bytes) -> None:
        self._out = out
        self._aead = ChaCha20Poly1305(payload_key)
        # Views, because assigning to a slice of a bytearray makes another copy of the plaintext.
        self._waiting = memoryview(bytearray(CHUNK_BYTES))
        self._waiting_bytes = 0
        self._sealed = memoryview(bytearray(SEALED_CHUNK_BYTES))
        self._index = 0
        self._ended = False
        self.complete = False

    def write(self, data: Buffer) -> int:
        """Take all of `data` and return its length in bytes.

        Raises:
            RuntimeError: the writer has ended (a bug in the caller).
            OSError: from `out`; the writer has ended then, and the file is a cut one.
        """
        if self._ended:
            raise RuntimeError("written to a sealed file that has ended")
        view = memoryview(data).cast("B")
        size_bytes, done = len(view), 0
        while done < size_bytes:
            if self._waiting_bytes == CHUNK_BYTES:
                self._seal(self._waiting, final=False)
                self._waiting_bytes = 0
            if self._waiting_bytes == 0 and size_bytes - done > CHUNK_BYTES:
                self._seal(view[done : done + CHUNK_BYTES], final=False)
                done += CHUNK_BYTES
                continue
            fits = min(CHUNK_BYTES - self._waiting_bytes, size_bytes - done)
            self._waiting[self._waiting_bytes : self._waiting_bytes + fits] = view[done : done + fits]
            self._waiting_bytes += fits
            done += fits
        return size_bytes

    def close(self) -> None:
        """Seal the final chunk; does nothing on a writer that has ended.

        Raises:
            OSError: from `out`; the file is a cut one then.
        """
        if not self._ended:
            self._seal(self._waiting[: self._waiting_bytes], final=True)
            self.abandon()
            self.complete = True

    def abandon(self) -> None:
        """End without a final chunk: the file stays a cut one; what was waiting is wiped, best effort."""
        self._ended = True
        self._waiting[:] = bytes(CHUNK_BYTES)
        self._waiting_bytes = 0

    def _seal(self, chunk: memoryview, *, final: bool) -> None:
        nonce = chunk_nonce(self._index, final=final)
        self._index += 1
        sealed = self._sealed[: len(chunk) + TAG_BYTES]
        try:
            self._aead.encrypt_into(nonce, chunk, None, sealed)
            write_fully(self._out, sealed)
        except BaseException:
            # A part of this chunk may be in the file: going on would leave a hole that nothing can open.
            self.abandon()
            raise

"""Sealing to age v1 files, with public keys only.

    with open(path, "wb", buffering=0) as out:
        writer = AgeWriter(out, recipients)  # writes the header; its hash goes into the ledger
        writer.write(fragment)               # as often as you like
        writer.close()                       # the final chunk; without it the file is a cut one

What is on the disk is ciphertext from the first byte on. A process that dies leaves every whole chunk to be
opened. `AgeWriter` hashes both sides as the device's signed statements need it; `seal` is for small things in
memory.

There is no armor and no passphrase: doorward never mails a clip, and a passphrase is weaker than the card.

Source: c2sp.org/age; `device.sealing.header` and `device.sealing.stream` have the two halves of the format.
"""

import hashlib
import io
import os
from collections.abc import Sequence

from cryptography.utils import Buffer

from device.sealing.errors import SealError
from device.sealing.header import PAYLOAD_NONCE_BYTES, write_header
from device.sealing.key_schedule import payload_key
from device.sealing.recipients import Recipient
from device.sealing.stanza import FILE_KEY_BYTES
from device.sealing.stream import Sink, StreamWriter, write_fully


class DigestSink:
    """Passes bytes on and keeps their SHA-256 and their number."""

    def __init__(self, out: Sink) -> None:
        self._out = out
        self._hash = hashlib.sha256()
        self.size_bytes = 0

    def write(self, data: Buffer, /) -> int:
        """Pass `data` on and return how much of it was taken; only that much is counted."""
        taken = self._out.write(data)
        view = memoryview(data).cast("B")[:taken]
        self._hash.update(view)
        self.size_bytes += len(view)
        return taken

    def sha256(self) -> bytes:
        """Return the SHA-256 of all bytes so far, 32 bytes."""
        return self._hash.digest()


class AgeWriter:
    """Writes one age file to `out`, which stays open and belongs to the caller. One thread at a time.

    Attributes:
        header_sha256: SHA-256 over the header and the 16-byte payload nonce, which are written at
        construction.
    """

    def __init__(self, out: Sink, recipients: Sequence[Recipient]) -> None:
        """Write the header.

        Raises:
            SealError: no recipients, post-quantum and classic ones mixed, or a recipient's key that is unfit.
            OSError: from `out`.
        """
        header, stream_key = begin(recipients)
        self.header_sha256 = hashlib.sha256(header).digest()
        self._ciphertext = DigestSink(out)
        write_fully(self._ciphertext, header)
        self._stream = StreamWriter(self._ciphertext, stream_key)
        self._plaintext = DigestSink(self._stream)

    def write(self, data: Buffer) -> int:
        """Seal `data` and return its length; a chunk goes out as soon as it is known not to be the final one.

        Raises:
            RuntimeError: the writer was closed or has failed (a bug in the caller).
            OSError: from `out`; the file ends there, as a cut one.
        """
        return self._plaintext.write(data)

    def close(self) -> None:
        """Write the final chunk; does nothing after `close`, `abandon` or a failure.

        Raises:
            OSError: from `out`; the file is a cut one then.
        """
        self._stream.close()

    def abandon(self) -> None:
        """End without a final chunk: what is written stays, as a cut file, and what was waiting is wiped."""
        self._stream.abandon()

    @property
    def ciphertext_bytes(self) -> int:
        """How many bytes went to `out` so far, header included."""
        return self._ciphertext.size_bytes

    @property
    def plaintext_bytes(self) -> int:
        """How many bytes were sealed so far."""
        return self._plaintext.size_bytes

    @property
    def ciphertext_sha256(self) -> bytes:
        """SHA-256 of the whole file, header included. RuntimeError unless it was closed in order."""
        return self._finished(self._ciphertext)

    @property
    def plaintext_sha256(self) -> bytes:
        """SHA-256 of everything that was sealed. RuntimeError unless the file was closed in order."""
        return self._finished(self._plaintext)

    def _finished(self, sink: DigestSink) -> bytes:
        if not self._stream.complete:
            raise RuntimeError("a hash is asked for before the file is complete")
        return sink.sha256()


def seal(data: Buffer, recipients: Sequence[Recipient]) -> bytes:
    """Return `data` as one age file in memory.

    Raises:
        SealError: no recipients, post-quantum and classic ones mixed, or a recipient's key that is unfit.
    """
    out = io.BytesIO()
    header, stream_key = begin(recipients)
    out.write(header)
    stream = StreamWriter(out, stream_key)
    stream.write(data)
    stream.close()
    return out.getvalue()


def begin(recipients: Sequence[Recipient]) -> tuple[bytes, bytes]:
    """Return a new file's header with its payload nonce, and the key of its chunks.

    The file key is drawn here, wrapped for every recipient and forgotten.

    Raises:
        SealError: no recipients, post-quantum and classic ones mixed, or a recipient's key that is unfit.
    """
    if not recipients:
        raise SealError("nobody to seal for: the list of recipients is empty", hint="add a reader first")
    if len({recipient.post_quantum for recipient in recipients}) > 1:
        raise SealError(
            "recipients that begin 'age1pq1' and 'age1' are mixed in one file",
            hint="use 'age1pq1' for all of them, or the weaker sort would open what the stronger one keeps",
        )
    file_key = bytearray(os.urandom(FILE_KEY_BYTES))
    payload_nonce = os.urandom(PAYLOAD_NONCE_BYTES)
    try:
        stanzas = [recipient.wrap(file_key) for recipient in recipients]
        return write_header(stanzas, file_key, payload_nonce), payload_key(file_key, payload_nonce)
    finally:
        file_key[:] = bytes(FILE_KEY_BYTES)

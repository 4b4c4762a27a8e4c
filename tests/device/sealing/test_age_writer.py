"""Sealing: what is written, when, and what a failure leaves."""

import hashlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.sealing.age import AgeWriter, DigestSink, seal
from device.sealing.age_reader import open_bytes, open_stream, read_header
from device.sealing.errors import SealError, Truncated
from device.sealing.identities import HybridIdentity, X25519Identity
from device.sealing.stream import CHUNK_BYTES, SEALED_CHUNK_BYTES

CARD, READER = HybridIdentity.generate(), HybridIdentity.generate()
BOTH = [CARD.recipient(), READER.recipient()]
EDGES = sorted({max(0, n * CHUNK_BYTES + d) for n in range(4) for d in (-1, 0, 1)})


class FullDisk(io.BytesIO):
    """A file that takes a number of bytes and then has no room."""

    def __init__(self, room_bytes):
        super().__init__()
        self.room_bytes = room_bytes

    def write(self, data):
        if not self.room_bytes:
            raise OSError(28, "No space left on device")
        taken = super().write(memoryview(data)[: self.room_bytes])
        self.room_bytes -= taken
        return taken


@pytest.mark.parametrize("size_bytes", EDGES)
def test_each_recipient_opens_what_was_sealed(size_bytes):
    plaintext = bytes(i % 251 for i in range(size_bytes))
    sealed = seal(plaintext, BOTH)
    assert open_bytes(sealed, [CARD]) == open_bytes(sealed, [READER]) == plaintext


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 2 * CHUNK_BYTES + 1), max_size=6), st.binary(min_size=1, max_size=64))
def test_how_writes_are_cut_does_not_matter(sizes_bytes, pattern):
    out = io.BytesIO()
    writer = AgeWriter(out, [CARD.recipient()])
    plaintext = b""
    for size_bytes in sizes_bytes:
        part = (pattern * (size_bytes // len(pattern) + 1))[:size_bytes]
        assert writer.write(part) == size_bytes
        plaintext += part
    writer.close()
    assert open_bytes(out.getvalue(), [CARD]) == plaintext
    assert writer.plaintext_bytes == len(plaintext)
    assert writer.plaintext_sha256 == hashlib.sha256(plaintext).digest()
    assert writer.ciphertext_bytes == len(out.getvalue())
    assert writer.ciphertext_sha256 == hashlib.sha256(out.getvalue()).digest()
    assert writer.header_sha256 == read_header(io.BytesIO(out.getvalue())).header_sha256


def test_memoryviews_and_arrays_are_sealed_as_their_bytes():
    out = io.BytesIO()
    writer = AgeWriter(out, [CARD.recipient()])
    assert writer.write(memoryview(bytearray(b"abcd")).cast("H")) == 4
    writer.close()
    assert open_bytes(out.getvalue(), [CARD]) == b"abcd"
    assert writer.plaintext_sha256 == hashlib.sha256(b"abcd").digest()


def test_the_header_is_out_before_the_first_write():
    out = io.BytesIO()
    writer = AgeWriter(out, BOTH)
    header = read_header(io.BytesIO(out.getvalue()))
    assert header.header_sha256 == writer.header_sha256
    assert [stanza.kind for stanza in header.stanzas] == ["mlkem768x25519"] * 2


def test_a_chunk_goes_out_as_soon_as_one_more_byte_follows():
    out = io.BytesIO()
    writer = AgeWriter(out, BOTH)
    header_bytes = out.tell()
    writer.write(bytes(CHUNK_BYTES))
    assert out.tell() == header_bytes
    writer.write(b"\0")
    assert out.tell() == header_bytes + SEALED_CHUNK_BYTES


def test_nobody_to_seal_for_is_refused():
    with pytest.raises(SealError, match="nobody to seal for") as caught:
        seal(b"", [])
    assert caught.value.hint


def test_strong_and_weak_recipients_are_not_mixed():
    with pytest.raises(SealError, match="mixed"):
        AgeWriter(io.BytesIO(), [CARD.recipient(), X25519Identity.generate().recipient()])


def test_hashes_are_not_told_before_the_end():
    writer = AgeWriter(io.BytesIO(), BOTH)
    with pytest.raises(RuntimeError, match="before"):
        _ = writer.ciphertext_sha256
    with pytest.raises(RuntimeError, match="before"):
        _ = writer.plaintext_sha256


def test_closing_twice_writes_once():
    out = io.BytesIO()
    writer = AgeWriter(out, BOTH)
    writer.close()
    once = out.getvalue()
    writer.close()
    assert out.getvalue() == once
    with pytest.raises(RuntimeError, match="ended"):
        writer.write(b"late")


def test_an_abandoned_file_opens_as_a_cut_one():
    out = io.BytesIO()
    writer = AgeWriter(out, BOTH)
    writer.write(bytes(2 * CHUNK_BYTES))
    writer.abandon()
    writer.abandon()
    parts = open_stream(io.BytesIO(out.getvalue()), [CARD])
    assert next(parts) == bytes(CHUNK_BYTES)
    with pytest.raises(Truncated):
        next(parts)
    with pytest.raises(RuntimeError):
        _ = writer.ciphertext_sha256


def test_what_waited_is_wiped_at_the_end():
    for end in (AgeWriter.close, AgeWriter.abandon):
        writer = AgeWriter(io.BytesIO(), BOTH)
        writer.write(b"a face")
        waiting = writer._stream._waiting
        assert b"a face" in bytes(waiting)
        end(writer)
        assert waiting == bytes(CHUNK_BYTES)


@pytest.mark.parametrize("room_bytes", [0, 100])
def test_a_full_disk_at_the_header_is_the_systems_own_error(room_bytes):
    with pytest.raises(OSError, match="No space"):
        AgeWriter(FullDisk(room_bytes), BOTH)


def test_a_full_disk_ends_the_file_and_keeps_its_whole_chunks():
    out = FullDisk(10_000 + 2 * CHUNK_BYTES)
    writer = AgeWriter(out, BOTH)
    with pytest.raises(OSError, match="No space"):
        writer.write(b"x" * (4 * CHUNK_BYTES))
    with pytest.raises(RuntimeError, match="ended"):
        writer.write(b"more")
    before = out.getvalue()
    out.room_bytes = 1 << 20
    writer.close()
    assert out.getvalue() == before
    assert writer.ciphertext_bytes == len(before)
    with pytest.raises(RuntimeError):
        _ = writer.plaintext_sha256
    parts = open_stream(io.BytesIO(before), [CARD])
    assert next(parts) + next(parts) == b"x" * (2 * CHUNK_BYTES)
    with pytest.raises(Truncated):
        next(parts)


def test_a_file_that_takes_a_few_bytes_at_a_time_gets_them_all():
    class Reluctant(io.BytesIO):
        def write(self, data):
            return super().write(memoryview(data)[:1000])

    out = Reluctant()
    writer = AgeWriter(out, BOTH)
    writer.write(bytes(CHUNK_BYTES + 5))
    writer.close()
    assert open_bytes(out.getvalue(), [READER]) == bytes(CHUNK_BYTES + 5)
    assert writer.ciphertext_sha256 == hashlib.sha256(out.getvalue()).digest()


def test_a_digest_counts_only_what_was_taken():
    sink = DigestSink(FullDisk(3))
    assert sink.write(b"abcdef") == 3
    assert sink.size_bytes == 3
    assert sink.sha256() == hashlib.sha256(b"abc").digest()


def test_two_files_of_the_same_bytes_share_nothing():
    one, two = seal(bytes(1000), BOTH), seal(bytes(1000), BOTH)
    assert one != two
    assert one[-1000:] != two[-1000:]

"""The CCTV age vectors, each fed as one block, through a file, and in dribs."""

import hashlib
import io

import pytest

from device.sealing.age_reader import open_bytes, open_stream, read_header
from device.sealing.errors import HeaderError, NotARecipientError, SealBroken, SealError
from device.sealing.header import write_header
from device.sealing.identities import parse_identity

BIG_BYTES = 1 << 20


def release(source, identities):
    """Return all plaintext that gets out, and the error that ended it (None: it ended well), and at which level."""
    out = b""
    try:
        parts = open_stream(source, identities)
    except HeaderError as error:
        return out, "header failure", error
    except NotARecipientError as error:
        return out, "no match", error
    except SealBroken as error:
        return out, "HMAC failure" if "MAC" in str(error) else "payload failure", error
    try:
        for part in parts:
            out += part
    except SealBroken as error:
        return out, "payload failure", error
    return out, "success", None


@pytest.mark.parametrize("feeding", ["whole", "file", "dribs"])
def test_a_vector_ends_as_its_authors_expect(vector, feeding, dribble, tmp_path):
    path = tmp_path / "vector.age"
    path.write_bytes(vector.file)
    # One byte at a time takes minutes for the three files of 16 MB; a prime step also meets every edge.
    source = {
        "whole": lambda: io.BytesIO(vector.file),
        "file": lambda: path.open("rb"),
        "dribs": lambda: dribble(vector.file, 1 if len(vector.file) < BIG_BYTES else 4093),
    }[feeding]()
    with source:
        plaintext, level, error = release(source, [parse_identity(text) for text in vector.identities])
    assert level == vector.expect, error
    if vector.payload_sha256 is not None:
        assert hashlib.sha256(plaintext).hexdigest() == vector.payload_sha256
    else:
        assert plaintext == b""


def test_a_vector_in_memory_gives_all_or_nothing(vector):
    identities = [parse_identity(text) for text in vector.identities]
    if vector.expect == "success":
        assert hashlib.sha256(open_bytes(vector.file, identities)).hexdigest() == vector.payload_sha256
    else:
        with pytest.raises(SealError):
            open_bytes(vector.file, identities)


def test_a_header_that_parses_is_written_again_to_the_byte(sound_header_vector):
    vector = sound_header_vector
    source = io.BytesIO(vector.file)
    header = read_header(source)
    assert header.raw + header.payload_nonce + source.read() == vector.file
    body = b"".join(stanza.encode() for stanza in header.stanzas)
    assert header.raw.startswith(b"age-encryption.org/v1\n" + body + b"---")
    if vector.expect == "success":
        file_key = bytes.fromhex(vector.fields["file key"][0])
        assert (
            write_header(header.stanzas, file_key, header.payload_nonce) == header.raw + header.payload_nonce
        )
        assert header.header_sha256 == hashlib.sha256(header.raw + header.payload_nonce).digest()


def test_only_armored_and_passphrase_vectors_are_left_out(all_vectors):
    kinds = {"": 0, "armored": 0, "passphrase": 0}
    for vector in all_vectors:
        kinds[vector.excluded] += 1
        assert not vector.excluded or vector.name.startswith(("armor_", "scrypt"))
    assert kinds == {"": 86, "armored": 33, "passphrase": 24}


def test_a_fed_source_is_read_no_further_than_the_header(all_vectors):
    vector = next(v for v in all_vectors if v.name == "x25519")
    source = io.BytesIO(vector.file)
    header = read_header(source)
    assert source.tell() == len(header.raw) + 16
    assert header.raw + header.payload_nonce + source.read() == vector.file

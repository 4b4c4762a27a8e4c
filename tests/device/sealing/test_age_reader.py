"""Opening: cut files, changed bytes, bare file keys, and bytes that are no age file at all."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.sealing.age import seal
from device.sealing.age_reader import open_bytes, open_stream, read_header, unwrap_file_key
from device.sealing.errors import HeaderError, NotARecipientError, SealBroken, SealError, Truncated
from device.sealing.header import MAX_HEADER_BYTES, VERSION_LINE, read_fully
from device.sealing.identities import HybridIdentity, X25519Identity
from device.sealing.key_schedule import header_mac
from device.sealing.stanza import Stanza, encode_base64
from device.sealing.stream import CHUNK_BYTES, SEALED_CHUNK_BYTES

CARD = HybridIdentity.generate()
PHONE = X25519Identity.generate()
PLAINTEXT = bytes(i * 7 % 253 for i in range(3 * CHUNK_BYTES + 100))
SEALED = seal(PLAINTEXT, [CARD.recipient()])
HEADER_BYTES = len(read_header(io.BytesIO(SEALED)).raw) + 16
SMALL = seal(b"somebody rang", [PHONE.recipient()])

CUTS = sorted(
    {HEADER_BYTES + n * SEALED_CHUNK_BYTES + d for n in range(4) for d in (-1, 0, 1)} - {HEADER_BYTES - 1}
)


def read_all(data):
    """Return the plaintext that gets out and the error that ended it."""
    out = io.BytesIO()
    try:
        out.writelines(open_stream(io.BytesIO(data), [CARD]))
    except SealError as error:
        return out.getvalue(), error
    return out.getvalue(), None


@pytest.mark.parametrize("cut", CUTS)
def test_a_cut_file_yields_every_whole_chunk_and_says_that_it_is_cut(cut):
    plaintext, error = read_all(SEALED[:cut])
    whole = (cut - HEADER_BYTES) // SEALED_CHUNK_BYTES
    assert plaintext == PLAINTEXT[: whole * CHUNK_BYTES]
    assert isinstance(error, Truncated)


def test_a_file_cut_in_its_last_chunk_is_truncated_and_a_whole_one_is_not():
    plaintext, error = read_all(SEALED[:-1])
    assert plaintext == PLAINTEXT[: 3 * CHUNK_BYTES]
    assert isinstance(error, Truncated)
    assert read_all(SEALED) == (PLAINTEXT, None)


@given(st.integers(0, HEADER_BYTES - 1))
def test_a_file_cut_within_its_header_is_no_file(cut):
    plaintext, error = read_all(SEALED[:cut])
    assert plaintext == b""
    assert isinstance(error, HeaderError)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(SEALED) - 1), st.integers(0, 7))
def test_one_flipped_bit_anywhere_is_noticed_and_nothing_false_gets_out(place, bit):
    changed = bytearray(SEALED)
    changed[place] ^= 1 << bit
    plaintext, error = read_all(bytes(changed))
    assert isinstance(error, (HeaderError, NotARecipientError, SealBroken))
    chunk = max(0, place - HEADER_BYTES) // SEALED_CHUNK_BYTES
    assert plaintext == PLAINTEXT[: chunk * CHUNK_BYTES]


@given(st.integers(0, len(SMALL) - 1), st.integers(0, 7))
def test_one_flipped_bit_of_a_small_file_opens_nothing(place, bit):
    changed = bytearray(SMALL)
    changed[place] ^= 1 << bit
    with pytest.raises(SealError):
        open_bytes(bytes(changed), [PHONE])


def test_swapped_dropped_and_repeated_chunks_are_noticed():
    head = SEALED[:HEADER_BYTES]
    a, b, c, last = (SEALED[HEADER_BYTES + n * SEALED_CHUNK_BYTES :][:SEALED_CHUNK_BYTES] for n in range(4))
    for chunks, kept in (
        ((b, a, c, last), 0),
        ((a, c, last), 1),
        ((a, a, b, c, last), 1),
        ((a, b, c, c, last), 3),
    ):
        plaintext, error = read_all(head + b"".join(chunks))
        assert type(error) is SealBroken
        assert plaintext == PLAINTEXT[: kept * CHUNK_BYTES]


def test_data_added_behind_the_end_is_noticed():
    assert type(read_all(seal(bytes(CHUNK_BYTES), [CARD.recipient()]) + b"!")[1]) is SealBroken
    assert read_all(SEALED + b"!")[1] is not None


def test_a_file_for_somebody_else_says_so():
    with pytest.raises(NotARecipientError) as caught:
        open_bytes(SEALED, [HybridIdentity.generate(), PHONE])
    assert caught.value.hint
    with pytest.raises(NotARecipientError):
        open_bytes(SEALED)


def test_the_errors_of_the_header_come_before_the_first_chunk_is_asked_for():
    with pytest.raises(HeaderError):
        open_stream(io.BytesIO(b"not an age file\n"), [CARD])
    with pytest.raises(NotARecipientError):
        open_stream(io.BytesIO(SEALED), [PHONE])


def test_a_bare_file_key_opens_its_own_file_only():
    file_key = unwrap_file_key(read_header(io.BytesIO(SEALED)), [PHONE, CARD])
    assert open_bytes(SEALED, file_key=file_key) == PLAINTEXT
    with pytest.raises(SealBroken, match="another file's"):
        open_bytes(SMALL, file_key=file_key)


def test_stanzas_of_unknown_kinds_are_passed_over():
    class Grease:
        post_quantum = True

        def wrap(self, file_key):
            return Stanza(("Xy-grease", "{}", "~!"), b"\xff" * 100)

    sealed = seal(b"ring", [Grease(), CARD.recipient(), Grease()])
    assert open_bytes(sealed, [CARD]) == b"ring"
    assert [s.kind for s in read_header(io.BytesIO(sealed)).stanzas] == [
        "Xy-grease",
        "mlkem768x25519",
        "Xy-grease",
    ]


@pytest.mark.parametrize("size_bytes", [0, 47, 48, 49, 95, 96, 97])
def test_a_stanza_body_of_any_length_round_trips(size_bytes):
    class Odd:
        post_quantum = True

        def wrap(self, file_key):
            return Stanza(("odd",), bytes(range(size_bytes)))

    stanzas = read_header(io.BytesIO(seal(b"", [Odd(), CARD.recipient()]))).stanzas
    assert stanzas[0].body == bytes(range(size_bytes))


def test_a_stanza_line_beyond_64_columns_is_refused_though_its_mac_is_right():
    file_key = bytes(16)
    covered = VERSION_LINE + b"-> odd\n" + b"A" * 68 + b"\n---"
    mac = encode_base64(header_mac(file_key, covered)).encode()
    with pytest.raises(HeaderError, match="64 columns"):
        open_bytes(covered + b" " + mac + b"\n" + bytes(100), file_key=file_key)


def test_a_header_without_end_does_not_fill_the_memory():
    class Endless(io.RawIOBase):
        given_bytes = 0

        def readline(self, size=-1):
            part = b"x" * size if self.given_bytes else VERSION_LINE
            self.given_bytes += len(part)
            return part

    source = Endless()
    with pytest.raises(HeaderError, match="too long"):
        read_header(source)
    assert source.given_bytes <= MAX_HEADER_BYTES + len(VERSION_LINE)


def test_a_source_that_does_not_block_is_the_callers_bug():
    class Idle(io.RawIOBase):
        def read(self, size=-1):
            return None

    with pytest.raises(BlockingIOError):
        read_fully(Idle(), 1)


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda tail: VERSION_LINE + tail))
def test_arbitrary_bytes_raise_our_error_and_no_other(data):
    with pytest.raises(SealError):
        open_bytes(data, [CARD, PHONE])


_LINES = st.sampled_from(
    [*SMALL.split(b"\n")[:5], b"", b"-> ", b"---", b"-> X25519", b"A" * 64, b"=", b"-> a  b"]
)


@given(st.lists(_LINES | st.binary(max_size=70), max_size=12))
def test_arbitrary_lines_of_a_header_raise_our_error_and_no_other(lines):
    with pytest.raises(SealError):
        open_bytes(VERSION_LINE + b"\n".join(lines), [CARD, PHONE])

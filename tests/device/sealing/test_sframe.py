"""SFrame: the working group's vectors, counters that never repeat, and frames that were changed."""

import json
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.sealing.errors import HeaderError, NotARecipientError, SealBroken, SealError
from device.sealing.sframe import Key, Opener, Sealer, Suite, open_, seal
from device.sealing.sframe_header import MAX_NUMBER, decode_header, encode_header

VECTORS = Path(__file__).parents[4] / "shared/vectors/sframe.json"
BASE_KEY = bytes(range(32))
NUMBERS = st.integers(0, MAX_NUMBER) | st.sampled_from([0, 7, 8, 255, 256, MAX_NUMBER])


@pytest.fixture(scope="module")
def vectors():
    if not VECTORS.exists():
        pytest.skip("../shared/vectors/sframe.json is not here")
    return json.loads(VECTORS.read_text())


def test_the_vectors_headers_are_written_and_read_to_the_byte(vectors):
    assert len(vectors["header"]) == 289
    for vector in vectors["header"]:
        encoded = bytes.fromhex(vector["encoded"])
        assert encode_header(vector["kid"], vector["ctr"]) == encoded
        header = decode_header(encoded + b"ciphertext")
        assert (header.kid, header.counter, header.size_bytes) == (vector["kid"], vector["ctr"], len(encoded))


@pytest.mark.parametrize("suite", Suite)
def test_the_vectors_of_both_suites_are_sealed_and_opened_to_the_byte(vectors, suite):
    (vector,) = [v for v in vectors["sframe"] if v["cipher_suite"] == suite]
    base_key, metadata, plaintext, frame = (
        bytes.fromhex(vector[n]) for n in ("base_key", "metadata", "pt", "ct")
    )
    key = Key(vector["kid"], base_key, suite)
    assert seal(key, vector["ctr"], plaintext, metadata) == frame
    assert open_(key, frame, metadata) == plaintext


def test_only_the_ctr_suites_are_left_out(vectors):
    assert {v["cipher_suite"] for v in vectors["sframe"]} - set(Suite) == {1, 2, 3}
    assert set(vectors) - {"header", "sframe"} == {"aes_ctr_hmac", "aes_256_ctr_hmac"}


@given(NUMBERS, NUMBERS)
def test_headers_round_trip(kid, counter):
    header = decode_header(encode_header(kid, counter))
    assert (header.kid, header.counter) == (kid, counter)


@given(st.binary(max_size=20))
def test_arbitrary_bytes_have_one_header_or_none(frame):
    try:
        header = decode_header(frame)
    except HeaderError:
        return
    assert encode_header(header.kid, header.counter) == frame[: header.size_bytes]


@pytest.mark.parametrize("frame", ["", "80", "0f01", "8807", "0807", "090001", "9000ff", "98"])
def test_a_short_or_padded_header_is_refused(frame):
    with pytest.raises(HeaderError):
        decode_header(bytes.fromhex(frame))


@pytest.mark.parametrize("number", [-1, MAX_NUMBER + 1])
def test_a_number_out_of_range_is_the_callers_bug(number):
    for call in (
        lambda: encode_header(number, 0),
        lambda: encode_header(0, number),
        lambda: Key(number, BASE_KEY),
    ):
        with pytest.raises(ValueError, match="2\\^64") as caught:
            call()
        assert not isinstance(caught.value, SealError)


def test_a_short_base_key_is_the_callers_bug():
    with pytest.raises(ValueError, match="at least 16 bytes"):
        Sealer(1, bytes(15))


@given(st.binary(max_size=500), st.binary(max_size=50), st.integers(0, MAX_NUMBER))
def test_what_is_sealed_opens_with_its_metadata(plaintext, metadata, kid):
    opener = Opener()
    opener.add(kid, BASE_KEY)
    assert opener.open(Sealer(kid, BASE_KEY).seal(plaintext, metadata), metadata) == plaintext


@given(st.data())
def test_one_flipped_bit_anywhere_is_noticed(data):
    frame = bytearray(Sealer(300, BASE_KEY).seal(b"somebody rang", b"event 42"))
    frame[data.draw(st.integers(0, len(frame) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    opener = Opener()
    opener.add(300, BASE_KEY)
    with pytest.raises(SealError):
        opener.open(bytes(frame), b"event 42")


@given(st.binary(max_size=100))
def test_arbitrary_frames_raise_our_error_and_no_other(frame):
    opener = Opener()
    for kid in range(8):
        opener.add(kid, BASE_KEY)
    with pytest.raises(SealError):
        opener.open(frame)


def test_a_frame_opens_only_where_it_belongs():
    frame = Sealer(1, BASE_KEY).seal(b"front door", b"event 1")
    opener = Opener()
    with pytest.raises(NotARecipientError) as caught:
        opener.open(frame, b"event 1")
    assert caught.value.hint
    opener.add(1, BASE_KEY)
    with pytest.raises(SealBroken):
        opener.open(frame, b"event 2")
    with pytest.raises(NotARecipientError):
        open_(Key(2, BASE_KEY), frame, b"event 1")
    with pytest.raises(SealBroken):
        open_(Key(1, BASE_KEY, Suite.AES_128_GCM_SHA256_128), frame, b"event 1")


def test_a_sealer_counts_from_zero_and_its_suite_is_the_strong_one():
    sealer = Sealer(9, BASE_KEY)
    assert sealer.kid == 9
    frames = [sealer.seal(b"") for _ in range(300)]
    assert [decode_header(frame).counter for frame in frames] == list(range(300))
    assert open_(Key(9, BASE_KEY, Suite.AES_256_GCM_SHA512_128), frames[0]) == b""


def test_threads_never_share_a_counter():
    sealer, frames = Sealer(1, BASE_KEY), []
    start = threading.Barrier(8)

    def work():
        start.wait()
        mine = [sealer.seal(b"x") for _ in range(500)]
        frames.extend(mine)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(decode_header(frame).counter for frame in frames) == list(range(4000))


def test_a_sealer_stops_before_a_counter_comes_round():
    sealer = Sealer(1, BASE_KEY)
    sealer._next = MAX_NUMBER
    sealer.seal(b"the last one")
    with pytest.raises(RuntimeError, match="no counter left"):
        sealer.seal(b"one too many")

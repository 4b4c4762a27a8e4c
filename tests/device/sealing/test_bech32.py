import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.sealing import bech32
from device.sealing.errors import KeyTextError, SealError


@pytest.mark.parametrize(
    ("text", "hrp", "data"),
    [
        ("A12UEL5L", "a", b""),
        ("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef", bytes.fromhex("00443214c74254b635cf84653a56d7c675be77df")),
        ("split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", "split", None),
    ],
)  # fmt: skip
def test_the_texts_of_bip_173_decode(text, hrp, data):
    found_hrp, found = bech32.decode(text)
    assert found_hrp == hrp
    assert data is None or found == data
    assert bech32.encode(found_hrp, found) == text.lower()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no prefix"),
        ("nodivider", "no prefix"),
        ("1pzry9x0s0muk", "no prefix"),
        ("\x201nwldj5", "no prefix"),
        ("\x7f1axkwrx", "no prefix"),
        ("li1dgmt3", "before its checksum"),
        ("x1b4n0q5v", "cannot occur"),
        ("de1lg7wt\xff", "cannot occur"),
        ("A1G7SGD8", "checksum is wrong"),
        ("a12uel5m", "checksum is wrong"),
        ("A12uEL5L", "upper and lower case"),
    ],
)
def test_a_damaged_text_gets_a_sentence(text, says):
    with pytest.raises(KeyTextError, match=says) as caught:
        bech32.decode(text)
    assert caught.value.hint


def test_stray_bits_behind_the_last_byte_are_refused():
    good = bech32.encode("age", b"\x00")
    assert bech32.decode(good) == ("age", b"\x00")
    groups = [0, 1]  # one byte is two groups: the last one carries two spare bits, here not zero
    with pytest.raises(KeyTextError, match="stray bits"):
        bech32._to_bytes(groups)
    with pytest.raises(KeyTextError, match="stray bits"):
        bech32._to_bytes([0])  # a whole spare group


@pytest.mark.parametrize("hrp", ["", "AGE", "a ge", "é"])
def test_a_prefix_that_cannot_be_is_the_callers_bug(hrp):
    with pytest.raises(ValueError, match="prefix") as caught:
        bech32.encode(hrp, b"")
    assert not isinstance(caught.value, SealError)


@given(st.binary(max_size=2000), st.sampled_from(["age", "age1pq", "age-secret-key-pq-"]))
def test_encode_and_decode_are_inverse_without_a_limit_of_length(data, hrp):
    text = bech32.encode(hrp, data)
    assert bech32.decode(text) == bech32.decode(text.upper()) == (hrp, data)


@given(st.binary(min_size=1, max_size=200), st.data())
def test_one_changed_letter_is_always_noticed(data, draw):
    text = bech32.encode("age", data)
    place = draw.draw(st.integers(4, len(text) - 1))
    letter = draw.draw(st.sampled_from([x for x in bech32._ALPHABET if x != text[place]]))
    with pytest.raises(KeyTextError):
        bech32.decode(text[:place] + letter + text[place + 1 :])


@given(st.text(max_size=100))
def test_arbitrary_text_decodes_or_raises_our_error(text):
    try:
        hrp, data = bech32.decode(text)
    except KeyTextError:
        return
    assert bech32.encode(hrp, data) == text.lower()

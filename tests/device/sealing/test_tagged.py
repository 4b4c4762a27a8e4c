"""The tagged recipient: points that are none, what its tag tells, and other programs that write it.

The draft's vectors are in `test_wycheproof`; typage, and the page that reads it, in `tests/contract`.
"""

import shutil
import subprocess

import pyrage
import pytest

from device.sealing import bech32, tagged
from device.sealing.age import seal
from device.sealing.age_reader import open_bytes
from device.sealing.errors import HeaderError, KeyTextError, SealError
from device.sealing.identities import HybridIdentity, TaggedIdentity, X25519Identity
from device.sealing.recipients import parse_recipient
from device.sealing.stanza import Stanza, decode_base64, encode_base64

READER = TaggedIdentity(bytes([7]) * 32)
P = 2**256 - 2**224 + 2**192 + 2**96 - 1


def raw(identity=READER):
    return bech32.decode(str(identity.recipient()))[1]


def compressed(point):
    return bytes([2 + (point[-1] & 1)]) + point[1:33] + bytes(32)


POINTS = {
    "zeros": bytes(65),
    "the identity's form, filled up": b"\x00" + b"\xff" * 64,
    "compressed, filled up": compressed(raw()[-65:]),
    "SEC 1's hybrid form, even": b"\x06" + raw()[-64:],
    "SEC 1's hybrid form, odd": b"\x07" + raw()[-64:],
    "beside the curve": b"\x04" + bytes(32) + (1).to_bytes(32),
    "the other curve of the sign": raw()[-65:-32] + (P - 1 - int.from_bytes(raw()[-32:])).to_bytes(32),
    "x out of range": b"\x04" + (P + 5).to_bytes(32) + raw()[-32:],
    "y out of range": b"\x04" + raw()[-64:-32] + b"\xff" * 32,
}


def test_what_pyrage_writes_opens():
    recipient = pyrage.tagpq.Recipient.from_str(str(READER.recipient()))
    for _ in range(5):  # its grease stanzas are random: several files, several shapes
        assert open_bytes(pyrage.encrypt(b"ring", [recipient]), [READER]) == b"ring"


def test_what_the_age_tool_writes_opens():
    age = shutil.which("age")
    if age is None:
        pytest.skip("the age tool is not installed (apt install age)")
    version = subprocess.run([age, "--version"], capture_output=True, text=True, check=True).stdout
    numbers = version.strip().lstrip("v").split(".")
    knows = numbers[0].isdigit() and tuple(int(n) for n in numbers[:2]) >= (1, 3)
    if not knows and shutil.which("age-plugin-tagpq") is None:
        pytest.skip(
            f"age {version.strip()} has no age-plugin-tagpq beside it, and 1.3.0 is the first without need of it"
        )
    done = subprocess.run(
        [age, "-r", str(READER.recipient())], input=b"ring", capture_output=True, check=True
    )
    assert open_bytes(done.stdout, [READER]) == b"ring"


def test_it_stands_beside_the_other_hybrid_in_one_file_and_beside_nothing_weaker():
    card = HybridIdentity.generate()
    file = seal(b"ring", [READER.recipient(), card.recipient()])
    assert [open_bytes(file, [one]) for one in (READER, card)] == [b"ring", b"ring"]
    with pytest.raises(SealError, match="mixed"):
        seal(b"ring", [READER.recipient(), X25519Identity.generate().recipient()])


def test_a_text_has_its_recipient_and_back():
    text = str(READER.recipient())
    assert text.startswith("age1tagpq1")
    assert parse_recipient(text) == parse_recipient(text.upper()) == READER.recipient()
    assert str(parse_recipient(text)) == text
    assert len({READER.recipient(), parse_recipient(text), TaggedIdentity.generate().recipient()}) == 2


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
def test_a_recipient_whose_point_is_none_is_refused(point):
    assert len(point) == 65
    with pytest.raises(KeyTextError, match="no point of P-256"):
        parse_recipient(bech32.encode("age1tagpq", raw()[:-65] + point))


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
def test_a_stanza_whose_point_is_none_is_refused_before_it_is_tried(point):
    made = READER.recipient().wrap(bytes(16))
    share = decode_base64(made.args[2])[:1088] + point
    forged = Stanza(
        (made.kind, encode_base64(tagged.tag(share, raw()[-65:])), encode_base64(share)), made.body
    )
    with pytest.raises(HeaderError, match="no point of P-256"):
        READER.unwrap([forged])


def test_whoever_knows_the_recipient_sees_by_the_tag_which_stanza_is_its():
    mine, other = READER.recipient().wrap(bytes(16)), TaggedIdentity.generate().recipient().wrap(bytes(16))

    def is_mine(stanza):
        tag, share = stanza.shares(4, 1153)
        return tag == tagged.tag(share, raw()[-65:])

    assert [is_mine(mine), is_mine(other)] == [True, False]


def test_a_stanza_with_another_tag_is_passed_over():
    made = READER.recipient().wrap(bytes(range(16)))
    other = Stanza((made.kind, encode_base64(bytes(4)), made.args[2]), made.body)
    assert READER.unwrap([other]) is None
    assert READER.unwrap([other, made]) == bytes(range(16))


@pytest.mark.parametrize("half", ["ML-KEM", "P-256"])
def test_one_half_alone_opens_nothing(half):
    stanza = READER.recipient().wrap(bytes(16))
    thief = TaggedIdentity.generate()
    thief._point = READER._point
    if half == "ML-KEM":
        thief._mlkem = READER._mlkem
    else:
        thief._p256 = READER._p256
    assert thief.unwrap([stanza]) is None
    thief._mlkem, thief._p256 = READER._mlkem, READER._p256
    assert thief.unwrap([stanza]) == bytes(16)

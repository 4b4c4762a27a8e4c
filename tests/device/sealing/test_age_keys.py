"""Recipients and identities."""

import pytest

from device.sealing import bech32
from device.sealing.errors import HeaderError, KeyTextError, SealError
from device.sealing.identities import HybridIdentity, TaggedIdentity, X25519Identity, parse_identity
from device.sealing.recipients import MLKEM768X25519, X25519, parse_recipient
from device.sealing.stanza import Stanza, decode_base64, encode_base64

SPEC_X25519 = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"
SPEC_X25519_RECIPIENT = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
SPEC_HYBRID = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"

BOTH = pytest.mark.parametrize("kind", [X25519Identity, HybridIdentity])
ALL = pytest.mark.parametrize("kind", [X25519Identity, HybridIdentity, TaggedIdentity])


def test_the_x25519_pair_of_the_specification_belongs_together():
    assert str(parse_identity(SPEC_X25519).recipient()) == SPEC_X25519_RECIPIENT


def test_the_hybrid_identity_of_the_specification_has_its_recipient():
    recipient = str(parse_identity(SPEC_HYBRID).recipient())
    assert recipient.startswith(
        "age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9rdelkjuh3y235jzxshfg87pzf5zrqtzdxz95paef6caq5"
    )
    assert recipient.endswith("mhh6gjtqmwze9pyyzk3tlhl53k2ykx3qheyty7saeq0d3fzv49zc0k")


@BOTH
def test_keys_round_trip_as_text_in_either_case(kind):
    identity = kind.generate()
    secret, public = identity.secret_text(), str(identity.recipient())
    assert secret == secret.upper()
    for text in (secret, secret.lower()):
        assert parse_identity(text).secret_text() == secret
    for text in (public, public.upper()):
        assert parse_recipient(text) == identity.recipient()
        assert hash(parse_recipient(text)) == hash(identity.recipient())
    assert identity.recipient() != kind.generate().recipient()


@ALL
def test_an_identity_never_shows_itself(kind):
    identity = kind.generate()
    for text in (str(identity), repr(identity)):
        assert "secret-key" not in text.lower()
    assert "age1" in repr(identity.recipient())


@ALL
def test_a_stanza_is_unwrapped_by_its_identity_only(kind):
    identity, file_key = kind.generate(), bytes(range(16))
    stanza = identity.recipient().wrap(file_key)
    assert identity.unwrap([stanza]) == file_key
    assert kind.generate().unwrap([stanza]) is None
    assert identity.unwrap([]) is None


@ALL
def test_wrapping_twice_gives_two_stanzas(kind):
    recipient = kind.generate().recipient()
    assert recipient.wrap(bytes(16)) != recipient.wrap(bytes(16))


@ALL
def test_each_identity_passes_over_the_others_stanzas(kind):
    others = [other.generate() for other in (X25519Identity, HybridIdentity, TaggedIdentity) if other != kind]
    stanzas = [other.recipient().wrap(bytes(16)) for other in others]
    mine = kind.generate()
    assert mine.unwrap(stanzas) is None
    assert mine.unwrap([*stanzas, mine.recipient().wrap(bytes(range(16)))]) == bytes(range(16))


@ALL
@pytest.mark.parametrize("damage", ["argument", "share", "body"])
def test_a_malformed_stanza_is_refused_before_it_is_tried(kind, damage):
    identity = kind.generate()
    good = identity.recipient().wrap(bytes(16))
    bad = {
        "argument": Stanza((*good.args, "more"), good.body),
        "share": Stanza((*good.args[:-1], encode_base64(decode_base64(good.args[-1])[:-1])), good.body),
        "body": Stanza(good.args, good.body + b"\0"),
    }[damage]
    with pytest.raises(HeaderError, match=good.kind):
        identity.unwrap([bad])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SPEC_X25519, "an identity, which opens"),
        (SPEC_HYBRID, "an identity, which opens"),
        (bech32.encode("age", bytes(31)), "32 bytes, not 31"),
        (bech32.encode("age1pq", bytes(32)), "1216 bytes, not 32"),
        (bech32.encode("age1pq", b"\xff" * 1216), "out of range"),
        (bech32.encode("age1tagpq", bytes(1216)), "1249 bytes, not 1216"),
        (bech32.encode("age1tagpq", b"\xff" * 1249), "out of range"),
        (bech32.encode("age1tag", bytes(33)), "not known here"),
        (SPEC_X25519_RECIPIENT[:-1] + "q", "checksum"),
    ],
)
def test_a_text_that_is_no_recipient_gets_a_sentence(text, says):
    with pytest.raises(KeyTextError, match=says) as caught:
        parse_recipient(text)
    assert SPEC_X25519[20:] not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        SPEC_X25519_RECIPIENT,
        bech32.encode("age-secret-key-", bytes(31)),
        bech32.encode("age-secret-key-pq-", bytes(33)),
        SPEC_HYBRID[:-1] + "Q",
        "",
    ],
)
def test_a_text_that_is_no_identity_is_refused_and_not_repeated(text):
    with pytest.raises(KeyTextError) as caught:
        parse_identity(text)
    assert not text or text not in str(caught.value)


def test_a_recipient_with_which_every_secret_is_zero_is_refused():
    with pytest.raises(SealError, match="low order"):
        X25519(bytes(32)).wrap(bytes(16))
    hybrid = bech32.decode(str(HybridIdentity.generate().recipient()))[1]
    with pytest.raises(SealError, match="low order"):
        MLKEM768X25519(hybrid[:-32] + bytes(32)).wrap(bytes(16))

"""Every parser that reads what somebody else wrote: its own errors, and no other; and what is valid comes back as it was.

A type that the contract gains is tried here without another line: the values come from the types themselves.
"""

import io
from collections.abc import Callable
from functools import partial

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device.contract import commands, link, messages
from device.contract.canonical import decode
from device.contract.forms import UNREADABLE
from device.desk.tickets import Channel
from device.disk.epochs import EpochKey
from device.sealing.age import seal
from device.sealing.age_reader import open_bytes
from device.sealing.errors import HeaderError, SealError
from device.sealing.header import read_header
from device.sealing.identities import HybridIdentity, X25519Identity
from device.sealing.sframe import Opener, Sealer
from device.trust.commands import CommandRefused, verify_command
from device.trust.errors import LedgerBroken, TrustError
from device.trust.household import Change
from device.trust.ledger import Chain
from device.trust.lines import Line, PrivateBody, PublicBody, SignedHead, decode_private, encode_private
from device.trust.nonces import Nonces
from device.trust.signed import Context, payload_of, sign, verify
from device.trust.statement import Statement
from tests.support.door import Door
from tests.support.effort import cases
from tests.support.forms import damaged, form
from tests.support.household import Household, TestReader

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
PUBLIC = KEY.public_key().public_bytes_raw()
HERE = Channel(1, 1)
PHONE, OLD_PHONE = HybridIdentity(b"\x03" * 32), X25519Identity.generate()
AGE_FILE = seal(b"somebody rang", [PHONE.recipient()])
OLD_AGE_FILE = seal(b"somebody rang", [OLD_PHONE.recipient()])

tried = settings(
    max_examples=cases(80, 20_000),
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)
PAYLOADS = {
    Context.COMMAND: messages.CommandPayload,
    Context.REPLY: messages.ReplyPayload,
    Context.NOTICE: messages.NoticePayload,
    Context.LIVE: messages.LiveKeyPayload,
    Context.HEAD: SignedHead,
    Context.STATEMENT: Statement,
}
JSON = {
    "up": (messages.Up, messages.decode_up),
    "down": (messages.Down, messages.decode_down),
    "line": (Line, partial(decode, kind=Line)),
    "change": (Change, partial(decode, kind=Change)),
    "public body": (PublicBody, partial(decode, kind=PublicBody)),
    "private body": (PrivateBody, partial(decode, kind=PrivateBody)),
    "epoch": (EpochKey, partial(decode, kind=EpochKey)),
}


def check(parse: Callable[[bytes], object], data: bytes, errors: tuple[type[Exception], ...]) -> object:
    """Return what was parsed; None if one of ``errors`` was raised, anything else is a test's failure."""
    try:
        return parse(data)
    except errors:
        return None


# Door messages, lines and the link


@pytest.mark.parametrize("name", JSON)
@tried
@given(st.data())
def test_json_comes_back_as_it_was_and_damaged_is_refused_or_read(name: str, data: st.DataObject) -> None:
    kind, parse = JSON[name]
    value = data.draw(form(kind))
    valid = msgspec.json.encode(value)
    assert parse(valid) == value
    check(parse, data.draw(damaged(st.just(valid))), UNREADABLE)


@pytest.mark.parametrize(("kind", "parse"), [(link.Up, link.decode_up), (link.Down, link.decode_down)])
@tried
@given(st.data())
def test_link_packets_come_back_and_damaged_ones_are_refused_or_read(
    kind, parse, data: st.DataObject
) -> None:
    value = data.draw(form(kind))
    valid = link.encode(value)
    assert parse(valid) == value
    check(parse, data.draw(damaged(st.just(valid))), UNREADABLE)


@tried
@given(form(PrivateBody))
def test_private_bodies_are_padded_to_one_length_and_come_back(body) -> None:
    assert len(encode_private(body)) % 256 == 0
    assert decode_private(encode_private(body)) == body


# Signed blobs


@pytest.mark.parametrize("context", PAYLOADS, ids=lambda context: context.name)
@tried
@given(st.data())
def test_a_signed_payload_comes_back_and_no_damaged_one_counts(context: Context, data: st.DataObject) -> None:
    kind = PAYLOADS[context]
    payload = data.draw(form(kind))
    blob = sign(KEY, context, payload)
    assert verify(PUBLIC, context, blob, kind) == payload
    other = data.draw(damaged(st.just(blob)))
    check(lambda bad: payload_of(bad, kind), other, (TrustError,))
    if other != blob:
        with pytest.raises(TrustError):
            verify(PUBLIC, context, other, kind)


@tried
@given(st.data())
def test_whatever_a_key_signs_as_its_payload_raises_trust_errors_alone(data: st.DataObject) -> None:
    context = data.draw(st.sampled_from(list(PAYLOADS)))
    kind = PAYLOADS[context]
    said = data.draw(damaged(form(kind).map(msgspec.json.encode)))
    blob = KEY.sign(context.value + said) + said
    check(lambda signed: verify(PUBLIC, context, signed, kind), blob, (TrustError,))


# The desk, asked by a stranger and by a reader gone bad


@pytest.fixture
def door(household: Household) -> Door:
    return Door(household)


@pytest.fixture
def reader(door: Door) -> TestReader:
    return door.join()


@tried
@given(data=st.data())
def test_the_desk_answers_every_frame(door: Door, data: st.DataObject) -> None:
    frame = data.draw(damaged(form(messages.Up).map(messages.encode)))
    messages.decode_down(door.desk.answer(HERE, frame))


@tried
@given(data=st.data())
def test_the_desk_answers_whatever_a_reader_signs(
    door: Door, reader: TestReader, data: st.DataObject
) -> None:
    """A valid command of every sort, with any numbers in it, or its payload with something done to it before it was signed."""
    head = door.ledger.chain.head
    body = data.draw(form(messages.CommandPayload)).body
    key = reader.sign.public_key().public_bytes_raw()
    payload = messages.CommandPayload(
        door.household.door, door.nonce(), messages.Head(head.seq, head.hash), key, body
    )
    valid = msgspec.json.encode(payload)
    said = data.draw(st.just(valid) | damaged(st.just(valid)))
    signed = reader.sign.sign(Context.COMMAND.value + said) + said
    assert isinstance(door.send(signed), messages.Reply | messages.Error)


@tried
@given(data=st.data())
def test_a_change_of_any_form_is_refused_in_words(
    door: Door, reader: TestReader, data: st.DataObject
) -> None:
    line = data.draw(damaged(form(Change).map(msgspec.json.encode)))
    if check(lambda text: msgspec.json.decode(text, type=msgspec.Raw), line, UNREADABLE) is None:
        return  # no JSON at all cannot be inside a command: the tests above have it
    signed = reader.command(door.ledger.chain, door.nonce(), commands.ChangeHousehold(msgspec.Raw(line)))
    assert isinstance(door.send(signed), messages.Reply | messages.Error)


@tried
@given(data=st.data())
def test_a_command_is_verified_or_refused(household: Household, data: st.DataObject) -> None:
    chain, nonces = Chain(), Nonces()
    chain.add(household.born_line)
    said = data.draw(damaged(form(messages.CommandPayload).map(msgspec.json.encode)))
    with pytest.raises(CommandRefused):
        verify_command(KEY.sign(Context.COMMAND.value + said) + said, chain, nonces, 0)


# The ledger


@tried
@given(data=st.data())
def test_a_line_is_taken_in_or_breaks_the_chain(household: Household, data: st.DataObject) -> None:
    chain = Chain()
    chain.add(household.born_line)
    line = data.draw(form(Line))
    line = msgspec.structs.replace(line, seq=1, prev=chain.head.hash)
    raw = msgspec.json.encode(line)
    check(chain.add, data.draw(st.just(raw) | damaged(st.just(raw))), (LedgerBroken,))
    assert chain.head.seq == len(chain) - 1


# Sealed bytes


@tried
@given(st.data())
def test_an_age_header_is_read_to_the_byte_or_refused(data: st.DataObject) -> None:
    valid = data.draw(st.sampled_from([AGE_FILE, OLD_AGE_FILE]))
    bad = data.draw(damaged(st.just(valid)))
    header = check(lambda one: read_header(io.BytesIO(one)), bad, (HeaderError,))
    if header is not None:
        stanzas = b"".join(stanza.encode() for stanza in header.stanzas)
        assert bad.startswith(header.raw + header.payload_nonce)
        assert header.raw.startswith(b"age-encryption.org/v1\n" + stanzas + b"---")


@tried
@given(st.data())
def test_an_age_file_opens_as_it_was_sealed_or_not_at_all(data: st.DataObject) -> None:
    valid = data.draw(st.sampled_from([AGE_FILE, OLD_AGE_FILE]))
    bad = data.draw(damaged(st.just(valid)))
    opened = check(lambda one: open_bytes(one, [PHONE, OLD_PHONE]), bad, (SealError,))
    assert opened is None or bad in (AGE_FILE, OLD_AGE_FILE)


@tried
@given(st.binary(max_size=60), st.binary(max_size=20), st.integers(0, 2**64 - 1), st.data())
def test_a_frame_opens_as_it_was_sealed_or_not_at_all(
    plaintext: bytes, metadata: bytes, kid: int, data: st.DataObject
) -> None:
    opener = Opener()
    opener.add(kid, bytes(32))
    frame = Sealer(kid, bytes(32)).seal(plaintext, metadata)
    assert opener.open(frame, metadata) == plaintext
    bad = data.draw(damaged(st.just(frame)))
    opened = check(lambda one: opener.open(one, metadata), bad, (SealError,))
    assert opened is None or bad == frame

"""What Python seals and signs, the page opens and believes; what the page signs, the device verifies; nothing else passes."""

import hashlib
import os
from typing import Any

import msgspec
import pytest

from device.contract import messages
from device.sealing.age import seal
from device.sealing.age_reader import open_bytes
from device.sealing.identities import HybridIdentity, X25519Identity, parse_identity
from device.sealing.recipients import parse_recipient
from device.sealing.sframe import Sealer
from device.trust.ledger import split
from device.trust.lines import ClipBegun, ClipDeleted
from device.trust.statement import EVENT_METADATA, Statement, Trigger
from provisioning.card.card import Card, parse_code
from tests.contract.paired import CARD, Door, b64


def refused(oracle: Any, do: str, **request: Any) -> str:
    with pytest.raises(Exception, match=r"^\w+: ") as caught:
        oracle.ask(do, **request)
    return caught.value.kind  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("make", [X25519Identity.generate, HybridIdentity.generate])
@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_typage_and_the_page_open_what_python_seals(oracle: Any, make: Any, size: int) -> None:
    identity, plain = make(), os.urandom(size)
    file = seal(plain, [identity.recipient()])
    text = identity.secret_text()
    assert b64(oracle.ask("typage_open", file=file, identity=text)["plaintext"]) == plain
    opened = oracle.ask("open_age", file=file, identity=text, feed="whole")
    assert (b64(opened["plaintext"]), opened["ending"]) == (plain, "complete")
    assert b64(opened["ciphertext_sha256"]) == hashlib.sha256(file).digest()


@pytest.mark.parametrize("hybrid", [True, False])
def test_python_opens_what_typage_seals(oracle: Any, hybrid: bool) -> None:
    made = oracle.ask("typage_identity", hybrid=hybrid)
    plain = os.urandom(100_000)
    file = b64(oracle.ask("typage_seal", plaintext=plain, recipients=[made["recipient"]])["file"])
    assert open_bytes(file, [parse_identity(made["identity"])]) == plain


def test_the_page_opens_a_file_that_comes_byte_by_byte(oracle: Any) -> None:
    identity = HybridIdentity.generate()
    plain = os.urandom(70_000)
    file = seal(plain, [identity.recipient()])
    opened = oracle.ask("open_age", file=file, identity=identity.secret_text(), feed="bytes")
    assert b64(opened["plaintext"]) == plain


def test_the_page_opens_a_cut_file_to_its_last_whole_chunk_and_refuses_a_changed_one(oracle: Any) -> None:
    identity = HybridIdentity.generate()
    plain = os.urandom(200_000)
    file = seal(plain, [identity.recipient()])
    text = identity.secret_text()
    cut = oracle.ask("open_age", file=file[:-1000], identity=text, feed="whole")
    assert b64(cut["plaintext"]) == plain[: 3 * 65_536]
    assert cut["ending"] == "cut"
    flipped = bytearray(file)
    flipped[len(file) // 2] ^= 1
    assert refused(oracle, "open_age", file=bytes(flipped), identity=text, feed="whole") == "SealBroken"


@pytest.mark.parametrize("native", [True, False])
@pytest.mark.parametrize("tag", [True, False])
def test_python_seals_to_keys_that_were_born_in_a_browser(oracle: Any, native: bool, tag: bool) -> None:
    name = f"native {native} tagged {tag}"
    try:
        made = oracle.ask("new_reader", reader=name, native=native, tagged=tag)
    except Exception as error:
        if native and "NotSupported" in str(error):
            pytest.skip("this node's WebCrypto has no ML-KEM-768; Chromium's is tested in tests/browser")
        raise
    assert made["recipient"].startswith("age1tagpq1" if tag else "age1pq1")
    plain = os.urandom(1000)
    card = HybridIdentity.generate().recipient()
    file = seal(plain, [card, parse_recipient(made["recipient"])])
    opened = oracle.ask("open_age", file=file, reader=name, feed="whole")
    assert (b64(opened["plaintext"]), opened["stanzas"]) == (plain, 2)


def test_the_page_opens_frames_and_refuses_other_metadata(oracle: Any) -> None:
    key = os.urandom(32)
    sealer = Sealer(7, key)
    sealer.seal(b"first")
    frame = sealer.seal(b"second", b"metadata")
    opened = oracle.ask("open_sframe", frame=frame, key=key, metadata=b"metadata")
    assert (b64(opened["plaintext"]), opened["kid"], opened["counter"]) == (b"second", 7, 1)
    assert refused(oracle, "open_sframe", frame=frame, key=key, metadata=b"other") == "SealBroken"


def test_both_sides_read_the_card_alike(oracle: Any) -> None:
    card, born = Card(), os.urandom(32)
    for code in (
        card.code(born),
        card.code(born).lower(),
        " ".join(card.code(born)[i : i + 5] for i in range(0, 90, 5)),
    ):
        read = oracle.ask("parse_card", code=code)
        assert (
            (b64(read["secret"]), b64(read["born_sha256"])) == parse_code(code) == (card.admit_secret, born)
        )
        assert (read["kind"], b64(read["key"])) == ("admit", card.admit_key().public_key().public_bytes_raw())


def test_the_page_pairs_asks_and_believes_only_answers_to_its_own_commands(door: Door) -> None:
    door.pair("phone", "Hallway phone")
    assert [reader.label for reader in door.ledger.roster.readers] == ["Hallway phone"]
    signed, down = door.command("phone", {"type": "days", "before": None})
    assert door.reply(signed, down)["body"] == {"type": "days", "days": [], "more": False}
    other, _ = door.command("phone", {"type": "days", "before": None})
    assert isinstance(down, messages.Reply)
    with pytest.raises(Exception, match=r"^\w+: "):
        door.reply(other, down)
    changed = down.signed[:64] + down.signed[64:].replace(b"days", b"dayz")
    with pytest.raises(Exception, match=r"^\w+: "):
        door.reply(signed, messages.Reply(2, changed))


def test_the_page_refuses_a_card_of_another_door_and_the_door_refuses_another_card(door: Door) -> None:
    door.oracle.ask("new_reader", reader="lost", native=False)
    request = {"born": door.household.born_line, "label": "x", "reader": "lost"}
    assert refused(door.oracle, "admission", code=CARD.code(os.urandom(32)), **request) == "OtherDoor"
    forged = door.oracle.ask("admission", code=Card(b"\x02" * 16).code(door.born_sha256), **request)
    line = {"type": "reader_added", "admission": forged["admission"]}
    _, down = door.command("lost", {"type": "change", "line": line})
    assert isinstance(down, messages.Error)
    assert door.ledger.roster.readers == ()


def test_the_page_verifies_the_ledger_and_opens_its_private_lines(door: Door) -> None:
    door.pair("tablet", "Kitchen tablet")
    at_utc = door.household.clock.utc()
    begun = ClipBegun(
        at_utc=at_utc, clip=4, trigger="ring", header_sha256=bytes(32), roster_seq=2, left_out=()
    )
    door.ledger.note(begun)
    door.ledger.note(ClipDeleted(at_utc=at_utc, clip=3, reason="age"))
    lines, _ = split((door.household.state / "ledger").read_bytes())
    epochs = [{"epoch": n, "file": door.ledger.epoch_file(n)} for n in (1, 2)]
    request = {"lines": lines, "epochs": epochs, "reader": "tablet"}
    found = door.oracle.ask("verify_ledger", head=(door.household.state / "head").read_bytes(), **request)
    assert b64(found["head"]["hash"]) == door.ledger.chain.head.hash
    assert [reader["label"] for reader in found["readers"]] == ["Kitchen tablet"]
    assert [body["type"] for body in found["private"][-2:]] == ["clip_begun", "clip_deleted"]
    assert found["private"][1] is None, "sealed before this reader was added"
    for broken in (
        lines[:2] + lines[3:],
        [*lines[:3], lines[3].replace(b"A", b"B", 1), *lines[4:]],
        lines[:1] * 2,
    ):
        # A changed letter may break the form of a line as well as the chain: refused it is in any case.
        assert refused(door.oracle, "verify_ledger", head=None, **(request | {"lines": broken}))


def statement(at: Door, **changed: Any) -> Statement:
    return Statement(
        **{
            "door": at.household.door,
            "clip": 4,
            "state": "sealed",
            "begun_utc": at.household.clock.utc(),
            "duration_ms": 12_000,
            "pre_roll_ms": 4000,
            "triggers": (Trigger("motion", 4000), Trigger("ring", 6000)),
            "width_px": 1280,
            "height_px": 720,
            "fps": 15,
            "codec": "avc1.42c01f",
            "masks_sha256": None,
            "roster_seq": 2,
            "header_sha256": bytes(32),
            "ciphertext_sha256": bytes(32),
            "ciphertext_bytes": 5,
            "plaintext_sha256": bytes(32),
            "plaintext_bytes": 3,
            "thumbnail": b"\xff\xd8",
            **changed,
        }
    )


def reading(door: Door) -> dict[str, Any]:
    """Return what the page has, but for the event."""
    return {
        "born": door.household.born_line,
        "epochs": [{"epoch": n, "file": door.ledger.epoch_file(n)} for n in (1, 2)],
        "reader": "phone",
        "day": "2026-11-23",
        "begun": None,
        "clip": 4,
    }


def test_the_page_reads_an_event_and_shows_a_forged_one_as_broken(door: Door) -> None:
    door.pair("phone", "Phone")
    request = reading(door)
    event = door.ledger.seal_statement(statement(door))
    clip = door.oracle.ask("read_clip", event=event, **request)["clip"]
    assert (clip["kind"], clip["statement"]["duration_ms"]) == ("sealed", 12_000)
    swapped = door.ledger.seal_statement(statement(door, clip=5))
    elsewhere = door.ledger.seal_statement(statement(door, door=bytes(32)))
    epoch = msgspec.json.decode(
        open_bytes(door.ledger.epoch_file(2) or b"", [door.household.card.open]), type=dict
    )
    forged = Sealer(2, b64(epoch["key"])).seal(
        os.urandom(64) + msgspec.json.encode(statement(door)), EVENT_METADATA
    )
    for bad in (swapped, elsewhere, forged, event[:-1] + bytes([event[-1] ^ 1])):
        assert door.oracle.ask("read_clip", event=bad, **request)["clip"]["kind"] == "broken"

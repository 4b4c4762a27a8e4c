"""Somebody has the door write a line that one verifier takes and another refuses for ever: nothing but one text counts.

One command of any reader, or a leaked invite alone, would end a door otherwise: every page would call its record broken.
"""

import base64
import json
import random
from collections.abc import Callable

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.contract import commands, messages, replies
from device.trust.commands import asking
from device.trust.household import (
    Admission,
    Applied,
    CardProposed,
    Invite,
    Invited,
    Reader,
    ReaderAdded,
    ReaderRenamed,
    Replacement,
)
from device.trust.signed import SIGNATURE_BYTES, Context, sign
from tests.support.crooked import CROOKED_KEYS, crooked, mixed_order_key
from tests.support.door import HERE, Door, Says
from tests.support.household import Card, Household, TestReader

BAD_KEYS = [*CROOKED_KEYS, mixed_order_key()]


@pytest.fixture
def door(household: Household) -> Door:
    return Door(household)


def signed_anew(key: Ed25519PrivateKey, context: Context, blob: bytes, change: Callable[[str], str]) -> bytes:
    data = change(blob[SIGNATURE_BYTES:].decode()).encode("utf-8", "surrogatepass")
    return key.sign(context.value + data) + data


def refused(door: Door, signed: bytes) -> bool:
    down = messages.decode_down(door.desk.answer(HERE, messages.encode(messages.Command(7, signed))))
    if isinstance(down, messages.Error):
        return True
    assert isinstance(down, messages.Reply)
    return isinstance(door.household.reply(down.signed).body, replies.Refused)


def test_a_statement_in_any_other_text_than_its_own_leaves_no_line(door: Door) -> None:
    """By a reader, by the card's Admit half alone, and by an invite that leaked."""
    dice, household, says = random.Random(3), door.household, Says(door.household.door)
    phone, guest, invite = door.join("Phone"), TestReader("Guest"), Ed25519PrivateKey.generate()
    door.change(phone, says.invited(phone, invite))
    before, tried = len(door.ledger.chain), 0
    while tried < 120:
        renamed, added = says.renamed(phone, phone, "Tablet").renaming, household.admission(guest)
        applied = says.applied(invite, guest).admission
        for who, key, context, blob, wrap in (
            (phone, phone.sign, Context.RENAMING, renamed, ReaderRenamed),
            (guest, household.card.admit, Context.ADMISSION, added, ReaderAdded),
            (guest, invite, Context.ADMISSION, applied, Applied),
        ):
            bad = signed_anew(key, context, blob, lambda text: crooked(text, dice))
            if bad[SIGNATURE_BYTES:] == blob[SIGNATURE_BYTES:]:
                continue
            tried += 1
            assert refused(door, who.command(door.ledger.chain, door.nonce(), asking(wrap(bad)))), bad
    assert len(door.ledger.chain) == before


def test_a_command_in_any_other_text_than_its_own_is_none(door: Door) -> None:
    dice, phone = random.Random(4), door.join("Phone")
    for _ in range(120):
        honest = phone.command(door.ledger.chain, door.nonce(), commands.AskHead())
        bad = signed_anew(phone.sign, Context.COMMAND, honest, lambda text: crooked(text, dice))
        if bad != honest:
            assert refused(door, bad), bad


def test_a_change_inside_a_command_in_any_other_text_than_its_own_is_none(door: Door) -> None:
    dice, phone = random.Random(5), door.join("Phone")
    change = Says(door.household.door).renamed(phone, phone, "Tablet")
    text = msgspec.json.encode(change).decode()
    before = len(door.ledger.chain)
    for _ in range(120):
        line = crooked(text, dice)
        if line == text or "\ud800" in line:
            continue
        body = commands.ChangeHousehold(msgspec.Raw(line.encode()))
        assert refused(door, phone.command(door.ledger.chain, door.nonce(), body)), line
    assert len(door.ledger.chain) == before


@pytest.mark.parametrize(
    "day", ["2026-99-99", "0000-00-00", "2026-02-30", "2023-02-29", "1900-02-29", "0000-02-29", "2026-00-01"]
)
def test_a_day_that_no_calendar_has_is_asked_for_by_nobody(door: Door, day: str) -> None:
    """It would stand in "Lately" of every page for ever."""
    phone = door.join("Phone")
    before = len(door.ledger.chain)
    assert refused(door, phone.command(door.ledger.chain, door.nonce(), commands.AskDay(day, 0)))
    assert len(door.ledger.chain) == before
    assert isinstance(door.ask(phone, commands.AskDay("2024-02-29", 0)), replies.DayEvents)


@pytest.mark.parametrize("key", BAD_KEYS, ids=[key.hex()[:12] + key.hex()[-4:] for key in BAD_KEYS])
def test_a_key_that_verifiers_judge_differently_becomes_nobodys(door: Door, key: bytes) -> None:
    """With some of them one constant signature is good for every command: as a reader's, an invite's, a card's."""
    household, phone = door.household, door.join("Phone")
    admission = sign(
        household.card.admit,
        Context.ADMISSION,
        Admission(household.door, Reader("Guest", key, TestReader().public.recipient)),
    )
    constant = bytes([1]) + bytes(63)
    head = messages.Head(door.ledger.chain.head.seq, door.ledger.chain.head.hash)
    claim = messages.CommandPayload(household.door, door.nonce(), head, key, asking(ReaderAdded(admission)))
    before = len(door.ledger.chain)
    assert refused(door, constant + msgspec.json.encode(claim))
    said = Invite(household.door, phone.public.sign, key)
    assert door.change(phone, Invited(sign(phone.sign, Context.INVITE, said))) == "bad_change"
    card = Replacement(household.door, phone.public.sign, key, str(Card().open.recipient()))
    assert door.change(phone, CardProposed(sign(phone.sign, Context.REPLACEMENT, card))) == "bad_change"
    assert len(door.ledger.chain) == before


def test_a_number_that_a_page_cannot_hold_is_asked_for_by_nobody(door: Door) -> None:
    """Where a list begins, and how many clips were given, stand in lines: beyond 2^53 - 1 a page would round them."""
    phone = door.join("Phone")
    before = len(door.ledger.chain)
    for body in (
        commands.AskDay("2026-11-23", 2**53),
        commands.Grant(phone.public.sign, 2**53, b"x"),
    ):
        assert refused(door, phone.command(door.ledger.chain, door.nonce(), body))
    assert len(door.ledger.chain) == before
    assert isinstance(door.ask(phone, commands.AskDay("2026-11-23", 2**53 - 1)), replies.DayEvents)


@pytest.mark.parametrize(
    "label",
    [
        "Phone", "PHONE", "phone", "Ph0ne", "Phone.", "P h o n e", "Рhone", "Phоne", "You", "YOU", "the card", "\u3164",
        "\u2800",
        "Phone\u034f", "Phone\ufe0f", "Phone\U000e0100", "\u115f", "Phone\u00a0", "Phone\u3000x", "A\u0336",
        "\u05d0\u05d1 (removed)",
        "a\u200fb", "x” asked to join, invited by Mum", "12",
    ],
)  # fmt: skip  # read as a list
def test_a_name_that_deceives_is_taken_by_nobody(door: Door, label: str) -> None:
    """Joining with the card, by an invite, and being renamed."""
    says, phone, tablet = Says(door.household.door), door.join("Phone"), door.join("Tablet")
    guest, invite = TestReader(label), Ed25519PrivateKey.generate()
    door.change(phone, says.invited(phone, invite))
    before = len(door.ledger.chain)
    assert door.change(guest, door.household.adds(guest)) == "bad_label"
    assert door.change(guest, says.applied(invite, guest)) == "bad_label"
    assert door.change(phone, says.renamed(phone, tablet, label)) == "bad_label"
    assert len(door.ledger.chain) == before


def test_a_name_that_was_taken_while_somebody_waited_is_not_taken_again(door: Door) -> None:
    says, phone, tablet = Says(door.household.door), door.join("Phone"), door.join("Tablet")
    guest, invite = TestReader("Guest"), Ed25519PrivateKey.generate()
    door.change(phone, says.invited(phone, invite))
    applied = says.applied(invite, guest)
    assert door.change(guest, applied) == "changed"
    assert door.change(phone, says.renamed(phone, phone, "GUEST")) == "changed"
    assert door.change(tablet, says.confirmed(tablet, applied)) == "bad_label"
    assert door.change(phone, says.renamed(phone, phone, "Phone")) == "changed"
    assert door.change(tablet, says.confirmed(tablet, applied)) == "changed"


def test_the_crooked_texts_of_this_page_are_read_by_other_decoders(door: Door) -> None:
    """Or nothing of this would be an attack: a lenient reader takes most of them, and reads what was meant, or something else."""
    text = '{"door":"' + base64.b64encode(door.household.door).decode() + '","label":"Tablet","n":7}'
    dice = random.Random(6)

    def lenient(other: str) -> bool:
        try:
            json.loads(other)
        except ValueError:
            return False
        return other != text

    assert sum(lenient(crooked(text, dice)) for _ in range(200)) > 80

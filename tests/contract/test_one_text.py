"""What the device says, names and cards' letters: the device, the command and the page read them alike.

The texts come from the grammar of accidents in ``tests.support.crooked``. ``--long`` tries them by the hundred thousand.
"""

import os
import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device.contract import canonical, messages, replies
from device.contract.forms import UNREADABLE
from device.sealing import bech32
from device.trust import lines
from device.trust.condition import MAX_CONDITIONS, Condition, decode_conditions, encode_conditions
from device.trust.errors import ChangeRefused
from device.trust.lines import Line, SignedHead, decode_private
from device.trust.names import RESERVED, check_label
from device.trust.report import Film, Finding, Report, decode_report, encode_report
from device.trust.ring import RingPayload
from device.trust.statement import Statement, Trigger
from provisioning.card.card import Card as ProvisionedCard
from provisioning.card.card import CardError, parse_code
from tests.contract.conftest import Refused
from tests.support.crooked import LABELS, crooked
from tests.support.effort import cases
from tests.support.forms import form
from tests.support.household import Household

BATCH = 40
ROUNDS = cases(12, 3_000)


def samples(household: Household) -> dict[str, tuple[Any, list[Any]]]:
    """Return values of each form that the page reads, with what the device reads it by."""
    now, digest = household.clock.utc(), bytes(range(32))
    fine = now + timedelta(milliseconds=123)
    private: list[lines.PrivateBody] = [
        lines.Dated(at_utc=now), lines.Started(at_utc=fine, epoch=3),
        lines.ClipBegun(at_utc=now, clip=4, trigger="ring", header_sha256=digest, roster_seq=2, left_out=(digest,)),
        lines.ClipSealed(at_utc=now, clip=4, ciphertext_sha256=digest, ciphertext_bytes=5, state="sealed"),
        lines.ClipSealed(at_utc=now, clip=4, ciphertext_sha256=None, ciphertext_bytes=0, state="unrecorded"),
        lines.DayListed(at_utc=now, day="2026-11-23", after=0, reader=digest),
        lines.ClipDeleted(at_utc=fine, clip=1, reason="age"),
        lines.Gap(at_utc=fine, reason="unfit", from_utc=now), lines.Granted(at_utc=now, clips=1, reader=digest, to=digest),
        lines.SettingsChanged(at_utc=now, reader=digest, what=("zones", "masks"), privacy=True, snoozed_until_utc=None),
        lines.SettingsChanged(at_utc=now, reader=digest, what=("privacy",), privacy=False, snoozed_until_utc=fine),
        lines.Rang(at_utc=fine), lines.Answered(at_utc=now, ring=7, reader=digest),
        lines.Stopped(at_utc=now),
    ]  # fmt: skip  # read as a table
    said = Statement(
        door=digest, clip=4, state="sealed", begun_utc=fine, duration_ms=12_000, pre_roll_ms=4_000,
        triggers=(Trigger("motion", 4_000, "Weg zur Tür", 12), Trigger("ring", 0)), width_px=1280, height_px=720, fps=15,
        codec="avc1.42c01f", masks_sha256=digest, roster_seq=2, header_sha256=None, ciphertext_sha256=digest, ciphertext_bytes=5,
        plaintext_sha256=digest, plaintext_bytes=3, thumbnail=b"\xff\xd8", masks=(((0.1, 0.2), (1.0, 0.0), (0.00002, 0.5)),),
    )  # fmt: skip
    head = messages.Head(7, digest)
    bodies: list[replies.ReplyBody] = [
        replies.HeadBody(None),
        replies.HeadBody(digest),
        replies.Changed(3),
        replies.Refused("storage", "“so”"),
    ]
    answers = [messages.ReplyPayload(digest, digest, digest, head, fine, body) for body in bodies]
    return {
        "private": (decode_private, [lines.encode_private(body) for body in private]),
        "statement": (lambda raw: canonical.decode(raw, Statement), [canonical.encode(said)]),
        "reply": (
            lambda raw: canonical.decode(raw, messages.ReplyPayload),
            list(map(canonical.encode, answers)),
        ),
        "notice": (
            lambda raw: canonical.decode(raw, messages.NoticePayload),
            [canonical.encode(messages.NoticePayload(digest, head, fine))],
        ),
        "conditions": (
            decode_conditions,
            [
                encode_conditions((Condition("blind", now),)),
                encode_conditions((Condition("privacy", now, by=digest), Condition("snoozed", None, fine))),
            ],
        ),
        "health": (
            decode_report,
            [
                encode_report(Report(now, (), None)),
                encode_report(
                    Report(fine, (Finding("heat", "ok", "it has 51 °C"),), Film(digest, opened=True))
                ),
            ],
        ),
        "ring": (
            lambda raw: canonical.decode(raw, RingPayload),
            [
                canonical.encode(RingPayload(digest, 7, fine, b"\xff\xd8")),
                canonical.encode(RingPayload(digest, None, now, b"")),
            ],
        ),
        "head": (
            lambda raw: canonical.decode(raw, SignedHead),
            [canonical.encode(SignedHead(digest, 7, digest))],
        ),
    }


def test_the_device_and_the_page_read_the_same_texts(household: Household, oracle: Any) -> None:
    """What the device signs, and what it seals: the CLI reads it in Python, the page in TypeScript."""
    dice = random.Random(os.urandom(8) if ROUNDS > 100 else 11)
    for name, (read, values) in samples(household).items():
        for _ in range(ROUNDS):
            texts = [dice.choice(values) for _ in range(BATCH)]
            texts = [crooked(text.decode(), dice).encode("utf-8", "surrogatepass") for text in texts]
            mine = [reads(read, text) for text in texts]
            theirs = oracle.ask("could_be", form=name, texts=texts)["taken"]
            for text, here, there in zip(texts, mine, theirs, strict=True):
                assert here == there, (name, here, there, text)


def reads(read: Any, text: bytes) -> bool:
    try:
        read(text)
    except UNREADABLE:
        return False
    return True


def test_every_value_of_its_own_is_read_back_by_both(household: Household, oracle: Any) -> None:
    for name, (read, values) in samples(household).items():
        for value in values:
            read(value)
        assert all(oracle.ask("could_be", form=name, texts=values)["taken"]), name


@settings(max_examples=cases(150, 20_000), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_the_device_can_say_of_itself_the_page_reads(oracle: Any, data: st.DataObject) -> None:
    """A line or a statement of any value, also of a type that the record gains: the page refuses none of them."""
    said: list[tuple[str, bytes]] = [
        ("private", lines.encode_private(data.draw(form(lines.PrivateBody)))),
        ("statement", canonical.encode(data.draw(form(Statement)))),
        ("head", canonical.encode(data.draw(form(SignedHead)))),
        ("notice", canonical.encode(data.draw(form(messages.NoticePayload)))),
        (
            "conditions",
            encode_conditions(tuple(data.draw(st.lists(form(Condition), max_size=MAX_CONDITIONS)))),
        ),
    ]
    for name, text in said:
        assert oracle.ask("could_be", form=name, texts=[text])["taken"] == [True], text


def test_both_sides_read_the_same_card_codes(oracle: Any) -> None:
    """As typed, scanned or copied: spaces and dashes of any sort, either case; and letters that are no code's."""
    dice, card, born = random.Random(13), ProvisionedCard(), bytes(range(32))
    code, taken = card.code(born), 0
    other = [
        bech32.encode("admit", bytes(47)),
        bech32.encode("admit", bytes(49)),
        bech32.encode("admin", bytes(48)),
        "",
    ]
    for _ in range(cases(400, 20_000)):
        text, at = dice.choice([code, code.lower(), code, *other]), dice.randrange(60)
        accident = dice.choice(
            [
                "",
                "",
                "q",
                " ",
                "-",
                "\u2014",
                "\u00a0",
                "\ufeff",
                "\u0085",
                "\x1c",
                "\u200b",
                "\u00ad",
                "1",
                "b",
                "\u212a",
            ]
        )
        text = text[:at] + accident + text[at + dice.randrange(2) :]
        if dice.random() < 0.2:
            text = text[:at] + text[at:].swapcase()
        mine = reads_card(text)
        taken += mine
        try:
            theirs = oracle.ask("parse_card", code=text)["kind"] == "admit"
        except Refused:
            theirs = False
        assert mine == theirs, text
    assert taken


def reads_card(text: str) -> bool:
    try:
        parse_code(text)
    except CardError:
        return False
    return True


def test_both_sides_judge_names_alike(oracle: Any) -> None:
    """Every letter that the table has and some thousands that it has not, alone and beside others; and names that look alike."""
    dice = random.Random(12)
    letters = [
        chr(code)
        for code in (
            *range(0x20, 0x600),
            *range(0x1E00, 0x2100),
            *range(0x3000, 0x3100),
            0x4E00,
            0xAC00,
            0xFF21,
            0x1F600,
        )
    ]
    alphabet = [*"lI1oO0mrncdvw ’'-.i", *"рсорΝιѕ", *"かカ力口ロ"]
    names: list[list[str]] = [[letter] for letter in letters] + [["x" + letter] for letter in letters]
    names += [[label, other] for label in (*LABELS, *RESERVED) for other in ("Phone", dice.choice(LABELS))]
    for _ in range(cases(3_000, 200_000)):
        word, other = ("".join(dice.choices(alphabet, k=dice.randrange(1, 6))) for _ in range(2))
        names.append([word, other])
    for at in range(0, len(names), 2_000):
        some = names[at : at + 2_000]
        faults = oracle.ask("name_faults", names=some)["faults"]
        for (name, *others), fault in zip(some, faults, strict=True):
            assert (fault is None) == fits(name, others), (name, others, fault)


def fits(name: str, others: list[str]) -> bool:
    try:
        check_label(name, others)
    except ChangeRefused:
        return False
    return True


def test_a_line_of_the_device_is_the_one_text_of_itself(household: Household) -> None:
    line = canonical.decode(household.born_line, Line)
    assert canonical.encode(line) == household.born_line


@pytest.mark.parametrize("seed", range(3))
def test_the_accidents_are_accidents(seed: int) -> None:
    """Most of them make another text, or the grammar tries nothing."""
    dice = random.Random(seed)
    text = (
        '{"type":"day_listed","at_utc":"2026-11-23T12:00:00Z","day":"2026-11-23","after":0,'
        '"reader":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}'
    )
    assert sum(crooked(text, dice) != text for _ in range(300)) > 200

"""The device and the page fold the same histories of a household into the same roster, and refuse the same lines."""

import base64
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.sealing.fitness import unfit
from device.sealing.identities import HybridIdentity, TaggedIdentity
from device.trust.errors import TrustError
from device.trust.household import Applied, Change, ReaderAdded
from device.trust.ledger import Chain
from device.trust.members import members
from device.trust.roster import Roster
from tests.support.door import Says, as_reader
from tests.support.household import Card, Household, TestReader
from tests.support.unfit import unfit_recipients


def _reader(number: int) -> TestReader:
    """Return a reader, every second of the tagged kind."""
    reader = TestReader(f"Reader {number}")
    if number % 2:
        reader.open = TaggedIdentity.generate()
    return reader


@dataclass
class People:
    """Everybody who ever touched a door, and what they say at random: much of it true, much of it not."""

    household: Household
    dice: random.Random
    readers: list[TestReader] = field(default_factory=lambda: [_reader(n) for n in range(9)])
    cards: list[TestReader] = field(default_factory=list)
    invites: list[Ed25519PrivateKey] = field(
        default_factory=lambda: [Ed25519PrivateKey.generate() for _ in range(9)]
    )
    said: list[Change] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cards = [as_reader(card) for card in (self.household.card, *(Card() for _ in range(5)))]
        self.says = Says(self.household.door)
        self.elsewhere = Says(bytes(32))

    def change(self, chain: Chain) -> Change:
        """Return something that somebody might put on the ledger: now and then true, now and then a lie."""
        dice, roster = self.dice, chain.roster
        if self.said and dice.random() < 0.1:
            return dice.choice(self.said)
        says = self.says if dice.random() < 0.97 else self.elsewhere
        present = [reader for reader in self.readers if roster.reader(reader.public.sign)]
        absent = [reader for reader in self.readers if reader not in present]
        by = dice.choice(present if present and dice.random() < 0.8 else self.readers)
        new = dice.choice(absent if absent and dice.random() < 0.8 else self.readers)
        present_card = next(
            card for card in self.cards if card.sign.public_key().public_bytes_raw() == roster.admit
        )
        card = present_card if dice.random() < 0.8 else dice.choice(self.cards)
        key, another = (
            dice.choice(self.invites),
            Card(*self._keys(dice.choice(self.cards))),
        )
        asked = [change for change in self.said if isinstance(change, Applied)]
        blob = roster.proposal.blob if roster.proposal else says.replacement(card, another)
        label = dice.choice(["Küche", "Tablet", "", "x" * 41, "a\u202eb", " x"])
        return dice.choice(
            [
                lambda: ReaderAdded(Card(*self._keys(card)).admission(says.door, new.public)),
                lambda: says.invited(by, key),
                lambda: says.applied(key, new),
                lambda: says.confirmed(by, asked[-1] if asked else says.applied(key, new)),
                lambda: says.confirmed(by, asked[-1] if asked else says.applied(key, new)),
                lambda: says.removed(dice.choice([by, card]), dice.choice([by, new])),
                lambda: says.renamed(by, dice.choice(self.readers), label),
                lambda: says.proposed(by, another),
                lambda: says.objected(dice.choice([by, card]), blob),
                lambda: says.replaced(blob, dice.choice([None, says.confirmation(by, blob)])),
            ]
        )()

    @staticmethod
    def _keys(card: TestReader) -> tuple[Ed25519PrivateKey, HybridIdentity]:
        assert isinstance(card.open, HybridIdentity)
        return card.sign, card.open


def b64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def test_both_sides_fold_the_same_histories_and_refuse_the_same_lines(tmp_path: Path, oracle: Any) -> None:
    taken: set[type[Change]] = set()
    for seed in range(8):
        taken |= live(Household(tmp_path / str(seed)), oracle, random.Random(seed))
    assert taken == set(get_args(Change)), "every kind of change stood in some history"


def live(household: Household, oracle: Any, dice: random.Random) -> set[type[Change]]:
    """Let a household live for a while before both sides; return the kinds of change that were taken."""
    people, chain, lines = People(household, dice), Chain(), [household.born_line]
    chain.add(household.born_line)
    taken: set[type[Change]] = set()
    request = {"epochs": [], "head": None, "identity": household.card.open.secret_text()}
    for _ in range(70):
        change = people.change(chain)
        people.said.append(change)
        raw = chain.next_line(change, None)
        try:
            chain.add(raw)
        except TrustError:
            with pytest.raises(Exception, match="RecordBroken"):
                oracle.ask("verify_ledger", lines=[*lines, raw], **request)
            continue
        lines.append(raw)
        taken.add(type(change))
        if dice.random() < 0.2:
            compare(oracle.ask("verify_ledger", lines=lines, **request), chain.roster)
    compare(oracle.ask("verify_ledger", lines=lines, **request), chain.roster)
    return taken


def test_both_sides_find_the_same_recipients_unfit(oracle: Any) -> None:
    good = HybridIdentity.generate()
    fits = {"good": str(good.recipient()), "good, tagged": str(TaggedIdentity.generate().recipient())}
    for kind, recipient in {**unfit_recipients(good), **fits}.items():
        fit = oracle.ask("fit", recipient=recipient)["fit"]
        assert fit == (not unfit(recipient)) == (kind in fits), kind


def compare(found: dict[str, Any], roster: Roster) -> None:
    assert [(r["label"], b64(r["sign"]), r["recipient"]) for r in found["readers"]] == [
        (r.label, r.sign, r.recipient) for r in roster.readers
    ]
    assert (b64(found["admit"]), found["open"]) == (roster.admit, roster.open)
    assert [b64(key) for key in found["invites"]] == list(roster.invites)
    assert [b64(subject) for subject in found["applications"]] == list(roster.applications)
    proposal = None if found["proposal"] is None else b64(found["proposal"])
    assert proposal == (roster.proposal.subject if roster.proposal else None)
    assert found["keys"] == len(members(roster).recipients)
    assert [b64(key) for key in found["left_out"]] == list(members(roster).left_out)

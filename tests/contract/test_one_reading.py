"""Whatever is shown to the device and to the page, both take it or both refuse it: one disagreement would end a door.

The texts come from a grammar of accidents (``tests.support.crooked``): encodings, keys, names, in histories with invites,
confirmations and cards. The page's own fold, run by node, is the oracle. ``--long`` tries them by the hundred thousand.
"""

import base64
import copy
import itertools
import json
import os
import random
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.trust.errors import LedgerBroken
from device.trust.ledger import Chain
from device.trust.signed import SIGNATURE_BYTES, Context
from tests.contract.test_household_contract import People
from tests.support.crooked import crooked, crooked_value
from tests.support.effort import cases
from tests.support.household import Household

BATCH = 40
ROUNDS = cases(24, 6_000)
CONTEXTS = {
    "reader_added": Context.ADMISSION, "invited": Context.INVITE, "applied": Context.ADMISSION,
    "reader_confirmed": Context.CONFIRMATION, "reader_removed": Context.REMOVAL,
    "reader_renamed": Context.RENAMING, "card_proposed": Context.REPLACEMENT,
    "card_objected": Context.OBJECTION, "card_replaced": Context.REPLACEMENT,
}  # fmt: skip  # read as a table


class Forger:
    """Says crooked things in everybody's name: it has every key, as each person has their own."""

    def __init__(self, people: People) -> None:
        self.dice = people.dice
        everybody = [
            *(reader.sign for reader in people.readers),
            *(card.sign for card in people.cards),
            *people.invites,
        ]
        self.keys: dict[bytes, Ed25519PrivateKey] = {
            key.public_key().public_bytes_raw(): key for key in everybody
        }
        self.invites = people.invites

    def line(self, chain: Chain, raw: bytes) -> bytes:
        """Return a line that could follow, with an accident: outside, or in a statement that its speaker signed anew."""
        text = raw.decode()
        if self.dice.random() < 0.25:
            return crooked(text, self.dice).encode("utf-8", "surrogatepass")
        line = json.loads(text)
        public = line["public"]
        name = next(key for key in public if key != "type")
        blob = base64.b64decode(public[name])
        data = self._accident(blob[SIGNATURE_BYTES:].decode())
        public[name] = base64.b64encode(self._signed(chain, public["type"], blob, data) + data).decode()
        return msgspec.json.encode(line)

    def _accident(self, text: str) -> bytes:
        if self.dice.random() < 0.5:
            claim = json.loads(text)
            inner = claim["reader"] if isinstance(claim.get("reader"), dict) else claim
            field = self.dice.choice([key for key in inner if key != "door"])
            inner[field] = crooked_value(field, inner[field], self.dice)
            text = json.dumps(claim, separators=(",", ":"), ensure_ascii=False)
        else:
            text = crooked(text, self.dice)
        return text.encode("utf-8", "surrogatepass")

    def _signed(self, chain: Chain, kind: str, blob: bytes, data: bytes) -> bytes:
        """Return the signature of whoever signed before: the key that fits, tried among all."""
        claim = json.loads(blob[SIGNATURE_BYTES:])
        if kind == "reader_added":
            key = self.keys.get(chain.roster.admit)
        elif kind == "applied":
            key = next((self.keys[invite] for invite in chain.roster.invites), self.invites[0])
        else:
            key = self.keys.get(base64.b64decode(claim["by"]))
        if key is None or self.dice.random() < 0.02:
            return bytes([1]) + bytes(63)  # what a key of low order takes for a signature of anything
        return key.sign(CONTEXTS[kind].value + data)


def takes(chain: Chain, raw: bytes) -> bool:
    twin = copy.copy(chain)
    twin._hashes = bytearray(chain._hashes)
    try:
        twin.add(raw)
    except LedgerBroken:
        return False
    return True


def test_the_device_and_the_page_take_and_refuse_the_same_lines(tmp_path: Path, oracle: Any) -> None:
    dice, tried, taken = random.Random(os.urandom(8) if ROUNDS > 100 else 10), 0, 0
    for number in itertools.count():
        household = Household(tmp_path / str(number))
        people, chain, name = People(household, dice), Chain(), str(number)
        chain.add(household.born_line)
        oracle.ask("begin", chain=name, born=household.born_line)
        forger = Forger(people)
        for _ in range(min(ROUNDS, 60)):
            honest = [chain.next_line(people.change(chain), None) for _ in range(BATCH // 4)]
            raws = [*honest, *(forger.line(chain, raw) for raw in honest * 3)]
            verdicts = [takes(chain, raw) for raw in raws]
            adopted = [raw for raw, verdict in zip(raws, verdicts, strict=True) if verdict]
            adopt = dice.choice(adopted) if adopted else None
            found = oracle.ask("could_follow", chain=name, lines=raws, adopt=adopt)
            for raw, mine, theirs in zip(raws, verdicts, found["taken"], strict=True):
                assert mine == theirs, (mine, theirs, raw)
            if adopt is not None:
                line = chain.add(adopt)
                people.said.append(line.public)  # type: ignore[arg-type]
                compare_rosters(found, chain)
            tried, taken = tried + len(raws), taken + sum(verdicts)
        if tried >= ROUNDS * BATCH:
            break
    print(f"{tried:,} lines, {taken:,} taken, in {number + 1} histories")  # noqa: T201 - the figure of --long
    assert 0.02 < taken / tried < 0.9, "neither is everything refused nor everything taken"


def compare_rosters(found: dict[str, Any], chain: Chain) -> None:
    mine = chain.roster
    told = {**found, "keys": 0, "left_out": []}
    assert [(r["label"], r["recipient"]) for r in told["readers"]] == [
        (r.label, r.recipient) for r in mine.readers
    ]
    b64 = base64.b64decode
    assert [b64(r["sign"]) for r in told["readers"]] == [r.sign for r in mine.readers]
    assert (b64(told["admit"]), told["open"]) == (mine.admit, mine.open)
    assert [b64(key) for key in told["invites"]] == list(mine.invites)
    assert [b64(key) for key in told["applications"]] == list(mine.applications)

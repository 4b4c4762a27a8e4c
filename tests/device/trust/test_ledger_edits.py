"""Edits of a real ledger, at random: whoever saw its last head accepts none of them.

A thief with the card's copy has the device key too: it signs heads, and chains lines anew. What it cannot do is make the line
that was seen come out with the same hash, nor say a household's words for it.
"""

import hashlib
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from device.disk.ledger_file import HEAD, LEDGER
from device.trust.ledger import Chain
from device.trust.lines import Born, EpochBegun, Line, PublicBody, SignedHead
from device.trust.signed import Context, sign
from provisioning.house.house import House, NoHouse
from provisioning.reader import witness
from tests.support.annals import Annals, live
from tests.support.effort import cases
from tests.support.household import Household

EDITS = cases(300, 10_000)
decode = msgspec.json.Decoder(Line).decode
Edit = Callable[[random.Random, Annals, list[Annals]], bytes]


def joined(raws: list[bytes]) -> bytes:
    return b"".join(raw + b"\n" for raw in raws)


def a_byte_is_another(dice: random.Random, real: Annals, _: list[Annals]) -> bytes:
    at = dice.randrange(len(real.data))
    return real.data[:at] + bytes([real.data[at] ^ dice.randrange(1, 256)]) + real.data[at + 1 :]


def bytes_come_or_go(dice: random.Random, real: Annals, _: list[Annals]) -> bytes:
    at = dice.randrange(len(real.data))
    if dice.random() < 0.5:
        return real.data[:at] + dice.randbytes(dice.randrange(1, 9)) + real.data[at:]
    return real.data[:at] + real.data[at + dice.randrange(1, 700) :]


def lines_are_missing(dice: random.Random, real: Annals, _: list[Annals]) -> bytes:
    first = dice.randrange(len(real.raws))
    return joined(real.raws[:first] + real.raws[first + dice.randrange(1, 4) :])


def lines_are_moved(dice: random.Random, real: Annals, _: list[Annals]) -> bytes:
    raws = list(real.raws)
    one, other = dice.sample(range(len(raws)), 2)
    if dice.random() < 0.5:
        raws[one], raws[other] = raws[other], raws[one]
    else:
        raws.insert(other, raws.pop(one))
    return joined(raws)


def lines_are_doubled(dice: random.Random, real: Annals, _: list[Annals]) -> bytes:
    raws = list(real.raws)
    raws.insert(dice.randrange(len(raws) + 1), dice.choice(raws))
    return joined(raws)


def the_end_is_cut(dice: random.Random, real: Annals, _: list[Annals]) -> bytes:
    if dice.random() < 0.5:
        return real.data[: dice.randrange(len(real.data))]
    return joined(real.raws[: dice.randrange(len(real.raws))])


def the_same_is_written_otherwise(dice: random.Random, real: Annals, _: list[Annals]) -> bytes:
    """Write a line with the very same meaning in other bytes."""
    raws = list(real.raws)
    at = dice.randrange(len(raws))
    fields = json.loads(raws[at])
    items = list(fields.items())
    dice.shuffle(items)
    same = [
        json.dumps(dict(items)).encode(),
        json.dumps(fields, separators=(",", dice.choice([": ", ":\t"]))).encode(),
        raws[at].replace(b'"seq"', b'"\\u0073eq"'),
        raws[at] + b" " * dice.randrange(1, 5),
    ]
    raws[at] = dice.choice(same)
    assert decode(raws[at]) == decode(real.raws[at])
    return joined(raws)


def histories_are_spliced(dice: random.Random, real: Annals, others: list[Annals]) -> bytes:
    other = dice.choice(others)
    return joined(real.raws[: dice.randrange(len(real.raws))] + other.raws[dice.randrange(len(other.raws)) :])


def chained(
    chain: Chain, bodies: list[tuple[PublicBody | None, bytes | None]], skipped: int = 0
) -> list[bytes]:
    """Return lines that a thief chains with the device's means, whatever they say, as if ``skipped`` stood before them."""
    raws, seq, prev = [], len(chain) + skipped, chain.head.hash
    for public, private in bodies:
        raws.append(msgspec.json.encode(Line(seq, prev, public, private)))
        seq, prev = seq + 1, hashed(raws[-1])
    return raws


def a_thief_chains_it_anew(dice: random.Random, real: Annals, others: list[Annals]) -> bytes:
    """Change, drop or bring in lines, and chain everything after them as if it had always been so."""
    at = dice.randrange(1, len(real.raws))
    bodies = [(line.public, line.private) for line in map(decode, real.raws[at:])]
    foreign = [(line.public, line.private) for line in map(decode, dice.choice(others).raws[1:])]
    match dice.randrange(4):
        case 0:
            bodies = bodies[dice.randrange(1, 4) :] or bodies[:-1]
        case 1:
            bodies.insert(0, dice.choice(foreign))
        case 2:
            bodies[0] = (bodies[0][0], dice.randbytes(290))
        case _:
            bodies = foreign[at - 1 + dice.randrange(3) :]
    return joined(real.raws[:at] + chained(real.before(at), bodies))


def a_thief_goes_on(dice: random.Random, real: Annals, others: list[Annals]) -> bytes:
    """Append to the very history that was seen: words of the household that nobody said, or that had their day."""
    if dice.random() < 0.1:
        skipped = dice.choice([-1, 1, 7])
        return real.data + joined(
            chained(real.before(len(real.raws)), [(None, dice.randbytes(290))], skipped)
        )
    said = [
        line.public for raws in (real.raws, *(other.raws for other in others)) for line in map(decode, raws)
    ]
    body = dice.choice(
        [body for body in said if body is not None and body.__struct_config__.tag != "reader_renamed"]
    )
    if not isinstance(body, Born | EpochBegun) and dice.random() < 0.7:
        field = dice.choice(body.__struct_fields__)
        blob = bytearray(getattr(body, field) or b"none")
        blob[dice.randrange(len(blob))] ^= 1 << dice.randrange(8)
        body = msgspec.structs.replace(body, **{field: bytes(blob)})
    return real.data + joined(chained(real.before(len(real.raws)), [(body, None)]))


def hashed(raw: bytes) -> bytes:
    return hashlib.sha256(raw).digest()


ALL = [
    a_byte_is_another,
    bytes_come_or_go,
    lines_are_missing,
    lines_are_moved,
    lines_are_doubled,
    the_end_is_cut,
    the_same_is_written_otherwise,
    histories_are_spliced,
    a_thief_chains_it_anew,
    a_thief_goes_on,
]


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory) -> Household:
    return Household(tmp_path_factory.mktemp("door") / "state")


@pytest.fixture(scope="module")
def real(household: Household) -> Annals:
    return Annals(live(household))


@pytest.fixture(scope="module")
def others(household: Household, real: Annals, tmp_path_factory: pytest.TempPathFactory) -> list[Annals]:
    """Two more histories: this door's had it lived otherwise from birth on, and another door's."""
    twin = Household(tmp_path_factory.mktemp("twin") / "state")
    twin.device, twin.card = household.device, household.card
    twin.be_born()
    stranger = Household(tmp_path_factory.mktemp("stranger") / "state")
    return [Annals(live(twin, 1)), Annals(live(stranger, 2))]


@pytest.mark.parametrize("edit", ALL, ids=lambda edit: edit.__name__)
def test_no_edit_is_accepted(edit: Edit, real: Annals, others: list[Annals]) -> None:
    for seed in range(EDITS):
        edited = edit(random.Random(seed), real, others)
        if edited != real.data:  # a drawn edit may give back what was there: two equal bytes change places
            assert real.verdict(edited) != "accepted", f"{edit.__name__} with seed {seed}"


def test_what_was_not_edited_is_accepted_and_so_is_what_the_household_goes_on_to_do(real: Annals) -> None:
    """Or the tests above would pass on a verifier that refuses everything."""
    assert real.verdict(real.data) == "accepted"
    last = decode(real.raws[-1])
    assert (
        real.verdict(real.data + joined(chained(real.before(len(real.raws)), [(None, last.private)])))
        == "accepted"
    )


def test_some_thefts_hold_and_only_memory_tells_them(real: Annals, others: list[Annals]) -> None:
    verdicts = [
        real.verdict(a_thief_chains_it_anew(random.Random(seed), real, others)) for seed in range(100)
    ]
    assert {"broken", "another past"} == set(verdicts)


@pytest.mark.parametrize("edit", ALL, ids=lambda edit: edit.__name__)
def test_the_owners_computer_tells(
    edit: Edit,
    household: Household,
    real: Annals,
    others: list[Annals],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same edits, on the disk, their head signed by the thief, read by ``doorward verify``'s own reader."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    witness.remember(House(household.state).chain)
    copied = tmp_path / "copied"
    for seed in range(cases(3, 100)):
        shutil.copytree(household.state, copied, dirs_exist_ok=True)
        edited = edit(random.Random(seed), real, others)
        (copied / LEDGER).write_bytes(edited)
        try:
            house = House(copied)
        except NoHouse:
            continue
        head = house.chain.head
        blob = sign(household.device, Context.HEAD, SignedHead(house.chain.roster.door, head.seq, head.hash))
        (copied / HEAD).write_bytes(blob)
        assert House(copied).troubles or witness.doubt(house.chain) or edited == real.data

"""The chain: what it takes in, and every way in which it must refuse."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.trust.errors import LedgerBroken
from device.trust.household import ReaderAdded
from device.trust.ledger import Chain, split
from device.trust.lines import (
    PAD_BYTES,
    ClipDeleted,
    DayListed,
    EpochBegun,
    encode_private,
)
from tests.support.household import Household, TestReader


def sealed(plaintext: bytes, metadata: bytes) -> bytes:
    return bytes(reversed(plaintext))


@pytest.fixture
def written(household: Household) -> list[bytes]:
    """Six lines: born, epoch, three private ones, a reader."""
    chain = Chain()
    lines = [household.born_line]
    chain.add(household.born_line)
    at_utc = household.clock.utc()
    bodies = [
        (EpochBegun(1, bytes(32)), None),
        *((None, ClipDeleted(at_utc=at_utc, clip=n, reason="age")) for n in (1, 2, 3)),
        (ReaderAdded(household.admission(TestReader())), None),
    ]
    for public, private in bodies:
        lines.append(chain.next_line(public, private, sealed))
        chain.add(lines[-1])
    return lines


def fed(lines: list[bytes]) -> Chain:
    chain = Chain()
    for line in lines:
        chain.add(line)
    return chain


def test_a_chain_that_was_written_is_verified_and_gives_the_roster(written: list[bytes]) -> None:
    chain = fed(written)
    assert len(chain) == 6
    assert chain.epoch == 1
    assert [reader.label for reader in chain.roster.readers] == ["Hallway phone"]
    assert chain.holds(5, chain.head.hash)
    assert not chain.holds(4, chain.head.hash)
    assert not chain.holds(6, chain.head.hash)


@pytest.mark.parametrize("at", range(6))
def test_a_changed_line_is_caught_there_or_at_the_next(written: list[bytes], at: int) -> None:
    whole = fed(written)
    changed = json.loads(written[at])
    changed["private"] = "AAAA"
    written[at] = json.dumps(changed, separators=(",", ":")).encode()
    try:
        chain = fed(written)
    except LedgerBroken as broken:
        assert broken.seq in (at, at + 1)
    else:
        assert at == 5
        assert chain.head != whole.head


@pytest.mark.parametrize("at", range(5))
def test_a_dropped_line_is_caught(written: list[bytes], at: int) -> None:
    del written[at]
    with pytest.raises(LedgerBroken) as caught:
        fed(written)
    assert caught.value.seq == at


@pytest.mark.parametrize("at", range(5))
def test_two_swapped_lines_are_caught(written: list[bytes], at: int) -> None:
    written[at], written[at + 1] = written[at + 1], written[at]
    with pytest.raises(LedgerBroken):
        fed(written)


@pytest.mark.parametrize("at", range(1, 6))
def test_an_inserted_line_is_caught(written: list[bytes], at: int) -> None:
    written.insert(at, written[at])
    with pytest.raises(LedgerBroken):
        fed(written)


def test_a_refused_line_leaves_the_chain_as_it_was(written: list[bytes]) -> None:
    chain = fed(written)
    head = chain.head
    with pytest.raises(LedgerBroken):
        chain.add(written[-1])
    assert chain.head == head


def test_a_door_is_born_once(written: list[bytes], household: Household) -> None:
    chain = fed(written)
    again = json.loads(household.born_line)
    again |= {"seq": 6, "prev": json.loads(chain.next_line(EpochBegun(2, bytes(32)), None))["prev"]}
    with pytest.raises(LedgerBroken, match="born once"):
        chain.add(json.dumps(again, separators=(",", ":")).encode())


def test_a_chain_that_does_not_begin_with_a_birth_is_refused() -> None:
    with pytest.raises(LedgerBroken, match="born"):
        Chain().add(Chain().next_line(EpochBegun(1, bytes(32)), None))


def test_epochs_rise_by_one(written: list[bytes]) -> None:
    chain = fed(written)
    with pytest.raises(LedgerBroken, match="epoch"):
        chain.add(chain.next_line(EpochBegun(3, bytes(32)), None))


def test_a_reader_whom_the_card_did_not_admit_breaks_the_chain(
    written: list[bytes], household: Household
) -> None:
    chain = fed(written)
    stranger = Household(household.state.parent / "other")
    forged = stranger.card.admission(household.door, TestReader().public)
    with pytest.raises(LedgerBroken, match="signature"):
        chain.add(chain.next_line(ReaderAdded(forged), None))


def test_an_admission_for_another_door_breaks_the_chain(written: list[bytes], household: Household) -> None:
    chain = fed(written)
    elsewhere = household.card.admission(bytes(32), TestReader().public)
    with pytest.raises(LedgerBroken, match="another door"):
        chain.add(chain.next_line(ReaderAdded(elsewhere), None))


def test_a_replayed_admission_breaks_the_chain(written: list[bytes]) -> None:
    chain = fed(written)
    admission = json.loads(written[5])["public"]["admission"]
    replayed = json.loads(chain.next_line(EpochBegun(2, bytes(32)), None))
    replayed["public"] = {"type": "reader_added", "admission": admission}
    with pytest.raises(LedgerBroken, match="added before"):
        chain.add(json.dumps(replayed, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    "label",
    ["", " x", "x ", "x" * 41, "a\nb", "a\u202eb", "a\u0000", "e\u0301", "\ud83d\ude00"[:1], "a\u2028b"],
)
def test_a_name_that_could_deceive_is_refused(household: Household, label: str) -> None:
    chain = fed([household.born_line])
    try:
        admission = household.admission(TestReader(label=label))
    except UnicodeEncodeError:
        return  # a lone surrogate cannot even be signed
    with pytest.raises(LedgerBroken):
        chain.add(chain.next_line(ReaderAdded(admission), None))


def test_the_roster_is_full_at_sixteen(household: Household) -> None:
    chain = fed([household.born_line])
    for number in range(16):
        chain.add(chain.next_line(ReaderAdded(household.admission(TestReader(f"Reader {number}"))), None))
    with pytest.raises(LedgerBroken, match="full"):
        chain.add(chain.next_line(ReaderAdded(household.admission(TestReader())), None))


def test_private_bodies_of_any_type_have_the_same_length(household: Household) -> None:
    at_utc = household.clock.utc()
    bodies = [
        ClipDeleted(at_utc=at_utc, clip=1, reason="age"),
        DayListed(at_utc=at_utc, day="2026-11-23", after=0, reader=bytes(32)),
    ]
    assert {len(encode_private(body)) for body in bodies} == {PAD_BYTES}


def test_a_torn_last_line_is_told_apart() -> None:
    assert split(b"a\nbc\nd") == ([b"a", b"bc"], 1)
    assert split(b"a\n") == ([b"a"], 0)
    assert split(b"") == ([], 0)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused_and_never_a_crash(data: bytes) -> None:
    with pytest.raises(LedgerBroken):
        Chain().add(data)


@pytest.fixture(scope="module")
def epochs(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Four lines: born and three epochs."""
    lines = [Household(tmp_path_factory.mktemp("door") / "state").born_line]
    chain = fed(lines)
    for number in range(1, 4):
        lines.append(chain.next_line(EpochBegun(number, bytes(32)), None))
        chain.add(lines[-1])
    return lines


@given(which=st.integers(0, 3), bit=st.integers(0, 10**6))
def test_any_single_flipped_bit_is_caught(epochs: list[bytes], which: int, bit: int) -> None:
    flipped = bytearray(epochs[which])
    bit %= len(flipped) * 8
    flipped[bit // 8] ^= 1 << bit % 8
    try:
        assert fed([*epochs[:which], bytes(flipped), *epochs[which + 1 :]]).head != fed(epochs).head
    except LedgerBroken as broken:
        assert broken.seq in (which, which + 1)

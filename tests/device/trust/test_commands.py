"""Signed commands: what counts, and each way in which one does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.contract import commands, messages
from device.trust.commands import CommandRefused, asking, verify_command
from device.trust.household import ReaderAdded
from device.trust.ledger import Chain
from device.trust.lines import EpochBegun
from device.trust.nonces import Nonces
from tests.support.household import Household, TestReader

ASK = commands.AskHead()


@pytest.fixture
def reader() -> TestReader:
    return TestReader()


@pytest.fixture
def chain(household: Household, reader: TestReader) -> Chain:
    chain = Chain()
    chain.add(household.born_line)
    chain.add(chain.next_line(ReaderAdded(household.admission(reader)), None))
    return chain


@pytest.fixture
def nonces() -> Nonces:
    return Nonces()


def refusal(signed: bytes, chain: Chain, nonces: Nonces, now_us: int = 0) -> str:
    with pytest.raises(CommandRefused) as caught:
        verify_command(signed, chain, nonces, now_us)
    return caught.value.code


def test_a_readers_command_counts(chain: Chain, nonces: Nonces, reader: TestReader) -> None:
    verified = verify_command(reader.command(chain, nonces.mint(0), ASK), chain, nonces, 0)
    assert verified.claim.body == ASK
    assert verified.claim.reader == reader.public.sign


def test_a_command_counts_once(chain: Chain, nonces: Nonces, reader: TestReader) -> None:
    signed = reader.command(chain, nonces.mint(0), ASK)
    verify_command(signed, chain, nonces, 0)
    assert refusal(signed, chain, nonces) == "bad_nonce"


def test_a_nonce_dies_after_sixty_seconds(chain: Chain, nonces: Nonces, reader: TestReader) -> None:
    signed = reader.command(chain, nonces.mint(0), ASK)
    assert refusal(signed, chain, nonces, 60_000_001) == "bad_nonce"
    verify_command(signed, chain, nonces, 60_000_000)


def test_a_nonce_of_another_start_is_refused(chain: Chain, nonces: Nonces, reader: TestReader) -> None:
    assert refusal(reader.command(chain, Nonces().mint(0), ASK), chain, nonces) == "bad_nonce"


def test_a_replay_after_the_spent_list_was_trimmed_is_still_refused(
    chain: Chain, nonces: Nonces, reader: TestReader
) -> None:
    signed = reader.command(chain, nonces.mint(0), ASK)
    verify_command(signed, chain, nonces, 0)
    late_us = 61_000_000
    verify_command(reader.command(chain, nonces.mint(late_us), ASK), chain, nonces, late_us)
    assert refusal(signed, chain, nonces, late_us) == "bad_nonce"


def test_a_stranger_is_refused_and_spends_no_nonce(chain: Chain, nonces: Nonces, reader: TestReader) -> None:
    nonce = nonces.mint(0)
    assert refusal(TestReader().command(chain, nonce, ASK), chain, nonces) == "unknown_reader"
    verify_command(reader.command(chain, nonce, ASK), chain, nonces, 0)


def test_a_stranger_who_names_a_reader_is_refused(chain: Chain, nonces: Nonces, reader: TestReader) -> None:
    forged = TestReader().command(chain, nonces.mint(0), ASK, reader=reader.public.sign)
    assert refusal(forged, chain, nonces) == "bad_signature"


def test_a_command_for_another_door_is_refused(chain: Chain, nonces: Nonces, reader: TestReader) -> None:
    assert refusal(reader.command(chain, nonces.mint(0), ASK, door=bytes(32)), chain, nonces) == "wrong_door"


def test_a_head_that_is_not_ours_is_refused(chain: Chain, nonces: Nonces, reader: TestReader) -> None:
    elsewhere = messages.Head(chain.head.seq, bytes(32))
    assert (
        refusal(reader.command(chain, nonces.mint(0), ASK, head=elsewhere), chain, nonces) == "unknown_head"
    )
    ahead = messages.Head(chain.head.seq + 1, chain.head.hash)
    assert refusal(reader.command(chain, nonces.mint(0), ASK, head=ahead), chain, nonces) == "unknown_head"


def test_an_older_head_of_ours_counts(chain: Chain, nonces: Nonces, reader: TestReader) -> None:
    signed = reader.command(chain, nonces.mint(0), ASK)
    chain.add(chain.next_line(EpochBegun(1, bytes(32)), None))
    verify_command(signed, chain, nonces, 0)


def test_the_card_admits_a_reader_who_signs_for_itself(
    household: Household, chain: Chain, nonces: Nonces
) -> None:
    tablet = TestReader("Kitchen tablet")
    body = asking(household.adds(tablet))
    verify_command(tablet.command(chain, nonces.mint(0), body), chain, nonces, 0)


def test_an_overheard_admission_admits_nobody_else(
    household: Household, chain: Chain, nonces: Nonces
) -> None:
    body = asking(household.adds(TestReader("Kitchen tablet")))
    assert refusal(TestReader().command(chain, nonces.mint(0), body), chain, nonces) == "bad_admission"


def test_a_wrong_card_admits_nobody(household: Household, chain: Chain, nonces: Nonces) -> None:
    other = Household(household.state.parent / "other")
    tablet = TestReader("Kitchen tablet")
    body = asking(ReaderAdded(other.card.admission(household.door, tablet.public)))
    assert refusal(tablet.command(chain, nonces.mint(0), body), chain, nonces) == "bad_admission"


def test_a_reader_cannot_be_added_twice(
    household: Household, chain: Chain, nonces: Nonces, reader: TestReader
) -> None:
    body = asking(household.adds(reader))
    assert refusal(reader.command(chain, nonces.mint(0), body), chain, nonces) == "already_added"


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_refused_and_never_a_crash(data: bytes) -> None:
    with pytest.raises(CommandRefused):
        verify_command(data, Chain(), Nonces(), 0)

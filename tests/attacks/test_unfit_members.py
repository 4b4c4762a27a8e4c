"""Somebody brings a key to which nothing can be sealed, so that the door could record for nobody: it goes on without them."""

from dataclasses import dataclass

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.config import parse
from device.contract import commands, replies
from device.disk.spool import Spool
from device.ledger import Ledger
from device.recording.recorder import Recorder
from device.sealing.header import read_header
from device.sealing.identities import HybridIdentity
from device.trust import members as members_module
from device.trust.household import CardProposed, CardReplaced, Change, Reader, Replacement
from device.trust.lines import Gap
from device.trust.members import Members, members
from device.trust.roster import Roster
from device.trust.signed import Context, sign
from provisioning.house.genuine import check_film, read_record
from provisioning.house.house import House
from tests.support.door import Door, Says, as_reader
from tests.support.film import VIDEO, scene
from tests.support.household import Card, Household, TestReader
from tests.support.unfit import unfit_recipients

UNFIT = unfit_recipients(HybridIdentity.generate())


@dataclass
class Misfit(TestReader):
    """A reader whose recipient is what a test says."""

    recipient: str = ""

    @property
    def public(self) -> Reader:
        return msgspec.structs.replace(super().public, recipient=self.recipient)


@pytest.fixture
def door(household: Household) -> Door:
    return Door(household)


@pytest.mark.parametrize("kind", UNFIT)
def test_nobody_to_whom_nothing_can_be_sealed_joins_or_waits_to(door: Door, kind: str) -> None:
    """With the card's Admit half alone, with an invite that leaked, as a reader, and as the card itself."""
    says, phone = Says(door.household.door), door.join("Phone")
    guest, key, card = Misfit("Guest", recipient=UNFIT[kind]), Ed25519PrivateKey.generate(), Card()
    door.change(phone, says.invited(phone, key))
    admit = card.admit.public_key().public_bytes_raw()

    def replacement(by: TestReader) -> bytes:
        said = Replacement(door.household.door, by.public.sign, admit, UNFIT[kind])
        return sign(by.sign, Context.REPLACEMENT, said)

    old = as_reader(door.household.card)
    tried: list[tuple[TestReader, Change]] = [
        (guest, door.household.adds(guest)),
        (guest, says.applied(key, guest)),
        (phone, CardProposed(replacement(phone))),
        (old, CardReplaced(replacement(old), None)),
    ]
    before = len(door.ledger.chain)
    for who, change in tried:
        assert door.change(who, change) in ("bad_admission", "bad_change"), type(change).__name__
    assert len(door.ledger.chain) == before


def gaps(house: House) -> list[str]:
    return [entry.private.reason for entry in house.entries if isinstance(entry.private, Gap)]


def test_the_whole_roster_is_sealed_to_before_a_line_is_written(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each alone may be fit, and together they are not: two sorts that do not go together, and whatever nobody thought of."""
    phone = door.join("Phone")
    sealed_to: list[int] = []

    def refusing(data: bytes, recipients: list[object]) -> bytes:
        sealed_to.append(len(recipients))
        raise members_module.SealError("these two do not go together")

    monkeypatch.setattr(members_module, "seal", refusing)
    before = len(door.ledger.chain)
    tablet = TestReader("Tablet")
    assert door.change(tablet, door.household.adds(tablet)) == "bad_admission"
    assert sealed_to == [3]
    assert door.change(phone, Says(door.household.door).proposed(phone, Card())) == "bad_admission"
    assert len(door.ledger.chain) == before


@pytest.mark.parametrize("kind", UNFIT)
def test_a_member_that_nothing_can_be_sealed_to_does_not_stop_the_door(
    household: Household, kind: str
) -> None:
    """It got onto the record somehow: at once, and at the next start, the door records for all others and says so."""
    phone, misfit = TestReader("Phone"), Misfit("Guest", recipient=UNFIT[kind])
    ledger = Ledger(household.state, household.device, household.clock)
    for reader in (phone, misfit):
        ledger.change(household.adds(reader))
    record(household, ledger)
    ledger.close()
    ledger = Ledger(household.state, household.device, household.clock)
    record(household, ledger)
    ledger.close()
    for identity in (phone.open, household.card.open):
        house = House(household.state, [identity])
        assert house.troubles == []
        assert gaps(house) == ["unfit", "unfit"], "one for each key that began without them"
        for clip in (1, 2):
            with (house.clips[clip] / "clip.mp4.age").open("rb") as file:
                assert len(read_header(file).stanzas) == 2
            assert check_film(house, read_record(house, clip)).verdict == "genuine"
            begun = house.facts[clip].begun
            assert begun is not None
            assert begun.left_out == (misfit.public.sign,)


def test_an_unfit_member_keeps_nobody_else_from_watching_live(door: Door) -> None:
    phone, misfit = door.join("Phone"), Misfit("Guest", recipient=next(iter(UNFIT.values())))
    door.ledger.change(door.household.adds(misfit))
    refused = door.ask(misfit, commands.Live())
    assert isinstance(refused, replies.Refused)
    assert door.brightness.read_text().strip() == "0"
    assert isinstance(door.ask(phone, commands.Live()), replies.LiveBegan)


def test_an_unfit_member_can_be_removed_and_asks_like_everybody(door: Door) -> None:
    phone, misfit = door.join("Phone"), Misfit("Guest", recipient=next(iter(UNFIT.values())))
    door.ledger.change(door.household.adds(misfit))
    tablet = door.join("Tablet")
    assert isinstance(door.ask(misfit, commands.AskHead()), replies.HeadBody)
    assert door.change(phone, Says(door.household.door).removed(tablet, misfit)) == "bad_change"
    assert door.change(tablet, Says(door.household.door).removed(tablet, misfit)) == "changed"


def test_a_clip_that_leaves_out_whom_it_could_have_been_sealed_to_is_doubted(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever holds the device's key may call a member unfit; a verifier tries by itself."""
    phone = TestReader("Phone")
    ledger = Ledger(household.state, household.device, household.clock)
    ledger.change(household.adds(phone))

    def without_the_phone(roster: Roster) -> Members:
        known = members(roster)
        return Members(known.recipients[1:], (phone.public.sign,))

    monkeypatch.setattr("device.recording.sealed_clip.members", without_the_phone)
    record(household, ledger)
    ledger.close()
    house = House(household.state, [household.card.open])
    finding = check_film(house, read_record(house, 1))
    assert (finding.verdict, finding.is_sound) == ("doubtful", False)
    assert "could have been sealed" in finding.reason


def test_a_stanza_for_nobody_in_an_unfit_members_place_is_doubted(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member that cannot open hides no ghost: neither named as left out nor counted."""
    misfit, ghost = Misfit("Guest", recipient=next(iter(UNFIT.values()))), HybridIdentity.generate()
    ledger = Ledger(household.state, household.device, household.clock)
    ledger.change(household.adds(misfit))

    for left_out in ((), (misfit.public.sign,)):

        def with_a_ghost(roster: Roster, left_out: tuple[bytes, ...] = left_out) -> Members:
            return Members((ghost.recipient(), *members(roster).recipients), left_out)

        monkeypatch.setattr("device.recording.sealed_clip.members", with_a_ghost)
        record(household, ledger)
    ledger.close()
    house = House(household.state, [household.card.open])
    assert [check_film(house, read_record(house, clip)).verdict for clip in (1, 2)] == ["doubtful"] * 2


def record(household: Household, ledger: Ledger) -> None:
    """Record one clip."""
    settings = parse("retention: {free_bytes: 8000000}", "test")
    recorder = Recorder(settings, VIDEO, Spool(household.state), ledger, household.clock)
    for item in scene(5):
        recorder.take(item)
    recorder.stop()

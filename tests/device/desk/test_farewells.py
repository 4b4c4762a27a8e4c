"""What a reader is told that was removed, and who else is told anything."""

from dataclasses import replace

import msgspec

from device.contract import commands, messages
from device.contract.messages import FarewellPayload
from device.desk.farewells import MAX_NOTED, Farewells
from device.desk.tickets import Channel
from device.ledger import Ledger
from device.trust.household import Removal
from device.trust.signed import Context, payload_of, verify
from tests.support.door import HERE, Door, Says, as_reader
from tests.support.household import Household, TestReader

THERE = Channel(1, 2)
ELSEWHERE = Channel(1, 3)


def read(door: Door, down: messages.Down) -> FarewellPayload:
    """Return what a farewell says, once everything about it was checked."""
    assert isinstance(down, messages.Farewell), down
    device = door.ledger.roster.device
    said = verify(device, Context.FAREWELL, down.signed, FarewellPayload)
    assert said.door == door.household.door
    return said


def asks(door: Door, reader: TestReader, channel: Channel = HERE) -> messages.Down:
    return door.send(reader.command(door.ledger.chain, door.nonce(), commands.AskHead()), channel)


def test_whoever_is_removed_hears_at_once_by_whom_and_when_and_nobody_else_does(
    door: Door, says: Says, phone: TestReader, tablet: TestReader
) -> None:
    door.ask(phone, commands.Watch(), HERE)
    door.ask(tablet, commands.Watch(), THERE)
    door.ask(tablet, commands.Watch(), ELSEWHERE)
    assert door.change(phone, says.removed(phone, tablet)) == "changed"
    told = [(channel, messages.decode_down(data)) for channel, data in door.desk.notices()]
    farewells = {channel: read(door, down) for channel, down in told if isinstance(down, messages.Farewell)}
    assert set(farewells) == {THERE, ELSEWHERE}
    said = farewells[THERE]
    assert (said.reader, said.label, said.at_utc) == (
        tablet.public.sign,
        "Hallway phone",
        door.household.clock.utc(),
    )
    removal = verify(phone.public.sign, Context.REMOVAL, said.removal, Removal)
    assert (removal.by, removal.reader) == (phone.public.sign, tablet.public.sign)
    assert THERE not in {channel for channel, _ in door.desk.notices()}


def test_whoever_was_away_hears_it_when_it_asks_as_it_was_then(
    door: Door, says: Says, phone: TestReader, tablet: TestReader
) -> None:
    """Nothing of it tells who still belongs, or what they are called today."""
    door.change(phone, says.removed(phone, tablet))
    first = asks(door, tablet)
    door.change(phone, says.renamed(phone, phone, "Another name"))
    door.join("Laptop")
    door.change(phone, says.removed(phone, phone))
    assert isinstance(first, messages.Farewell)
    later = read(door, asks(door, tablet))
    assert later == read(door, first)
    assert later.label == "Hallway phone"
    assert first.id == 7, "it answers the command"


def test_after_a_start_it_says_by_whom_and_no_card_tells_when(
    door: Door, says: Says, phone: TestReader, tablet: TestReader
) -> None:
    door.change(phone, says.removed(phone, tablet))
    before = read(door, asks(door, tablet))
    door.restart()
    assert read(door, asks(door, tablet)) == msgspec.structs.replace(before, label=None, at_utc=None)


def test_the_card_and_the_reader_itself_have_no_name_in_it(
    door: Door, says: Says, phone: TestReader, tablet: TestReader
) -> None:
    card = as_reader(door.household.card)
    door.change(card, says.removed(card, tablet))
    door.change(phone, says.removed(phone, phone))
    for gone, by in ((tablet, card), (phone, phone)):
        said = read(door, asks(door, gone))
        assert said.label is None
        assert verify(by.public.sign, Context.REMOVAL, said.removal, Removal).by == by.public.sign


def test_nobody_gets_the_farewell_of_another(
    door: Door, says: Says, phone: TestReader, tablet: TestReader
) -> None:
    """A stranger, and whoever knows the public key and signs with another."""
    door.change(phone, says.removed(phone, tablet))
    stranger = TestReader()
    assert isinstance(asks(door, stranger), messages.Error)
    posing = stranger.command(door.ledger.chain, door.nonce(), commands.AskHead(), reader=tablet.public.sign)
    answer = door.send(posing)
    assert isinstance(answer, messages.Error)
    assert answer.code == "bad_signature"


def test_a_thousand_removals_are_not_remembered_by_their_hour(household: Household) -> None:
    farewells = Farewells(household.device)
    phone, gone = TestReader(), [TestReader() for _ in range(MAX_NOTED + 1)]
    says = Says(household.door)
    removals = {reader.public.sign: says.removed(phone, reader).removal for reader in gone}
    roster = replace(Ledger(household.state, household.device, household.clock).roster, removals=removals)
    for reader in gone:
        farewells.note(reader.public.sign, roster, household.clock.utc())
    times = [payload_of(farewells.to(reader.public.sign, roster), FarewellPayload).at_utc for reader in gone]
    assert [at is None for at in times] == [True, *[False] * MAX_NOTED]

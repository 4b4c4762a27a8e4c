"""The desk when a household changes: who may do what, from which moment on, and what a second word is needed for."""

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.contract import commands, messages, replies
from device.contract.messages import FarewellPayload
from device.desk.tickets import Channel
from device.sealing.age_reader import open_bytes
from device.sealing.errors import NotARecipientError
from device.sealing.identities import TaggedIdentity, X25519Identity
from device.trust.changes import MAX_READERS
from device.trust.household import CardProposed, ReaderAdded, Removal, Replacement
from device.trust.patience import INVITE_US
from device.trust.signed import Context, payload_of, sign, verify
from tests.support.door import Door, Says, as_reader
from tests.support.household import Card, TestReader

THERE = Channel(1, 2)


def newest_epoch_opens(door: Door, reader: TestReader) -> bool:
    data = door.ledger.epoch_file(door.ledger.chain.epoch)
    assert data is not None
    try:
        open_bytes(data, [reader.open])
    except NotARecipientError:
        return False
    return True


# Removing


def test_a_removed_reader_is_refused_with_its_next_command_and_gets_no_later_epoch(
    door: Door, says: Says, phone: TestReader, tablet: TestReader
) -> None:
    assert newest_epoch_opens(door, tablet)
    assert door.change(phone, says.removed(phone, tablet)) == "changed"
    answer = door.send(tablet.command(door.ledger.chain, door.nonce(), commands.AskHead()))
    assert isinstance(answer, messages.Farewell)
    assert not newest_epoch_opens(door, tablet)
    assert newest_epoch_opens(door, phone)


def test_a_removed_reader_loses_tickets_notices_live_and_grants_at_once(
    door: Door, says: Says, phone: TestReader, tablet: TestReader
) -> None:
    clip = door.clip()
    ticket = door.ask(tablet, commands.AskClip(clip), THERE)
    door.ask(tablet, commands.Watch(), THERE)
    door.ask(tablet, commands.Live(), THERE)
    door.ask(phone, commands.Grant(tablet.public.sign, 1, b"for the tablet"))
    assert isinstance(ticket, replies.Ticket)
    door.change(phone, says.removed(phone, tablet))
    assert door.desk.redeem(ticket.ticket, 1) is None
    assert [type(messages.decode_down(told)) for _, told in door.desk.notices()] == [messages.Farewell]
    assert door.desk.notices() == []
    assert not door.desk.live.is_on
    assert door.brightness.read_text() == "0\n"
    assert not list((door.household.state / "grants").iterdir())


def test_the_card_removes_too_and_a_stranger_does_not(
    door: Door, says: Says, phone: TestReader, tablet: TestReader
) -> None:
    card, stranger = as_reader(door.household.card), TestReader()
    assert door.change(stranger, says.removed(stranger, tablet)) == "unknown_reader"
    assert door.change(card, says.removed(card, tablet)) == "changed"
    assert [reader.label for reader in door.ledger.roster.readers] == [phone.label]


def test_a_removal_that_another_reader_signed_is_not_taken_from_me(
    door: Door, says: Says, phone: TestReader, tablet: TestReader
) -> None:
    assert door.change(tablet, says.removed(phone, tablet)) == "bad_change"


def test_nobody_comes_back_by_the_old_admission(
    door: Door, says: Says, phone: TestReader, tablet: TestReader
) -> None:
    door.change(phone, says.removed(phone, tablet))
    assert door.change(tablet, door.household.adds(tablet)) == "already_added"


def test_names_are_peoples_to_choose(door: Door, says: Says, phone: TestReader, tablet: TestReader) -> None:
    epoch = door.ledger.chain.epoch
    assert door.change(phone, says.renamed(phone, tablet, "Bedroom tablet")) == "changed"
    assert [reader.label for reader in door.ledger.roster.readers] == ["Hallway phone", "Bedroom tablet"]
    assert door.ledger.chain.epoch == epoch, "a name changes nobody's keys"
    assert door.change(phone, says.renamed(phone, tablet, "\u202eevil")) == "bad_label"


# Inviting


def invited(door: Door, says: Says, by: TestReader, guest: TestReader) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    assert door.change(by, says.invited(by, key)) == "changed"
    return key


def test_one_invites_another_lets_in(door: Door, says: Says, phone: TestReader, tablet: TestReader) -> None:
    guest = TestReader("Guest")
    applied = says.applied(invited(door, says, phone, guest), guest)
    assert door.change(guest, applied) == "changed"
    assert door.ledger.roster.reader(guest.public.sign) is None, "an application adds nobody"
    assert door.change(tablet, says.confirmed(tablet, applied)) == "changed"
    assert newest_epoch_opens(door, guest)


def test_nobody_lets_in_whom_they_invited(door: Door, says: Says, phone: TestReader) -> None:
    guest = TestReader("Guest")
    applied = says.applied(invited(door, says, phone, guest), guest)
    door.change(guest, applied)
    assert door.change(phone, says.confirmed(phone, applied)) == "second_reader"


def test_whoever_asks_is_turned_away_by_anybody_for_good_and_told_by_whom(
    door: Door, says: Says, phone: TestReader, tablet: TestReader
) -> None:
    for by in (phone, tablet, as_reader(door.household.card)):
        guest = TestReader("Guest")
        applied = says.applied(invited(door, says, phone, guest), guest)
        assert door.change(guest, applied) == "changed"
        assert stands(door, guest) == "waiting"
        before = door.ledger.roster
        assert door.change(by, says.removed(by, guest)) == "changed"
        after = door.ledger.roster
        assert (after.recipients, after.seq, after.applications) == (before.recipients, before.seq, {})
        assert door.change(tablet, says.confirmed(tablet, applied)) == "no_such_subject"
        again = says.applied(invited(door, says, phone, guest), guest)
        assert door.change(guest, again) == "already_added", "another try takes another key"
        assert stands(door, guest) == by.public.sign
        door.restart()
        assert stands(door, guest) == by.public.sign


def test_whoever_asks_turns_nobody_away_and_a_stranger_is_told_of_nothing(
    door: Door, says: Says, phone: TestReader
) -> None:
    guest, other = TestReader("Guest"), TestReader("Other")
    applied = says.applied(invited(door, says, phone, guest), guest)
    assert stands(door, guest) == "unknown_reader"
    door.change(guest, applied)
    assert door.change(guest, says.removed(guest, phone)) == "waiting", "it is not inside, and has no voice"
    assert door.change(phone, says.removed(phone, other)) == "no_such_reader"
    assert stands(door, other) == "unknown_reader"
    door.household.clock.pass_s(INVITE_US / 1e6 + 1)
    assert stands(door, guest) == "unknown_reader", "nobody can let it in any more"


def stands(door: Door, guest: TestReader) -> str | bytes:
    """Return what the door says to somebody outside: a word, or whose removal it is."""
    answer = door.send(guest.command(door.ledger.chain, door.nonce(), commands.AskHead()))
    if isinstance(answer, messages.Error):
        return answer.code
    assert isinstance(answer, messages.Farewell)
    said = verify(door.ledger.roster.device, Context.FAREWELL, answer.signed, FarewellPayload)
    return payload_of(said.removal, Removal).by


def test_an_invite_dies_after_ten_minutes_with_a_restart_and_with_its_inviter(
    door: Door, says: Says, phone: TestReader, tablet: TestReader
) -> None:
    guest = TestReader("Guest")
    late = says.applied(invited(door, says, phone, guest), guest)
    door.household.clock.pass_s(INVITE_US / 1e6 + 1)
    assert door.change(guest, late) == "invite_dead"

    waits = says.applied(invited(door, says, phone, guest), guest)
    assert door.change(guest, waits) == "changed"
    door.household.clock.pass_s(INVITE_US / 1e6 + 1)
    assert door.change(tablet, says.confirmed(tablet, waits)) == "invite_dead"

    again = says.applied(invited(door, says, phone, guest), guest)
    door.restart()
    assert door.change(guest, again) == "invite_dead"

    other = says.applied(invited(door, says, phone, guest), guest)
    door.change(tablet, says.removed(tablet, phone))
    assert door.change(guest, other) == "bad_admission"


def test_an_invite_is_good_once(door: Door, says: Says, phone: TestReader, tablet: TestReader) -> None:
    guest, thief = TestReader("Guest"), TestReader("Thief")
    key = invited(door, says, phone, guest)
    assert door.change(guest, says.applied(key, guest)) == "changed"
    assert door.change(thief, says.applied(key, thief)) == "bad_admission"


# The card


def test_the_card_replaces_itself_and_is_dead(door: Door, says: Says, phone: TestReader) -> None:
    old, new = as_reader(door.household.card), Card()
    assert door.change(old, says.replaced(says.replacement(old, new))) == "changed"
    guest = TestReader("Guest")
    assert door.change(guest, door.household.adds(guest)) == "bad_admission"
    added = ReaderAdded(new.admission(door.household.door, guest.public))
    assert door.change(guest, added) == "changed"
    assert newest_epoch_opens(door, TestReader("new card", new.admit, new.open))
    assert not newest_epoch_opens(door, TestReader("old card", old.sign, door.household.card.open))


def test_two_readers_replace_the_card_and_one_does_not(
    door: Door, says: Says, phone: TestReader, tablet: TestReader
) -> None:
    blob = says.replacement(phone, Card())
    assert door.change(phone, says.replaced(blob)) == "no_such_subject", "not without a proposal"
    proposed = says.proposed(phone, Card())
    blob = proposed.replacement
    assert door.change(phone, proposed) == "changed"
    assert door.change(phone, says.replaced(blob)) == "second_reader"
    assert door.change(phone, says.replaced(blob, says.confirmation(phone, blob))) == "second_reader"
    assert door.change(tablet, says.replaced(blob, says.confirmation(tablet, blob))) == "changed"


def test_a_card_that_one_reader_asks_for_waits_for_another_for_as_long_as_it_takes(
    door: Door, says: Says, phone: TestReader
) -> None:
    """Alone it is never in force, whatever time passes; a reader who joins later can agree to it."""
    new = Card()
    proposed = says.proposed(phone, new)
    assert door.change(phone, proposed) == "changed"
    for _ in range(3):
        door.household.clock.pass_s(400 * 86_400)
        door.restart()
        assert door.change(phone, says.replaced(proposed.replacement)) == "second_reader"
    assert door.ledger.roster.open == str(door.household.card.open.recipient())
    late = door.join("Late tablet")
    agreed = says.confirmation(late, proposed.replacement)
    assert door.change(late, says.replaced(proposed.replacement, agreed)) == "changed"
    assert door.ledger.roster.open == str(new.open.recipient())


@pytest.mark.parametrize("end", ["objection", "withdrawal", "removal"])
def test_a_card_that_was_asked_for_is_off_the_table_once_anybody_objects(
    door: Door, says: Says, phone: TestReader, tablet: TestReader, end: str
) -> None:
    proposed = says.proposed(phone, Card())
    blob = proposed.replacement
    door.change(phone, proposed)
    match end:
        case "objection":
            assert door.change(tablet, says.objected(tablet, blob)) == "changed"
        case "withdrawal":
            assert door.change(phone, says.objected(phone, blob)) == "changed"
        case "removal":
            assert door.change(tablet, says.removed(tablet, phone)) == "changed"
    assert door.ledger.roster.proposal is None
    assert door.change(tablet, says.replaced(blob, says.confirmation(tablet, blob))) == "no_such_subject"
    assert door.ledger.roster.admit == door.household.card.admit.public_key().public_bytes_raw()


def test_an_unfit_recipient_never_comes_onto_the_roster(door: Door, says: Says, phone: TestReader) -> None:
    """It would make every later clip fail to seal."""
    old, new = as_reader(door.household.card), Card()
    payload = payload_of(says.replacement(old, new), Replacement)
    # The second is good for a reader, and for a card not: nobody could read it back from paper.
    for unfit in (X25519Identity.generate(), TaggedIdentity.generate()):
        by_card = msgspec.structs.replace(payload, open=str(unfit.recipient()))
        assert (
            door.change(old, says.replaced(sign(old.sign, Context.REPLACEMENT, by_card))) == "bad_admission"
        )
        by_phone = msgspec.structs.replace(by_card, by=phone.public.sign)
        blob = sign(phone.sign, Context.REPLACEMENT, by_phone)
        assert door.change(phone, CardProposed(blob)) == "bad_admission"


def test_a_reader_of_the_tagged_kind_joins_and_opens_beside_the_others(
    door: Door, says: Says, phone: TestReader, tablet: TestReader
) -> None:
    """A browser that keeps no X25519 key: by the card, and by two readers together."""
    iphone, guest, key = door.join("iPhone", tagged=True), TestReader("iPad"), Ed25519PrivateKey.generate()
    guest.open = TaggedIdentity.generate()
    door.change(iphone, says.invited(iphone, key))
    applied = says.applied(key, guest)
    door.change(guest, applied)
    assert door.change(phone, says.confirmed(phone, applied)) == "changed"
    assert all(newest_epoch_opens(door, reader) for reader in (phone, tablet, iphone, guest))
    assert door.change(phone, says.removed(phone, iphone)) == "changed"
    assert not newest_epoch_opens(door, iphone)
    assert newest_epoch_opens(door, guest)


def test_a_household_has_room_for_sixteen_and_who_is_removed_makes_room(door: Door, says: Says) -> None:
    readers = [door.join(f"Reader {number}") for number in range(MAX_READERS)]
    late = TestReader("Late phone")
    assert door.change(late, door.household.adds(late)) == "roster_full"
    assert door.change(readers[0], says.removed(readers[0], readers[1])) == "changed"
    assert door.change(late, door.household.adds(late)) == "changed"
    assert len(door.ledger.roster.readers) == MAX_READERS == 16

"""What was once signed and did not count, or no longer counts: said again, by whoever overheard it, it still does not."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.door import Door, Says, as_reader
from tests.support.household import Card, Household, TestReader


@pytest.fixture
def door(household: Household) -> Door:
    return Door(household)


@pytest.fixture
def says(household: Household) -> Says:
    return Says(household.door)


def test_a_card_that_was_objected_to_is_not_proposed_again(door: Door, says: Says) -> None:
    """Else objecting would change nothing: said again before the device looks at its clock, the days would go on."""
    phone, tablet = door.join(), door.join("Kitchen tablet")
    proposed = says.proposed(phone, Card())
    assert door.change(phone, proposed) == "changed"
    assert door.change(tablet, says.objected(tablet, proposed.replacement)) == "changed"
    assert door.change(phone, proposed) == "bad_change"


def test_the_cards_own_word_is_not_a_readers_to_say(door: Door, says: Says) -> None:
    """The card's command may have failed (a nonce too old); the server that carried it has its word nevertheless."""
    phone, card = door.join(), as_reader(door.household.card)
    word = says.replacement(card, Card())
    assert door.change(phone, says.replaced(word)) == "bad_change"
    assert door.change(phone, says.replaced(word, says.confirmation(phone, word))) == "bad_change"
    assert door.change(card, says.replaced(word)) == "changed"


def test_an_objection_said_again_meets_no_later_proposal(door: Door, says: Says) -> None:
    phone, tablet = door.join(), TestReader("Kitchen tablet")
    first, second = says.proposed(phone, Card()), says.proposed(phone, Card())
    door.change(phone, first)
    objected = says.objected(phone, first.replacement)
    assert door.change(phone, objected) == "changed"
    door.change(phone, second)
    assert door.change(phone, objected) == "no_such_subject"
    assert door.change(tablet, objected) == "unknown_reader"


def test_nobody_joins_with_the_key_of_a_card_that_waits(door: Door, says: Says) -> None:
    """It would be a reader's and the card's at once, and removing the reader would not remove it."""
    phone, card = door.join(), Card()
    guest = TestReader("Guest", card.admit)
    assert door.change(phone, says.proposed(phone, card)) == "changed"
    assert door.change(guest, door.household.adds(guest)) == "already_added"
    assert door.change(phone, says.invited(phone, card.admit)) == "bad_change"


def test_an_application_goes_with_who_invited_it(door: Door, says: Says) -> None:
    phone, tablet, guest = door.join(), door.join("Kitchen tablet"), TestReader("Guest")
    key = Ed25519PrivateKey.generate()
    applied = says.applied(key, guest)
    assert door.change(phone, says.invited(phone, key)) == "changed"
    assert door.change(guest, applied) == "changed"
    assert door.change(tablet, says.removed(tablet, phone)) == "changed"
    assert door.change(tablet, says.confirmed(tablet, applied)) == "no_such_subject"

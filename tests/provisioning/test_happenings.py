"""What a running demo tells of its door: every gap has a sentence."""

from typing import get_args

from device.ledger import Ledger
from device.trust.lines import AllowanceSpent, Gap, utc
from provisioning.happenings import Happenings
from tests.support.door import Door
from tests.support.household import Household


def test_a_gap_of_every_reason_is_told(household: Household) -> None:
    ledger = Ledger(household.state, household.device, household.clock)
    happenings = Happenings(household.state, household.card.open)
    list(happenings.news())
    reasons = get_args(Gap.__annotations__["reason"])
    assert "settings" in reasons
    now_utc = utc(household.clock.utc())
    for reason in reasons:
        ledger.note(Gap(at_utc=now_utc, reason=reason, from_utc=now_utc))
        [sentence] = happenings.news()
        assert "since" in sentence
    ledger.close()


def test_whose_day_was_used_up_is_told(household: Household) -> None:
    door = Door(household)
    phone = door.join("Hallway phone")
    admit = household.card.admit.public_key().public_bytes_raw()
    for reader in (phone.public.sign, admit, None):
        door.ledger.note(AllowanceSpent(at_utc=household.clock.utc(), reader=reader))
    told = [
        sentence
        for sentence in Happenings(household.state, household.card.open).news()
        if "as a day allows" in sentence
    ]
    assert [sentence.split("  ")[1].split(" had ")[0] for sentence in told] == [
        "“Hallway phone”", "the card", "all readers together",
    ]  # fmt: skip
    door.ledger.close()

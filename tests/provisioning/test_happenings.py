"""What a running demo tells of its door: every gap has a sentence."""

from typing import get_args

from device.ledger import Ledger
from device.trust.lines import Gap, utc
from provisioning.happenings import Happenings
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

"""With a reader's powers it writes and writes: a changed page, or a lost phone. No disk fills, nobody else pays."""

import itertools
from collections.abc import Callable, Iterator
from typing import get_args

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.allowance.allowance import TOGETHER_BYTES
from device.allowance.costs import cost
from device.contract import commands, replies
from device.contract.settings import Settings
from device.trust.commands import Verified, asking
from device.trust.household import Change, ReaderRenamed, Renaming
from device.trust.lines import AllowanceSpent, ClipDeleted, Line, PrivateBody
from device.trust.signed import Context, sign
from provisioning.house.history import History
from tests.support.door import Door, Says, as_reader
from tests.support.hijacked import STRANGE
from tests.support.household import Card, Household, TestReader

SHARE_BYTES = 1 << 17
"""A reader's, small, so that it is spent soon."""
NOISE_BYTES = 40_000
"""What a started household and the last command may add."""


def kept_bytes(door: Door) -> int:
    """Return what the household's own files take; the spool is the recorder's."""
    state = door.household.state
    files = [state / "ledger", state / "epochs", *state.glob("grants/*")]
    return sum(file.stat().st_size for file in files)


def ways(door: Door, phone: TestReader, tablet: TestReader) -> dict[str, Callable[[], commands.CommandBody]]:
    """Return everything that a reader may have written, as often as they like."""
    says, numbers = Says(door.household.door), itertools.count()

    def renamed() -> commands.CommandBody:
        said = Renaming(door.household.door, phone.public.sign, phone.public.sign, f"x{next(numbers)}")
        return asking(ReaderRenamed(sign(phone.sign, Context.RENAMING, said)))

    return {
        "listing days": lambda: commands.AskDay("2026-11-23", 0),
        "opening": lambda: commands.AskClip(1),
        "saving": lambda: commands.Export(1),
        "drilling": commands.Drilled,
        "answering": lambda: commands.Answer(1),
        "watching live": lambda: commands.Live() if next(numbers) % 2 else commands.LiveEnd(),
        "giving": lambda: commands.Grant(tablet.public.sign, 1, bytes(8_192)),
        "setting": lambda: commands.Set(Settings(privacy=next(numbers) % 2 == 0)),
        "renaming": renamed,
        "inviting": lambda: asking(says.invited(phone, Ed25519PrivateKey.generate())),
        "proposing cards": lambda: asking(says.proposed(phone, Card())),
    }


@pytest.mark.parametrize(
    "way",
    ["listing days", "opening", "saving", "drilling", "answering", "watching live", "giving", "setting", "renaming",
     "inviting", "proposing cards"],
)  # fmt: skip  # a list of names
def test_with_a_readers_powers_it_fills_no_more_than_a_days_share(
    household: Household, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("device.allowance.allowance.READER_BYTES", SHARE_BYTES)
    door = Door(household)
    phone, tablet = door.join(), door.join("Tablet")
    door.clip()
    body, before = ways(door, phone, tablet)[way], kept_bytes(door)
    answer: replies.ReplyBody = replies.Noted()
    for _ in range(6_000):
        answer = door.ask(phone, body())
        if isinstance(answer, replies.Refused):
            break
    assert isinstance(answer, replies.Refused)
    assert answer.code == "allowance_spent"
    assert kept_bytes(door) - before < SHARE_BYTES + NOISE_BYTES
    assert kept_bytes(door) - before > SHARE_BYTES // 3 or way == "setting", (
        "which is dear for what it disturbs"
    )
    assert [told.reader for told in spent(door)] == [phone.public.sign], "the household reads who, once"
    door.ask(phone, body())
    assert len(spent(door)) == 1

    # Whoever is not the phone goes on, and so does what ends it.
    assert not isinstance(door.ask(tablet, commands.AskClip(1)), replies.Refused)
    door.ledger.note(ClipDeleted(at_utc=household.clock.utc(), clip=99, reason="age"))
    assert not isinstance(door.ask(phone, commands.AskHead()), replies.Refused)
    assert not isinstance(door.ask(phone, commands.AskLedger(0)), replies.Refused)
    assert door.change(tablet, Says(household.door).removed(tablet, phone)) == "changed"
    assert door.join("Another phone")


def test_what_all_readers_have_written_together_has_an_end_and_the_card_is_above_it(
    household: Household,
) -> None:
    door = Door(household)
    readers = [door.join(f"Reader {number}") for number in range(6)]
    says, before = Says(household.door), kept_bytes(door)
    card = Card()
    proposed = says.proposed(readers[5], card)
    assert door.change(readers[5], proposed) == "changed"
    for reader in readers:
        while not isinstance(
            door.ask(reader, commands.Grant(reader.public.sign, 1, bytes(8_192))), replies.Refused
        ):
            pass
    assert kept_bytes(door) - before < TOGETHER_BYTES + 700_000
    assert None in [told.reader for told in spent(door)], "the household reads that it was all of them"
    owner = as_reader(household.card)
    assert door.change(readers[0], says.objected(readers[0], proposed.replacement)) == "changed"
    assert door.change(readers[0], says.removed(readers[0], readers[1])) == "changed"
    assert door.join("A new phone")
    replaced = says.replaced(says.replacement(owner, Card()))
    assert door.change(owner, replaced) == "changed"

    # Nor does whoever pulls the plug begin anew.
    door.restart()
    after_a_start = kept_bytes(door)
    for reader in readers[2:]:
        while not isinstance(
            door.ask(reader, commands.Grant(reader.public.sign, 1, bytes(8_192))), replies.Refused
        ):
            pass
    assert kept_bytes(door) - after_a_start < 150_000
    household.clock.pass_s(86_400)
    assert not isinstance(door.ask(readers[2], commands.Drilled()), replies.Refused), "a day later it is well"


def test_whoever_holds_an_invite_or_half_a_card_fills_no_disk_either(household: Household) -> None:
    door = Door(household)
    before, joined = kept_bytes(door), 0
    owner, says = as_reader(household.card), Says(household.door)
    for _ in range(200):
        reader = TestReader()
        if door.change(reader, household.adds(reader)) != "changed":
            break
        joined += 1
        assert door.change(owner, says.removed(owner, reader)) == "changed"
    assert 10 < joined < 200
    assert kept_bytes(door) - before < 3_000_000
    new = Card()
    assert door.change(owner, says.replaced(says.replacement(owner, new))) == "changed"


def test_what_was_refused_costs_nothing(household: Household) -> None:
    door = Door(household)
    phone = door.join()
    for _ in range(2_000):
        refused = door.ask(phone, commands.AskClip(77))
        assert isinstance(refused, replies.Refused)
        assert refused.code == "no_such_clip"


def test_everything_costs_at_least_what_it_writes(household: Household) -> None:
    door = Door(household)
    phone, tablet = door.join(), door.join("Tablet")
    door.clip()
    says, key = Says(household.door), Ed25519PrivateKey.generate()
    applicant = TestReader("Guest room tablet")
    applied = says.applied(key, applicant)
    card = Card()
    proposed = says.proposed(phone, card)
    changes: list[tuple[TestReader, Change]] = [
        (phone, says.invited(phone, key)), (applicant, applied), (tablet, says.confirmed(tablet, applied)),
        (phone, says.renamed(phone, tablet, "x" * 40)), (phone, proposed),
        (tablet, says.replaced(proposed.replacement, says.confirmation(tablet, proposed.replacement))),
    ]  # fmt: skip  # in this order
    asked: list[tuple[TestReader, commands.CommandBody]] = [
        *((who, asking(change)) for who, change in changes),
        *((phone, body) for body in STRANGE if not isinstance(body, commands.Grant | commands.Set)),
        (phone, commands.Set(Settings(privacy=True))), (phone, commands.Grant(tablet.public.sign, 1, bytes(8_192))),
    ]  # fmt: skip
    assert {type(body) for _, body in asked} == set(get_args(commands.CommandBody))
    paid: list[int] = []
    real_pay = door.desk._spending.pay

    def pay(command: Verified) -> None:
        paid.append(cost(command, door.ledger.roster)[1])
        real_pay(command)

    door.desk._spending.pay = pay  # type: ignore[method-assign]
    for who, body in asked:
        before = kept_bytes(door)
        answer = door.ask(who, body)
        assert not isinstance(answer, replies.Refused), (body, answer)
        if not isinstance(
            body, commands.LiveEnd | commands.TalkEnd | commands.AskLedger
        ):  # paid when it began; it shows what is there
            assert kept_bytes(door) - before <= paid[-1], body


def spent(door: Door) -> list[AllowanceSpent]:
    """Return what the card reads of shares that were spent."""
    return [body for body in _private(door) if isinstance(body, AllowanceSpent)]


def _private(door: Door) -> Iterator[PrivateBody]:
    history = History(door.household.card.open)
    for number in range(1, door.ledger.chain.epoch + 1):
        if data := door.ledger.epoch_file(number):
            history.learn_epoch(data)
    for raw in door.ledger.lines(0, 1 << 30)[0]:
        msgspec.json.decode(raw, type=Line)
        private = history.entry(raw).private
        if private is not None:
            yield private

"""A reader of the household with a minute at the Pi and its SD card: every file can be edited, and the device's key used.

What is wanted is another card, in silence or against the others' will. Neither a number in a file nor a line that the device's
key can write puts one in force, for the device, for ``doorward verify`` and for every page.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from device.contract import commands, replies
from device.contract.settings import Settings
from device.disk.ledger_file import HEAD, LEDGER
from device.errors import DeviceError
from device.ledger import Ledger
from device.trust.errors import LedgerBroken
from device.trust.household import CardReplaced, Confirmation
from device.trust.ledger import Chain, split
from device.trust.lines import Line, SignedHead
from device.trust.signed import Context, sign
from provisioning.house.house import House
from tests.contract.conftest import Oracle, Refused
from tests.support.door import Door, Says, as_reader
from tests.support.household import Card, Household, TestReader

YEAR_S = 366 * 86_400


class Scene:
    """Mum, and somebody who asked for a card of their own and then takes the SD card out."""

    def __init__(self, household: Household) -> None:
        self.household, self.card = household, Card()
        door, self.says = Door(household), Says(household.door)
        self.mum, self.rogue = door.join("Mum"), door.join("Rogue")
        self.gone, self.old_card = door.join("Gone"), as_reader(household.card)
        self.blob = self.says.replacement(self.rogue, self.card)
        assert door.change(self.mum, self.says.removed(self.mum, self.gone)) == "changed"
        assert door.change(self.rogue, self.says.proposed(self.rogue, self.card)) == "changed"
        assert isinstance(door.ask(self.mum, commands.Set(Settings(privacy=True))), replies.Noted)
        door.clip()
        door.ledger.close()
        self.device = TestReader("the device", household.device)

    def written(self, change: CardReplaced) -> bytes:
        """Return the ledger with one more line, chained as the device would."""
        chain, data = Chain(), (self.household.state / LEDGER).read_bytes()
        for raw in split(data)[0]:
            chain.add(raw)
        return data + msgspec.json.encode(Line(len(chain), chain.head.hash, change, None)) + b"\n"


@pytest.fixture
def scene(household: Household) -> Scene:
    return Scene(household)


def test_no_number_in_a_file_puts_a_card_in_force(scene: Scene) -> None:
    """Each file of the state taken away, emptied, filled with what a counter might hold; and files that count the days."""
    household, kept = scene.household, scene.household.state.parent / "kept"
    shutil.copytree(household.state, kept)
    counted = msgspec.json.encode({"subject": hashlib.sha256(scene.blob).digest(), "ran_s": 1e9})
    files = [path.relative_to(kept) for path in kept.rglob("*") if path.is_file()]
    edited = [path for path in files if path.name not in (LEDGER, "device.key")]
    assert {HEAD, "number", "settings"} <= {path.name for path in edited}
    started = 0
    for path in (*edited, Path("waiting"), Path("proposal"), Path("patience")):
        for content in (None, b"", counted, b"9" * 20, bytes(64)):
            shutil.rmtree(household.state)
            shutil.copytree(kept, household.state)
            (household.state / path).unlink(missing_ok=True)
            if content is not None:
                (household.state / path).write_bytes(content)
            try:
                door = Door(household)
            except (DeviceError, ValueError):
                continue
            household.clock.pass_s(YEAR_S)
            assert door.change(scene.rogue, scene.says.replaced(scene.blob)) != "changed"
            started += 1
            assert door.ledger.roster.open == str(household.card.open.recipient()), (path, content)
            door.ledger.close()
    assert started > len(edited), "most of it stops no door, or nothing was tried"


def forged(scene: Scene, name: TestReader) -> bytes:
    """Return a confirmation in somebody's name that the device's key signed."""
    said = Confirmation(scene.household.door, name.public.sign, hashlib.sha256(scene.blob).digest())
    return sign(scene.household.device, Context.CONFIRMATION, said)


LINES: dict[str, Callable[[Scene], CardReplaced]] = {
    "nobody_agreed": lambda it: CardReplaced(it.blob, None),
    "who_asked_agreed": lambda it: CardReplaced(it.blob, it.says.confirmation(it.rogue, it.blob)),
    "the_device_agreed": lambda it: CardReplaced(it.blob, it.says.confirmation(it.device, it.blob)),
    "the_device_agreed_in_mums_name": lambda it: CardReplaced(it.blob, forged(it, it.mum)),
    "the_device_agreed_in_the_cards_name": lambda it: CardReplaced(it.blob, forged(it, it.old_card)),
    "a_former_reader_agreed": lambda it: CardReplaced(it.blob, it.says.confirmation(it.gone, it.blob)),
    "a_stranger_agreed": lambda it: CardReplaced(it.blob, it.says.confirmation(TestReader(), it.blob)),
    "the_new_card_agreed": lambda it: CardReplaced(
        it.blob, it.says.confirmation(as_reader(it.card), it.blob)
    ),
    "the_device_asked": lambda it: CardReplaced(it.says.replacement(it.device, Card()), None),
    "the_new_card_asked": lambda it: CardReplaced(it.says.replacement(as_reader(it.card), Card()), None),
    "mum_agreed_to_another": lambda it: CardReplaced(
        it.blob, it.says.confirmation(it.mum, it.says.replacement(it.rogue, Card()))
    ),
}


@pytest.fixture(scope="module")
def page() -> Iterator[Oracle]:
    oracle = Oracle()
    yield oracle
    oracle.close()


@pytest.mark.parametrize("line", LINES)
def test_no_line_that_the_devices_key_can_write_puts_a_card_in_force(
    scene: Scene, page: Oracle, line: str
) -> None:
    """The line is chained and its head signed; the device does not start on it, and no verifier reads past it."""
    household = scene.household
    data = scene.written(LINES[line](scene))
    (household.state / LEDGER).write_bytes(data)
    raws = split(data)[0]
    head = SignedHead(household.door, len(raws) - 1, hashlib.sha256(raws[-1]).digest())
    (household.state / HEAD).write_bytes(signed_head := sign(household.device, Context.HEAD, head))
    with pytest.raises(LedgerBroken, match=f"line {len(raws) - 1}"):
        Ledger(household.state, household.device, household.clock)
    house = House(household.state, [household.card.open])
    assert house.troubles
    assert house.chain.roster.open == str(household.card.open.recipient())
    request = {"epochs": [], "identity": household.card.open.secret_text()}
    with pytest.raises(Refused, match="RecordBroken"):
        page.ask("verify_ledger", lines=raws, head=signed_head, **request)
    assert page.ask("verify_ledger", lines=raws[:-1], head=None, **request)["proposal"] is not None


def test_what_another_reader_agreed_to_is_taken_by_the_same_verifiers(scene: Scene, page: Oracle) -> None:
    """Or the test above would pass on verifiers that refuse everything."""
    agreed = CardReplaced(scene.blob, scene.says.confirmation(scene.mum, scene.blob))
    (scene.household.state / LEDGER).write_bytes(data := scene.written(agreed))
    new = str(scene.card.open.recipient())
    assert House(scene.household.state, []).chain.roster.open == new
    found = page.ask(
        "verify_ledger",
        lines=split(data)[0],
        head=None,
        epochs=[],
        identity=scene.household.card.open.secret_text(),
    )
    assert found["open"] == new

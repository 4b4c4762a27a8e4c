"""The page and ``doorward verify`` say the same of the same door, spoiled in every way that we could think of."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from device.disk.epochs import read_epochs
from device.disk.spool import BEGUN, EVENT, Spool
from device.trust.ledger import split
from provisioning.house.genuine import check_film, read_record
from provisioning.house.house import House
from provisioning.house.verdict import SOUND
from tests.contract.conftest import Refused
from tests.support.household import TestReader
from tests.support.past import Past, live
from tests.support.ways import WAYS, Damage

EPOCHS = 20
"""More than any of these doors has: what the ledger does not announce counts for nothing."""


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Past:
    return live(tmp_path_factory.mktemp("lived") / "state")


@pytest.fixture
def past(lived: Past, tmp_path: Path) -> Past:
    """A copy to spoil."""
    shutil.copytree(lived.state, tmp_path / "state")
    return Past(lived.household, lived.alice, tmp_path / "state")


def of_the_cli(past: Past, reader: TestReader) -> tuple[dict[int, str], list[str]]:
    house = House(past.state, [reader.open])
    return {
        clip: check_film(house, read_record(house, clip)).verdict for clip in house.numbers()
    }, house.troubles


def of_the_page(past: Past, oracle: Any, reader: TestReader, sign: bytes | None) -> dict[int, str]:
    """Return what the page says of all that the device would hand out of this directory."""
    spool = Spool(past.state)
    numbers = sorted({clip for day, _ in spool.days() for clip in spool.clips(day)} | set(spool.unfinished()))
    epochs = read_epochs(past.state)
    answer = oracle.ask(
        "check_everything",
        identity=reader.open.secret_text(),
        sign=sign,
        lines=split((past.state / "ledger").read_bytes())[0],
        epochs=[{"epoch": epoch, "file": epochs.get(epoch, b"")} for epoch in range(1, EPOCHS + 1)],
        listed=[
            {"clip": clip, "event": spool.sealed(clip, EVENT), "begun": spool.sealed(clip, BEGUN)}
            for clip in numbers
        ],
        films=[{"clip": clip, "file": film(spool, clip)} for clip in numbers],
    )
    return {finding["clip"]: finding["verdict"] for finding in answer["findings"]}


def film(spool: Spool, clip: int) -> bytes | None:
    opened = spool.open_clip(clip)
    if opened is None:
        return None
    with os.fdopen(opened[0], "rb") as file:
        return file.read()


def readers(past: Past) -> list[tuple[TestReader, bytes | None]]:
    card = TestReader("the card", open=past.household.card.open)
    return [(card, None), (past.alice, past.alice.public.sign)]


def test_both_say_the_same_of_a_past_that_nobody_spoiled(past: Past, oracle: Any) -> None:
    for reader, sign in readers(past):
        said, troubles = of_the_cli(past, reader)
        assert troubles == []
        assert of_the_page(past, oracle, reader, sign) == said


@pytest.mark.parametrize("damage", WAYS, ids=lambda damage: damage.name)
def test_both_say_the_same_of_every_damage_and_never_that_all_holds(
    past: Past, oracle: Any, damage: Damage
) -> None:
    damage.do(past)
    for (reader, sign), expected in zip(readers(past), (damage.card, damage.alice), strict=True):
        said, troubles = of_the_cli(past, reader)
        page: dict[int, str] | None = None
        try:
            page = of_the_page(past, oracle, reader, sign)
        except Refused as alarm:
            assert alarm.kind == "RecordBroken", alarm
        if damage.clip == 0:
            assert troubles
            assert page is None or not set(page.values()) <= SOUND
        elif page is None:
            assert troubles, "the page raises an alarm where the CLI finds nothing"
        elif damage.page is None:
            assert page == said
        else:
            assert page[damage.clip] == damage.page
            assert {clip: verdict for clip, verdict in page.items() if clip != damage.clip} == {
                clip: verdict for clip, verdict in said.items() if clip != damage.clip
            }
        if expected is not None:
            assert said[damage.clip] == expected

"""A reader, or a thief with the card's Admit half, floods the record so that what they did is told to nobody.

A real desk writes the lines; the page's own modules fold them for Mum, who was away.
"""

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.contract import commands, replies
from device.contract.settings import Quiet, Zone
from device.disk.ledger_file import LEDGER
from device.trust.ledger import split
from provisioning.house.house import House
from provisioning.reader.event_log import EventLog
from tests.contract.conftest import Oracle
from tests.support.door import Door, Says
from tests.support.household import Card, Household, TestReader

MANY = 250
PATH = Zone("Path", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
CORNER = ((0.0, 0.0), (0.2, 0.0), (0.2, 0.2))


class Scene:
    """Mum, who is away, somebody who does harm, and a tablet that belongs to it."""

    def __init__(self, household: Household) -> None:
        self.door, self.says = Door(household), Says(household.door)
        self.mum, self.rogue = self.door.join("Mum"), self.door.join("Rogue")
        self.tablet, self.old = self.door.join("Tablet"), self.door.join("Old phone")
        self.since = self.door.ledger.chain.head.seq

    def set(self, **changed: object) -> None:
        held = self.door.ask(self.rogue, commands.AskSettings())
        assert isinstance(held, replies.SettingsBody)
        settings = msgspec.structs.replace(held.settings, **changed)
        assert isinstance(self.door.ask(self.rogue, commands.Set(settings)), replies.Noted)

    def change(self, who: TestReader, change: object) -> None:
        assert self.door.change(who, change) == "changed"  # type: ignore[arg-type]

    def invite(self, by: TestReader) -> Ed25519PrivateKey:
        key = Ed25519PrivateKey.generate()
        self.change(by, self.says.invited(by, key))
        return key

    def lets_in(self) -> None:
        applied = self.says.applied(self.invite(self.rogue), guest := TestReader("Guest"))
        self.change(guest, applied)
        self.change(self.tablet, self.says.confirmed(self.tablet, applied))

    def proposes(self) -> bytes:
        proposed = self.says.proposed(self.rogue, Card())
        self.change(self.rogue, proposed)
        return proposed.replacement

    def card_is_replaced(self) -> None:
        blob = self.proposes()
        self.change(self.tablet, self.says.replaced(blob, self.says.confirmation(self.tablet, blob)))

    def objects(self) -> None:
        self.change(self.tablet, self.says.objected(self.tablet, self.proposes()))


HARMS: dict[str, tuple[Callable[[Scene], object], str]] = {
    "joins_with_the_card": (lambda it: it.door.join("Thief"), "Thief was added with the card"),
    "is_let_in": (Scene.lets_in, "Guest was let in by Tablet, invited by Rogue"),
    "invites": (lambda it: it.invite(it.rogue), "Rogue made an invitation"),
    "renames": (
        lambda it: it.change(it.tablet, it.says.renamed(it.tablet, it.old, "Dad")),
        "Tablet gave “Old phone” the name “Dad”",
    ),
    "removes": (
        lambda it: it.change(it.rogue, it.says.removed(it.rogue, it.old)),
        "Dad was removed by Rogue",
    ),
    "asks_for_a_card": (Scene.proposes, "Rogue asked for a new card"),
    "objects": (Scene.objects, "Tablet objected to the new card"),
    "replaces_the_card": (Scene.card_is_replaced, "The card was replaced by Rogue and Tablet"),
    "sets_privacy": (
        lambda it: it.set(privacy=True),
        "Rogue turned privacy on",
    ),
    "sets_masks": (
        lambda it: it.set(masks=(CORNER,)),
        "Rogue changed what the door sees: masks",
    ),
    "sets_quiet_hours": (
        lambda it: it.set(quiet=(Quiet((0, 1, 2, 3, 4, 5, 6), "00:00", "23:59"),)),
        "Rogue changed what the door sees: quiet hours",
    ),
    "gives": (
        lambda it: it.door.ask(it.rogue, commands.Grant(it.tablet.public.sign, 7, b"x")),
        "Rogue gave 7 older recordings to Tablet",
    ),
}


def leafs_through_a_day(it: Scene, _: int) -> None:
    it.door.ask(it.rogue, commands.AskDay("2026-11-23", 0))


def opens_and_renames_itself(it: Scene, number: int) -> None:
    it.door.ask(it.rogue, commands.Live())
    it.door.ask(it.rogue, commands.LiveEnd())
    it.change(it.rogue, it.says.renamed(it.rogue, it.rogue, "Rogue" if number % 2 else "Red"))


def sets_zones_and_tries_the_card(it: Scene, number: int) -> None:
    it.set(zones=(PATH,) if number % 2 else ())
    it.door.ask(it.rogue, commands.Drilled())


FLOODS = [leafs_through_a_day, opens_and_renames_itself, sets_zones_and_tries_the_card]


@pytest.fixture(scope="module")
def page() -> Iterator[Oracle]:
    oracle = Oracle()
    yield oracle
    oracle.close()


def told(it: Scene, page: Oracle) -> dict[str, Any]:
    """Return what Mum's page says once she is back."""
    raws, _ = split((it.door.household.state / LEDGER).read_bytes())
    last = it.door.ledger.chain.epoch
    epochs = [{"epoch": epoch, "file": it.door.ledger.epoch_file(epoch)} for epoch in range(1, last + 1)]
    return page.ask(
        "news",
        lines=raws,
        epochs=epochs,
        identity=it.mum.open.secret_text(),
        me=it.mum.public.sign,
        since=it.since,
    )


@pytest.mark.parametrize("flood", FLOODS, ids=lambda flood: flood.__name__)
def test_no_flood_of_the_record_hides_a_change_from_the_owners_terminal(
    household: Household, monkeypatch: pytest.MonkeyPatch, flood: Callable[[Scene, int], None]
) -> None:
    """In ``doorward verify`` with a key and without, and in what a running demo tells; ``doorward readers`` has the same."""
    for sync in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, sync, lambda _: None)
    it = Scene(household)
    for do, _ in HARMS.values():
        do(it)
    for number in range(MANY):
        flood(it, number)
        household.clock.pass_s(600)  # a day's share comes back meanwhile
    told = House(household.state, [it.mum.open]).changes.sentences()
    public = House(household.state).changes.sentences()
    running = list(EventLog(household.state, household.card.open).news())
    for harm, (_, sentence) in HARMS.items():
        words = plain(sentence).replace("recordings", "clips").replace("quiet hours", "quiet")
        is_private = harm.startswith("sets") or harm == "gives"
        for lines in (told, *(() if is_private else (public, running))):
            assert any(words in plain(line) for line in lines), (harm, "\n".join(lines))
    assert len(told) < 3 * len(HARMS), "and it can be read"


def plain(sentence: str) -> str:
    return re.sub("[“”]", "", sentence).casefold()


@pytest.mark.parametrize("flood", FLOODS, ids=lambda flood: flood.__name__)
def test_no_flood_of_the_record_hides_a_change_from_who_was_away(
    household: Household, page: Oracle, monkeypatch: pytest.MonkeyPatch, flood: Callable[[Scene, int], None]
) -> None:
    for sync in ("fsync", "fdatasync"):  # nobody cuts the power here
        monkeypatch.setattr(os, sync, lambda _: None)
    it = Scene(household)
    for do, _ in HARMS.values():
        do(it)
    for number in range(MANY):
        flood(it, number)
        household.clock.pass_s(600)  # a day's share comes back meanwhile
    said = told(it, page)
    for place in ("news", "lately"):
        for harm, (_, sentence) in HARMS.items():
            assert any(sentence in line for line in said[place]), (place, harm, "\n".join(said[place]))
    assert len(said["news"]) < 2 * len(HARMS), "and it can be read"
    assert {look["kind"] for look in said["looks"]} <= {"listed", "watched"}
    assert all(look["times"] == MANY for look in said["looks"])

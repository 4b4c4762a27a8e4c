"""Who rang and who saw to it: the page and the command fold any record into the same visits."""

import base64
import random
from datetime import datetime

import pytest

from device.disk.epochs import read_epochs
from device.trust import lines
from device.trust.ledger import split
from provisioning.house.house import House
from provisioning.house.visits import MOST, Seen, Visit
from tests.contract.paired import Door
from tests.support.effort import cases

READERS = [bytes([number]) * 32 for number in range(1, 4)]


def happening(door: Door, dice: random.Random, newest: int) -> lines.PrivateBody:
    """Return something that happens: rings mostly, and what may or may not settle one."""
    at_utc, reader = door.household.clock.utc(), dice.choice(READERS)
    clip = max(1, newest + dice.randint(-2, 1))
    seq = dice.randint(0, len(door.ledger.chain) + 2)
    begun = {"header_sha256": bytes(32), "roster_seq": door.ledger.roster.seq, "left_out": ()}
    sealed = {"ciphertext_sha256": bytes(32), "ciphertext_bytes": 1}
    return dice.choice(
        [
            lines.Rang(at_utc=at_utc),
            lines.Rang(at_utc=at_utc),
            lines.Rang(at_utc=at_utc),
            lines.Answered(at_utc=at_utc, ring=seq, reader=reader),
            lines.ClipBegun(at_utc=at_utc, clip=newest + 1, trigger="ring", **begun),
            lines.ClipSealed(at_utc=at_utc, clip=clip, state="sealed", **sealed),
            lines.ClipSealed(at_utc=at_utc, clip=newest + 1, state="unrecorded", **sealed),
            lines.ClipDeleted(at_utc=at_utc, clip=clip, reason="age"),
            lines.ClipHandedOut(at_utc=at_utc, clip=clip, reader=reader),
            lines.ClipExported(at_utc=at_utc, clip=clip, reader=reader),
            lines.LiveBegan(at_utc=at_utc, reader=reader),
            lines.Stopped(at_utc=at_utc),
        ]
    )


def page_says(door: Door) -> list[Visit]:
    state = door.household.state
    raws, _ = split((state / "ledger").read_bytes())
    epochs = [{"epoch": number, "file": file} for number, file in read_epochs(state).items()]
    identity = door.household.card.open.secret_text()
    told = door.oracle.ask("news", lines=raws, epochs=epochs, identity=identity, me=bytes(32), since=0)[
        "visits"
    ]
    return [
        Visit(
            first_seq=one["from"],
            seq=one["seq"],
            first_utc=_moment(one["first_utc"]),
            last_utc=_moment(one["last_utc"]),
            times=one["times"],
            clip=one["clip"],
            answered=_seen(one["answered"]),
            looked=_seen(one["looked"]),
        )
        for one in told
    ]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _seen(said: dict[str, str] | None) -> Seen | None:
    return None if said is None else Seen(base64.b64decode(said["reader"]), _moment(said["at_utc"]))


@pytest.mark.parametrize("seed", range(cases(6, 400)))
def test_the_page_and_the_command_agree_who_rang_and_who_saw_to_it(door: Door, seed: int) -> None:
    dice, newest = random.Random(seed), 0
    for _ in range(dice.choice([20, 120, 600])):
        body = happening(door, dice, newest)
        newest = max(newest, getattr(body, "clip", 0))
        door.household.clock.pass_s(dice.randint(1, 50))
        door.ledger.note(body)
    mine = list(House(door.household.state, [door.household.card.open]).visits)
    assert mine == page_says(door)
    assert len(mine) <= MOST


def test_no_number_of_rings_pushes_out_one_that_nobody_saw_to(door: Door) -> None:
    rings = 3 * MOST
    for clip in range(1, rings + 1):
        at_utc = door.household.clock.utc()
        door.ledger.note(lines.Rang(at_utc=at_utc))
        door.ledger.note(
            lines.ClipSealed(
                at_utc=at_utc, clip=clip, ciphertext_sha256=None, ciphertext_bytes=0, state="unrecorded"
            )
        )
        door.household.clock.pass_s(60)
    visits = House(door.household.state, [door.household.card.open]).visits
    assert len(visits) == MOST
    assert sum(visit.times for visit in visits) == rings, "counted to the last"
    assert visits[0].first_utc < visits[-1].first_utc
    assert list(visits) == page_says(door)

"""When a recording was made: the page and the command fold any record into the same labels."""

import random
from datetime import UTC, datetime

import pytest

from device.disk.epochs import read_epochs
from device.trust import lines
from device.trust.ledger import split
from provisioning.house.house import House
from provisioning.house.times import MOST, Made, Times
from tests.contract.paired import Door
from tests.support.effort import cases

READER = bytes([7]) * 32
STRANGE = [
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1970, 1, 1, 0, 10, tzinfo=UTC),
    datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2026, 11, 27, 8, tzinfo=UTC),
    datetime(2106, 2, 7, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
]


def happening(door: Door, dice: random.Random, newest: int) -> lines.PrivateBody:
    """Return something that tells of clips, or of the time."""
    at_utc, clip = door.household.clock.utc(), max(1, newest + dice.randint(-3, 2))
    says = lines.TimeTold(
        at_utc=dice.choice(STRANGE),
        says_utc=dice.choice(STRANGE),
        clip=max(0, newest + dice.randint(-4, 3)),
        reader=dice.choice([None, READER]),
    )
    return dice.choice(
        [
            says,
            says,
            lines.ClipBegun(
                at_utc=at_utc,
                clip=newest + 1,
                trigger="ring",
                header_sha256=bytes(32),
                roster_seq=0,
                left_out=(),
            ),
            lines.ClipSealed(
                at_utc=at_utc, clip=clip, state="sealed", ciphertext_sha256=bytes(32), ciphertext_bytes=1
            ),
            lines.ClipDeleted(at_utc=at_utc, clip=clip, reason="age"),
        ]
    )


def page_says(door: Door, clips: list[tuple[int, datetime]]) -> list[Made]:
    state = door.household.state
    raws, _ = split((state / "ledger").read_bytes())
    told = door.oracle.ask(
        "news",
        lines=raws,
        epochs=[{"epoch": number, "file": file} for number, file in read_epochs(state).items()],
        identity=door.household.card.open.secret_text(),
        me=bytes(32),
        since=0,
        clips=[{"clip": clip, "at": f"{at.isoformat().removesuffix('+00:00')}Z"} for clip, at in clips],
    )["made"]
    return [
        Made(None if one["at"] is None else datetime.fromisoformat(one["at"]), one["is_label"])
        for one in told
    ]


@pytest.mark.parametrize("seed", range(cases(6, 200)))
def test_the_page_and_the_command_agree_when_a_recording_was_made(door: Door, seed: int) -> None:
    dice, newest = random.Random(seed), 0
    for _ in range(dice.choice([5, 40, 3 * MOST])):
        body = happening(door, dice, newest)
        newest = max(newest, body.clip if not isinstance(body, lines.TimeTold) else 0)
        door.household.clock.pass_s(dice.randint(1, 50))
        door.ledger.note(body)
    clips = [(clip, dice.choice(STRANGE)) for clip in range(newest + 4) for _ in range(3)]
    house = House(door.household.state, [door.household.card.open])
    times = Times(entry.private for entry in house.entries)
    assert [times.made(clip, at) for clip, at in clips] == page_says(door, clips)

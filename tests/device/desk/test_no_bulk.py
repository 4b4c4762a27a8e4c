"""There is no bulk export: one signed command gives one clip at most, one ticket is one clip, one line says so first.

Each command, link message and route has its verdict here. One that is new has none, and fails until somebody has thought
about what it gives.
"""

import base64
import binascii
import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from device.contract import commands, link, replies
from device.contract.client import LinkClient
from device.contract.settings import Settings
from device.sealing.age import AgeWriter
from device.sealing.recipients import parse_recipient
from device.trust.commands import asking
from server.app import make_app
from server.config import Config
from tests.support.door import Door, Says
from tests.support.household import Household, TestReader

CLIPS = 5
FILM_BYTES = 400
PIECE_BYTES = 16  # so much of a film's ciphertext in a reply is a piece of the film
ALL = list(range(1, CLIPS + 1))
DAY = "2026-11-23"
NOBODY = bytes(32)

# For each command: how many clips it may give, and the greediest ways to ask for it.
VERDICTS: dict[type, tuple[int, list[commands.CommandBody]]] = {
    commands.AskClip: (1, [commands.AskClip(clip) for clip in (0, *ALL, CLIPS + 1, 2**53 - 1)]),
    commands.Export: (1, [commands.Export(clip) for clip in (0, *ALL, CLIPS + 1, 2**53 - 1)]),
    commands.AskHeaders: (0, [commands.AskHeaders(ALL), commands.AskHeaders(ALL * 12)]),
    commands.AskDay: (0, [commands.AskDay(DAY, 0), commands.AskDay(DAY, 2)]),
    commands.AskDays: (0, [commands.AskDays()]),
    commands.AskLedger: (0, [commands.AskLedger(0)]),
    commands.AskEpochs: (0, [commands.AskEpochs(0)]),
    commands.AskGrants: (0, [commands.AskGrants(0)]),
    commands.Grant: (0, [commands.Grant(NOBODY, CLIPS, b"file")]),
    commands.AskHead: (0, [commands.AskHead()]),
    commands.AskSettings: (0, [commands.AskSettings()]),
    commands.AskAuthority: (0, [commands.AskAuthority()]),
    commands.AskHealth: (0, [commands.AskHealth(None), commands.AskHealth(NOBODY)]),
    commands.TellTime: (0, [commands.TellTime(datetime(2026, 11, 23, tzinfo=UTC))]),
    commands.AskSelfTest: (0, [commands.AskSelfTest(0), commands.AskSelfTest(2**53 - 1)]),
    commands.Set: (0, [commands.Set(Settings())]),
    commands.Watch: (0, [commands.Watch()]),
    commands.Live: (0, [commands.Live()]),
    commands.LiveEnd: (0, [commands.LiveEnd()]),
    commands.Talk: (0, [commands.Talk(recorded=False)]),
    commands.TalkEnd: (0, [commands.TalkEnd(1)]),
    commands.Drilled: (0, [commands.Drilled()]),
    commands.Answer: (0, [commands.Answer(1)]),
    commands.ChangeHousehold: (0, []),  # a line of the household: below
}
LINK = {
    link.Open: "a channel",
    link.Frame: "one door message, above",
    link.Talk: "nothing",
    link.Close: "nothing",
    link.Redeem: "one descriptor: device.contract.link takes no packet with two",
}
ROUTES = {
    "/": "the page",
    "/door": "door messages, above",
    "/sealed/{ticket}": "what one ticket stands for",
    "/doorward.crt": "the house's own authority",
    "/certificates": "until when they are valid",
    "/{path}": "files of the page",
}


@pytest.fixture
def door(household: Household) -> Door:
    return Door(household)


@pytest.fixture
def phone(door: Door) -> TestReader:
    return door.join()


@pytest.fixture
def films(door: Door, phone: TestReader) -> dict[int, bytes]:
    """Several clips with real headers: number → ciphertext of the film alone."""
    films = {}
    recipients = [parse_recipient(text) for text in door.ledger.roster.recipients]
    for _ in range(CLIPS):
        clip, descriptor = door.spool.begin()
        path = door.spool.unfinished_path(clip)
        with os.fdopen(descriptor, "wb", 0) as out:
            writer = AgeWriter(out, recipients)
            header_bytes = path.stat().st_size
            writer.write(os.urandom(FILM_BYTES))
            writer.close()
        films[clip] = path.read_bytes()[header_bytes:]
        door.spool.write_event(clip, b"event" * 100)
        door.spool.publish(clip, door.household.clock.utc().date())
    assert list(films) == ALL
    return films


def texts(value: object) -> Iterator[str]:
    """Yield every text in a reply, however deep."""
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from texts(inner)
        case list():
            for inner in value:
                yield from texts(inner)


def given(door: Door, body: replies.ReplyBody, films: dict[int, bytes]) -> set[int]:
    """Return the clips of which a reply gives anything: a piece of the film, or a ticket that opens it."""
    wire = msgspec.json.decode(msgspec.json.encode(body))
    got: set[int] = set()
    for text in texts(wire):
        found = door.desk.redeem(text, connection=1)
        blobs = [text.encode()]
        with contextlib.suppress(binascii.Error):
            blobs.append(base64.b64decode(text))
        if found is not None:
            with os.fdopen(found[0], "rb") as file:
                blobs.append(file.read())
        got |= {clip for clip, film in films.items() if any(holds(blob, film) for blob in blobs)}
    return got


def holds(blob: bytes, film: bytes) -> bool:
    return any(film[at : at + PIECE_BYTES] in blob for at in range(len(film) - PIECE_BYTES))


def test_every_command_link_message_and_route_has_its_verdict(tmp_path: Path) -> None:
    assert set(VERDICTS) == set(get_args(commands.CommandBody))
    assert set(LINK) == set(get_args(link.Up))
    path = tmp_path / "link"
    app = make_app(Config(path), LinkClient(path), {})
    assert {resource.canonical for resource in app.router.resources()} == set(ROUTES)


def test_only_two_commands_give_a_clip_and_neither_can_name_two() -> None:
    givers = [kind for kind, (clips, _) in VERDICTS.items() if clips]
    assert givers == [commands.AskClip, commands.Export]
    for kind in givers:
        assert kind.__struct_fields__ == ("clip",)


@pytest.mark.parametrize(
    "kind", [kind for kind, (_, ways) in VERDICTS.items() if ways], ids=lambda kind: kind.__name__
)
def test_no_command_gives_more_than_its_verdict(
    door: Door, phone: TestReader, films: dict[int, bytes], kind: type
) -> None:
    most, ways = VERDICTS[kind]
    for body in ways:
        if isinstance(body, commands.Grant):
            body = msgspec.structs.replace(body, to=phone.public.sign)
        lines = len(door.ledger.chain)
        got = given(door, door.ask(phone, body), films)
        assert len(got) <= most, body
        assert len(door.ledger.chain) - lines >= len(got), "a clip was given without a line"


def test_changes_of_the_household_give_no_clip(
    door: Door, phone: TestReader, films: dict[int, bytes]
) -> None:
    tablet = TestReader("Kitchen tablet")
    changes = [
        (tablet, door.household.adds(tablet)),
        (phone, Says(door.household.door).removed(phone, tablet)),
    ]
    for who, change in changes:
        body = door.ask(who, asking(change))
        assert isinstance(body, replies.Changed)
        assert given(door, body, films) == set()


@pytest.mark.parametrize("kind", [commands.AskClip, commands.Export])
def test_each_clip_needs_a_command_of_its_own(
    door: Door, phone: TestReader, films: dict[int, bytes], kind: type
) -> None:
    """Or the tests above would pass because nothing is found."""
    before = len(door.ledger.chain)
    assert [given(door, door.ask(phone, kind(clip)), films) for clip in ALL] == [{clip} for clip in ALL]
    assert len(door.ledger.chain) == before + CLIPS


def test_a_piece_of_a_film_in_a_reply_would_be_found(door: Door, films: dict[int, bytes]) -> None:
    two = replies.Lines(from_=0, lines=[b"x" + films[1][100:150], films[2][:20]], more=False)
    assert given(door, two, films) == {1, 2}

"""A guest on the Wi-Fi: speaks to the real server and the real device behind it, and belongs to nobody.

Routes, floods, slow connections and TLS are in test_guest_on_the_wire.py, headers and broken requests in tests/server.
"""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import get_args

import aiohttp
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.camera.protocol import Pressed
from device.config import parse
from device.contract import commands, messages
from device.disk.spool import Spool
from device.ledger import Ledger
from device.recording.recorder import Recorder
from device.trust.commands import asking
from device.trust.lines import Line
from provisioning.card.card import Card
from provisioning.reader.reader import DoorClient, DoorError, ReaderKeys
from tests.support.door import Says
from tests.support.film import VIDEO, scene
from tests.support.hijacked import STRANGE, Attack, hijacked
from tests.support.household import Household, TestReader


@pytest.fixture
async def house(household: Household) -> AsyncIterator[Attack]:
    """A door whose server is honest: nobody touches what passes."""
    async with hijacked(household) as attack:
        yield attack


async def test_every_message_of_the_contract_gets_a_guest_nothing_and_leaves_no_line(house: Attack) -> None:
    house.door.clip()
    phone = house.door.join()
    before, me = house.record(), TestReader("Guest")
    changes = [Says(house.household.door).removed(me, phone)]
    bodies = [*STRANGE, *(asking(change) for change in changes)]
    assert {type(body) for body in bodies} == set(get_args(commands.CommandBody))
    async with DoorClient(house.url, ReaderKeys("Guest", me.sign, me.open), house.door.born_sha256) as door:
        for body in bodies:
            with pytest.raises(DoorError):
                await door._exchange(
                    messages.Command(7, me.command(house.door.ledger.chain, door._nonce, body)),
                    messages.Reply,
                )
            hello = await door._exchange(messages.Hello(1), messages.HelloReply)
            door._nonce = hello.nonce
            assert hello.born == house.household.born_line
    assert house.record() == before


async def test_a_guest_learns_the_line_in_which_the_door_was_born_and_not_even_how_long_its_record_is(
    house: Attack,
) -> None:
    house.door.join()
    for _ in range(3):
        house.door.clip()
    async with DoorClient(house.url, ReaderKeys("Guest"), house.door.born_sha256) as door:
        assert door.born == house.household.born_line
    heard = b"".join(house.link.heard_down)
    assert b"seq" not in heard.replace(house.household.born_line, b"")


async def test_guessing_cards_invites_and_tickets_gets_nothing_and_is_slowed(house: Attack) -> None:
    house.door.clip()
    before = house.record()
    for number in range(20):
        with pytest.raises(DoorError):
            async with DoorClient(house.url, ReaderKeys(f"Guess {number}"), house.door.born_sha256) as door:
                await door.pair(Card(os.urandom(16)).admit_key())
    assert house.record() == before
    phone, guess = house.door.join(), TestReader("Guess")
    says = Says(house.household.door)
    assert house.door.change(phone, says.invited(phone, Ed25519PrivateKey.generate())) == "changed"
    before = house.record()
    for _ in range(20):
        applied = says.applied(Ed25519PrivateKey.generate(), guess)
        assert isinstance(await house.command(house.channel(), guess, asking(applied)), messages.Error)
    statuses = set()
    async with aiohttp.ClientSession() as session:
        for _ in range(160):
            ticket = os.urandom(32).hex()[:43]
            async with session.get(
                f"{house.url}/sealed/{ticket}", headers={"Sec-Fetch-Site": "same-origin"}
            ) as response:
                statuses.add(response.status)
    assert statuses <= {404, 429}
    assert 429 in statuses, "so many guesses in a second are slowed"
    assert house.record() == before


async def test_an_impostor_at_the_doors_name_gets_no_card_and_shows_nothing(
    house: Attack, tmp_path: Path
) -> None:
    """Who answers mDNS first can be spoken to; a paired reader and a card both know which door they mean."""
    other = Household(tmp_path / "impostor")
    async with hijacked(other) as impostor:
        paired = ReaderKeys("Phone")
        async with DoorClient(house.url, paired, house.door.born_sha256) as door:
            await door.pair(house.household.card.admit)
        for keys in (paired, ReaderKeys("New phone")):
            with pytest.raises(DoorError, match="not the door"):
                async with DoorClient(impostor.url, keys, house.door.born_sha256) as door:
                    await door.pair(house.household.card.admit)
        assert [data for data in impostor.link.heard_up if b'"command"' in data] == []


def test_ringing_a_thousand_times_opens_nothing_and_lets_nobody_in(household: Household) -> None:
    """Others' doorbells go into pairing when somebody holds the button outside. Here it rings, whatever one does to it."""
    ledger = Ledger(household.state, household.device, household.clock)
    before = ledger.chain.roster
    recorder = Recorder(
        parse("retention: {free_bytes: 8000000}", "test"),
        VIDEO,
        Spool(household.state),
        ledger,
        household.clock,
    )
    for item in scene(3):
        recorder.take(item)
        for _ in range(25):
            recorder.take(Pressed(item.at_us))
    recorder.stop()
    kinds = {type(msgspec.json.decode(raw, type=Line).public).__name__ for raw in ledger.lines(0, 1 << 30)[0]}
    assert kinds <= {"Born", "EpochBegun", "NoneType"}
    assert ledger.chain.roster == before
    ledger.close()

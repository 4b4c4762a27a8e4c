"""A guest on the Wi-Fi who takes all there is: connections before TLS and in it, handshakes, addresses, sockets, words."""

import asyncio
import ssl

import pytest

from device.contract import commands, messages, replies
from device.contract.link import MAX_CHANNELS
from provisioning.reader.reader import ReaderKeys
from server.arrivals.arrivals import RESERVE, STRANGER, TOTAL
from server.routes.relay import SOCKETS_RESERVE
from tests.support.whole_server import GUEST, SAYS, House


@pytest.mark.parametrize("says", [says for says in SAYS if says != "no TLS at all"])  # which ends by itself
async def test_a_guest_who_takes_every_connection_over_tls_leaves_others_theirs(
    house: House, says: str
) -> None:
    """A seat is taken when the connection comes, not when its handshake ends: an unfinished one is counted like any other."""
    sent, tls = SAYS[says]
    held = [await house.holds(GUEST, sent, tls=tls) for _ in range(STRANGER + 12)]
    assert sum(held) == STRANGER
    assert not await house.is_served(GUEST)
    assert await house.is_served("127.0.0.2"), "somebody at another address"
    assert await house.is_served()
    house.guests.pop(0)()
    async with asyncio.timeout(10):
        while not await house.is_served(GUEST):
            await asyncio.sleep(0)


async def test_a_guest_who_shakes_hands_again_and_again_is_made_to_wait(house: House) -> None:
    """Each handshake costs us a signature; a guest who hangs up at once would have as many as the Pi can compute."""
    served = [await house.is_served(GUEST) for _ in range(120)]
    assert served[:40] == [True] * 40
    assert not all(served)
    assert await house.is_served("127.0.0.2")


async def test_a_guest_with_many_addresses_shuts_out_strangers_and_no_phone_that_was_heard(
    house: House,
) -> None:
    """On IPv4 one can answer for as many addresses as one likes. What is kept in reserve is for where a reader was."""
    keys = ReaderKeys("Phone")
    async with house.reader(keys) as door:
        await door.pair(house.door.household.card.admit)
        for number in range(1, 16):
            for _ in range(12):
                await house.holds(f"127.2.0.{number}", b"", tls=False)
        assert len(house.guests) == TOTAL - RESERVE - 1, "the member's own connection came as a stranger's"
        assert not await house.is_served("127.3.0.1"), "a phone that nobody has heard of waits: admitted"
        assert await house.is_served()
        async with house.reader(keys) as again:
            assert (await again.ask(commands.AskHead(), replies.HeadBody)) is not None
        assert (await door.ask(commands.AskHead(), replies.HeadBody)) is not None


async def test_a_flood_of_sockets_and_words_leaves_the_household_its_door(house: House) -> None:
    """Sockets and what is said on them are counted by address, over TLS too."""
    keys = ReaderKeys("Phone")
    async with house.reader(keys) as door:
        await door.pair(house.door.household.card.admit)
        upgrade = house.request(
            "GET",
            "/door",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        )
        statuses = []
        for number in range(1, 13):
            for _ in range(9):
                try:
                    reader, writer = await house.connect(f"127.4.0.{number}")
                    writer.write(upgrade)
                    statuses.append(int((await reader.readline()).split(b" ")[1]))
                except (OSError, ssl.SSLError, IndexError):
                    continue
                house.guests.append(writer.transport.abort)
                house.writers.append(writer)
                hello = messages.encode(messages.Hello(1))
                writer.write((bytes([0x81, 0x80 | len(hello)]) + bytes(4) + hello) * 30)
        assert statuses.count(101) <= MAX_CHANNELS - SOCKETS_RESERVE
        assert statuses.count(429) >= 12, "one address gets only so many"
        length = len(house.door.ledger.chain)
        async with house.reader(keys) as again:
            await again.follow_ledger()
        assert (await door.ask(commands.AskDays(), replies.Days)) is not None
        assert len(house.door.ledger.chain) >= length
        assert await house.is_served()

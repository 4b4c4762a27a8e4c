"""The relay: text frames both ways and voices up, unread; too many, too large, too fast, and a device that goes away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from device.contract import messages
from device.contract.link import MAX_TALK_BYTES, MAX_UP_BYTES, Close, Frame, Talk
from server.routes.relay import OUTBOX_FRAMES, SOCKET_BURST, SOCKETS_EACH, Outbox
from tests.server.conftest import Running


@asynccontextmanager
async def page(running: Running, **headers: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    url = f"http://127.0.0.1:{running.port}"
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{url}/door", headers={"Origin": url, **headers}) as socket,
    ):
        yield socket


async def test_frames_pass_both_ways_unread(running: Running) -> None:
    async with page(running) as socket:
        channel = await running.device.hear_open()
        await socket.send_str("not even JSON ✓")
        frame = await running.device.hear(Frame)
        assert (frame.channel, frame.data) == (channel, "not even JSON ✓".encode())
        running.device.say(Frame(channel, b"an answer"))
        assert await socket.receive_str(timeout=5) == "an answer"
    assert (await running.device.hear(Close)).channel == channel


async def test_two_pages_have_channels_of_their_own(running: Running) -> None:
    async with page(running) as one, page(running) as other:
        first, second = await running.device.hear_open(), await running.device.hear_open()
        assert first != second
        running.device.say(Frame(second, b"for the other"))
        assert await other.receive_str(timeout=5) == "for the other"
        await one.send_str("from the one")
        assert (await running.device.hear(Frame)).channel == first


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
async def test_another_sites_page_gets_no_socket(running: Running, headers: dict[str, str]) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with page(running, **headers):
            pass
    assert refused.value.status == 403


async def test_a_message_that_is_too_long_ends_the_socket(running: Running) -> None:
    async with page(running) as socket:
        await running.device.hear_open()
        await socket.send_str("x" * MAX_UP_BYTES)
        assert len((await running.device.hear(Frame)).data) == MAX_UP_BYTES
        await socket.send_str("x" * (MAX_UP_BYTES + 1))
        await socket.receive(timeout=5)
        assert socket.close_code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def test_a_moment_of_a_voice_passes_unread_and_a_longer_one_ends_the_socket(running: Running) -> None:
    async with page(running) as socket:
        channel = await running.device.hear_open()
        await socket.send_bytes(b"\xff" * MAX_TALK_BYTES)
        heard = await running.device.hear(Talk)
        assert (heard.channel, heard.data) == (channel, b"\xff" * MAX_TALK_BYTES)
        await socket.send_bytes(bytes(MAX_TALK_BYTES + 1))
        await socket.receive(timeout=5)
        assert socket.close_code == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def test_a_flood_of_voices_is_slowed_and_what_had_to_wait_is_left_out(running: Running) -> None:
    async with page(running) as socket:
        channel = await running.device.hear_open()
        for number in range(int(SOCKET_BURST) + 20):
            await socket.send_bytes(number.to_bytes(2))
        await socket.send_str("a command")
        numbers = []
        while isinstance(heard := await running.device.hear(Talk | Frame), Talk):
            numbers.append(int.from_bytes(heard.data))
        assert (heard.channel, heard.data) == (channel, b"a command"), "it waited its turn, and is not lost"
        assert numbers == sorted(numbers)
        assert numbers[: int(SOCKET_BURST)] == list(range(int(SOCKET_BURST)))
        assert len(numbers) < int(SOCKET_BURST) + 20


async def test_a_device_that_goes_away_ends_every_socket_and_comes_back(running: Running) -> None:
    async with page(running) as socket:
        await running.device.hear_open()
        running.device.vanish()
        await socket.receive(timeout=5)
        assert socket.close_code == aiohttp.WSCloseCode.TRY_AGAIN_LATER
    await running.device.return_()
    async with page(running):
        await running.device.hear_open()


async def test_a_channel_that_the_device_closes_closes_its_socket(running: Running) -> None:
    async with page(running) as socket:
        running.device.say(Close(await running.device.hear_open()))
        await socket.receive(timeout=5)
        assert socket.close_code == aiohttp.WSCloseCode.TRY_AGAIN_LATER


async def test_one_peer_has_so_many_pages_and_no_more(running: Running) -> None:
    opened = [page(running) for _ in range(SOCKETS_EACH)]
    for each in opened:
        await each.__aenter__()
        await running.device.hear_open()
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with page(running):
            pass
    assert refused.value.status == 429
    for each in opened:
        await each.__aexit__(None, None, None)


async def test_a_flood_is_slowed_and_no_message_is_lost(running: Running) -> None:
    count = int(SOCKET_BURST) + 5
    async with page(running) as socket:
        await running.device.hear_open()
        began_s = asyncio.get_running_loop().time()
        for number in range(count):
            await socket.send_str(str(number))
        heard = [int((await running.device.hear(Frame)).data) for _ in range(count)]
        assert heard == list(range(count))
        assert asyncio.get_running_loop().time() - began_s > 0.05


async def test_a_page_that_does_not_read_is_cut_off() -> None:
    cuts: list[bool] = []
    outbox = Outbox(lambda: cuts.append(True))
    for _ in range(OUTBOX_FRAMES):
        outbox.put(b"frame")
    assert cuts == []
    outbox.put(b"one too many")
    assert cuts == [True]


def test_a_signed_answer_alone_makes_an_address_known() -> None:
    """A guest gets greetings and unsigned refusals; whoever gets a reply is of the household."""
    for message, known in (
        (messages.HelloReply(1, b"born", bytes(32)), False),
        (messages.Error(1, "unknown_reader", '{"type":"reply",'), False),
        (messages.Notice(b"signed"), False),
        (messages.LiveKey(b"signed"), False),
        (messages.Reply(1, b"signed"), True),
    ):
        assert messages.is_reply(messages.encode(message)) is known

"""The link client against a driven device: what it hears, what it refuses, and what it never leaks."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import pytest

from device.contract import client as client_module
from device.contract.client import LinkClient
from device.contract.errors import DoorStarting, LinkFull, TicketDenied
from device.contract.link import (
    MAX_CHANNELS,
    MAX_DOWN_BYTES,
    MAX_UP_BYTES,
    Close,
    Denied,
    Frame,
    Redeem,
    Rung,
)
from tests.server.fake_device import FakeDevice, open_descriptors, opened

TICKET = "t" * 43


async def test_messages_go_both_ways_on_their_own_channel(link: LinkClient, device: FakeDevice) -> None:
    (first, heard_first), (second, heard_second) = opened(link), opened(link)
    assert [await device.hear_open(), await device.hear_open()] == [first, second]
    link.send_frame(second, b"up")
    assert await device.hear(Frame) == Frame(second, b"up")
    device.say(Frame(second, b"to the second"))
    device.say(Frame(first, b"to the first"))
    assert await heard_first.frame() == b"to the first"
    assert await heard_second.frame() == b"to the second"


async def test_the_largest_messages_pass(link: LinkClient, device: FakeDevice) -> None:
    channel, heard = opened(link)
    await device.hear_open()
    link.send_frame(channel, b"u" * MAX_UP_BYTES)
    assert len((await device.hear(Frame)).data) == MAX_UP_BYTES
    device.say(Frame(channel, b"d" * MAX_DOWN_BYTES))
    assert len(await heard.frame()) == MAX_DOWN_BYTES


async def test_one_byte_too_many_is_the_callers_bug(link: LinkClient) -> None:
    channel, _ = opened(link)
    with pytest.raises(ValueError, match="16385"):
        link.send_frame(channel, b"u" * (MAX_UP_BYTES + 1))


async def test_a_channel_that_the_device_closes_tells_its_owner_once(
    link: LinkClient, device: FakeDevice
) -> None:
    channel, heard = opened(link)
    await device.hear_open()
    device.say(Close(channel))
    device.say(Close(channel))
    await heard.close()
    with pytest.raises(DoorStarting):
        link.send_frame(channel, b"too late")
    link.close_channel(channel)
    other, heard_other = opened(link)
    device.say(Frame(other, b"still up"))
    assert await heard_other.frame() == b"still up"
    assert heard.closes == 1


async def test_a_channel_closed_here_hears_nothing_more(link: LinkClient, device: FakeDevice) -> None:
    (channel, heard), (other, heard_other) = opened(link), opened(link)
    link.close_channel(channel)
    assert [await device.hear_open(), await device.hear_open()] == [channel, other]
    assert await device.hear(Close) == Close(channel)
    device.say(Frame(channel, b"was on its way"))
    device.say(Frame(other, b"later"))
    assert await heard_other.frame() == b"later"
    assert heard.frames.empty()
    assert heard.closes == 0


async def test_channels_end_at_their_number(link: LinkClient) -> None:
    channels = [opened(link)[0] for _ in range(MAX_CHANNELS)]
    with pytest.raises(LinkFull):
        opened(link)
    link.close_channel(channels[0])
    opened(link)


async def test_a_ticket_becomes_a_descriptor_that_reads_and_does_not_write(
    link: LinkClient, device: FakeDevice, tmp_path: Path
) -> None:
    (tmp_path / "clip").write_bytes(b"sealed")
    redeeming = asyncio.create_task(link.redeem(TICKET))
    assert await device.hand_out(tmp_path / "clip") == TICKET
    descriptor, size_bytes = await redeeming
    try:
        assert (os.pread(descriptor, 100, 0), size_bytes) == (b"sealed", 6)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.write(descriptor, b"x")
    finally:
        os.close(descriptor)


async def test_a_denied_ticket_says_so(link: LinkClient, device: FakeDevice) -> None:
    redeeming = asyncio.create_task(link.redeem(TICKET))
    device.say(Denied((await device.hear(Redeem)).id))
    with pytest.raises(TicketDenied):
        await redeeming


async def test_answers_find_their_question_in_any_order(
    link: LinkClient, device: FakeDevice, tmp_path: Path
) -> None:
    first, second = asyncio.create_task(link.redeem("a")), asyncio.create_task(link.redeem("b"))
    asked = {redeem.ticket: redeem.id for redeem in (await device.hear(Redeem), await device.hear(Redeem))}
    device.say(Denied(asked["b"]))
    with pytest.raises(TicketDenied):
        await second
    assert not first.done()
    device.say(Denied(asked["a"]))
    with pytest.raises(TicketDenied):
        await first


async def test_a_device_that_vanishes_ends_every_channel_and_ticket_and_comes_back(
    link: LinkClient, device: FakeDevice
) -> None:
    (channel, heard), (_, other) = opened(link), opened(link)
    redeeming = asyncio.create_task(link.redeem(TICKET))
    await device.hear_open()
    await device.hear_open()
    await device.hear(Redeem)
    device.vanish()
    with pytest.raises(DoorStarting, match="starting"):
        await redeeming
    await heard.close()
    await other.close()
    for call in (lambda: opened(link), lambda: link.send_frame(channel, b"x")):
        with pytest.raises(DoorStarting):
            call()
    with pytest.raises(DoorStarting):
        await link.redeem(TICKET)
    await device.return_()
    number, again = opened(link)
    assert number > channel
    device.say(Frame(await device.hear_open(), b"hello again"))
    assert await again.frame() == b"hello again"
    assert (heard.closes, other.closes) == (1, 1)


async def test_a_device_that_does_not_read_is_not_waited_for_and_gets_all_once_it_does(
    link: LinkClient, device: FakeDevice
) -> None:
    channel, _ = opened(link)
    sent = 0
    with suppress(LinkFull):
        for sent in range(10 * client_module.MAX_WAITING):
            link.send_frame(channel, str(sent).encode().ljust(MAX_UP_BYTES))
    assert client_module.MAX_WAITING < sent < 2 * client_module.MAX_WAITING
    link.close_channel(channel)  # the end of a channel is never lost
    await device.hear_open()
    for number in range(sent):
        assert (await device.hear(Frame)).data.split() == [str(number).encode()]
    assert await device.hear(Close) == Close(channel)


async def test_stopping_closes_the_link_and_every_channel(device: FakeDevice) -> None:
    before = open_descriptors()
    client = LinkClient(device.path)
    running = asyncio.create_task(client.run())
    await device.accept()
    _, heard = opened(client)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert heard.closes == 1
    await device.hear_open()
    assert await device.hears_the_end()
    device.connection.close()
    assert open_descriptors() == before


async def test_who_wants_to_know_is_told_of_a_ring_and_whether_the_device_is_there(tmp_path: Path) -> None:
    device, told = FakeDevice(tmp_path / "link"), asyncio.Queue[object]()
    client = LinkClient(device.path, retry_s=0.005)
    client.tell(lambda: told.put_nowait("ring"), told.put_nowait)
    running = asyncio.create_task(client.run())
    try:
        async with asyncio.timeout(10):
            await device.accept()
            assert await told.get() is True
            device.say(Rung())
            assert await told.get() == "ring"
            device.vanish()
            assert await told.get() is False
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

"""The link client against a driven device: what it hears, what it refuses, and what it never leaks."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from device.contract import client as client_module
from device.contract.client import LinkClient
from device.contract.errors import DoorStarting, LinkFull, TicketDenied
from device.contract.link import (
    MAX_CHANNELS,
    MAX_DOWN_BYTES,
    MAX_PACKET_BYTES,
    MAX_UP_BYTES,
    Close,
    Denied,
    Frame,
    Open,
    Redeem,
    Redeemed,
    encode,
)
from tests.server.fake_device import FakeDevice, open_descriptors

TICKET = "t" * 43


class Heard:
    """What one channel was told."""

    def __init__(self) -> None:
        self.frames: asyncio.Queue[bytes] = asyncio.Queue()
        self.closed = asyncio.Event()
        self.closes = 0

    def on_close(self) -> None:
        self.closes += 1
        self.closed.set()

    async def frame(self) -> bytes:
        async with asyncio.timeout(5):
            return await self.frames.get()

    async def close(self) -> None:
        async with asyncio.timeout(5):
            await self.closed.wait()


@pytest.fixture
async def device(tmp_path: Path) -> AsyncIterator[FakeDevice]:
    device = FakeDevice(tmp_path / "link")
    yield device
    device.vanish()


@pytest.fixture
async def link(device: FakeDevice) -> AsyncIterator[LinkClient]:
    client = LinkClient(device.path, retry_s=0.005)
    running = asyncio.create_task(client.run())
    await device.accept()
    yield client
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


def opened(link: LinkClient) -> tuple[int, Heard]:
    heard = Heard()
    return link.open_channel(heard.frames.put_nowait, heard.on_close), heard


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


def packets() -> dict[str, bytes]:
    return {
        "no MessagePack": b"\xc1",
        "not a map": b"\x93\x01\x02\x03",
        "cut": encode(Frame(1, b"data"))[:-1],
        "unknown type": encode(Denied(1)).replace(b"denied", b"deni3d"),
        "a server's message": encode(Open(1)),
        "too long a door message": encode(Frame(1, b"d" * (MAX_DOWN_BYTES + 1))),
        "longer than a packet": b"x" * (MAX_PACKET_BYTES + 1),
        "redeemed without a descriptor": encode(Redeemed(1, 5)),
    }


@pytest.mark.parametrize("case", packets())
async def test_a_malformed_packet_ends_the_connection(
    link: LinkClient, device: FakeDevice, case: str
) -> None:
    _, heard = opened(link)
    await device.hear_open()
    device.say_raw(packets()[case])
    await heard.close()
    assert await device.hears_the_end()


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(
    "message", [Frame(1, b"x"), Redeemed(1, -1), Denied(1)], ids=["frame", "size", "denied"]
)
async def test_a_descriptor_where_none_belongs_is_closed(
    link: LinkClient, device: FakeDevice, tmp_path: Path, message: Frame, count: int
) -> None:
    _, heard = opened(link)
    await device.hear_open()
    before = open_descriptors()
    sent = [os.open(tmp_path, os.O_RDONLY) for _ in range(count)]
    device.say_raw(encode(message), sent)
    for descriptor in sent:
        os.close(descriptor)
    await heard.close()
    assert open_descriptors() <= before  # the link's own end is closed as well


async def test_a_descriptor_for_somebody_who_stopped_waiting_is_closed(
    link: LinkClient, device: FakeDevice, tmp_path: Path
) -> None:
    redeeming = asyncio.create_task(link.redeem(TICKET))
    redeem = await device.hear(Redeem)
    redeeming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await redeeming
    before = open_descriptors()
    descriptor = os.open(tmp_path, os.O_RDONLY)
    device.say_raw(encode(Redeemed(redeem.id, 0)), [descriptor])
    os.close(descriptor)
    channel, heard = opened(link)
    device.say(Frame(channel, b"after it"))
    await heard.frame()
    assert open_descriptors() == before


async def test_a_descriptor_that_comes_in_the_moment_of_cancelling_is_closed(
    link: LinkClient, device: FakeDevice, tmp_path: Path
) -> None:
    before = open_descriptors()
    redeeming = asyncio.create_task(link.redeem(TICKET))
    redeem = await device.hear(Redeem)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    device.say_raw(encode(Redeemed(redeem.id, 0)), [descriptor])
    os.close(descriptor)
    link._readable()  # the answer is in, and the task that waits for it has not run yet
    redeeming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await redeeming
    assert open_descriptors() == before


async def test_a_device_that_never_answers_a_ticket_is_given_up(
    link: LinkClient, device: FakeDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "ANSWER_S", 0.01)
    with pytest.raises(LinkFull, match="does not answer"):
        await link.redeem(TICKET)


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

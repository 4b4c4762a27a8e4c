"""A device that breaks the rules of the link: its connection ends, and no descriptor is ever leaked."""

import asyncio
import os
from pathlib import Path

import pytest

from device.contract import client as client_module
from device.contract.client import LinkClient
from device.contract.errors import LinkFull
from device.contract.link import (
    MAX_DOWN_BYTES,
    MAX_PACKET_BYTES,
    Denied,
    Frame,
    Open,
    Redeem,
    Redeemed,
    encode,
)
from tests.server.fake_device import FakeDevice, open_descriptors, opened

TICKET = "t" * 43


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

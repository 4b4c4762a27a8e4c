"""Live at the server: sealed pictures pass unread, and a browser that does not keep up goes on with a keyframe."""

import aiohttp
import pytest

from device.contract.link import LIVE_PART_BYTES, MAX_LIVE_BYTES, Frame, Live
from device.contract.parts import in_parts
from server.routes.lane import LANE_BYTES, LANE_FRAMES, LANE_SOUNDS, Lane
from tests.server.conftest import Running
from tests.server.routes.test_relay import page


async def test_a_sealed_picture_reaches_whoever_it_is_for_and_nobody_else(running: Running) -> None:
    async with page(running) as one, page(running) as two, page(running) as other:
        first, second, third = [await running.device.hear_open() for _ in range(3)]
        running.device.say(Live([first, second], keyframe=True, part=0, parts=1, data=b"\0sealed\xff"))
        running.device.say(Frame(third, b"a word"))
        assert await one.receive_bytes(timeout=5) == b"\0sealed\xff"
        assert await two.receive_bytes(timeout=5) == b"\0sealed\xff"
        assert await other.receive_str(timeout=5) == "a word"


async def test_a_picture_in_parts_is_whole_again(running: Running) -> None:
    async with page(running) as socket:
        channel = await running.device.hear_open()
        data = bytes(range(256)) * (LIVE_PART_BYTES // 256) + b"."
        for part in in_parts([channel], keyframe=True, data=data):
            running.device.say(part)
        assert await socket.receive_bytes(timeout=5) == data


@pytest.mark.parametrize(
    "parts",
    [
        [Live([1], keyframe=True, part=1, parts=2, data=b"x")],
        [Live([1], keyframe=True, part=0, parts=9, data=b"x")],
        [Live([1], keyframe=True, part=0, parts=1, data=b"")],
        [Live([1], keyframe=True, part=0, parts=1, data=bytes(LIVE_PART_BYTES + 1))],
        [Live([1], keyframe=True, part=0, parts=2, data=b"x"), Live([2], keyframe=True, part=1, parts=2, data=b"x")],
        [Live(list(range(65)), keyframe=True, part=0, parts=1, data=b"x")],
    ],
)  # fmt: skip
async def test_parts_that_do_not_fit_end_the_link(running: Running, parts: list[Live]) -> None:
    async with page(running) as socket:
        await running.device.hear_open()
        for part in parts:
            running.device.say(part)
        await socket.receive(timeout=5)
        assert socket.close_code == aiohttp.WSCloseCode.TRY_AGAIN_LATER


def drain(lane: Lane) -> list[bytes]:
    found = []
    while (picture := lane.take()) is not None:
        found.append(picture)
    return found


def test_who_does_not_keep_up_goes_on_with_the_next_keyframe() -> None:
    lane = Lane()
    for number in range(LANE_FRAMES + 5):
        lane.put(bytes([number]), keyframe=number == 0)
    assert drain(lane) == []
    lane.put(b"between", keyframe=False)
    lane.put(b"key", keyframe=True)
    lane.put(b"next", keyframe=False)
    assert drain(lane) == [b"key", b"next"]


def test_a_lane_holds_no_more_than_its_bytes() -> None:
    lane = Lane()
    for _ in range(100):
        lane.put(bytes(MAX_LIVE_BYTES), keyframe=True)
        assert sum(map(len, list(lane._pictures))) <= LANE_BYTES
    assert drain(lane)


async def test_a_moment_of_sound_reaches_whoever_it_is_for(running: Running) -> None:
    async with page(running) as one:
        channel = await running.device.hear_open()
        running.device.say(Live([channel], keyframe=None, part=0, parts=1, data=b"\0a word"))
        assert await one.receive_bytes(timeout=5) == b"\0a word"


def test_sound_goes_before_pictures_and_waits_for_no_keyframe() -> None:
    lane = Lane()
    for number in range(LANE_FRAMES + 1):
        lane.put(b"picture", keyframe=number == 0)
    lane.put(b"a word", keyframe=None)
    lane.put(b"key", keyframe=True)
    assert drain(lane) == [b"a word", b"key"]


def test_of_sound_that_is_not_taken_the_oldest_is_lost() -> None:
    lane = Lane()
    for number in range(LANE_SOUNDS + 3):
        lane.put(bytes([number]), keyframe=None)
    assert drain(lane) == [bytes([number]) for number in range(3, LANE_SOUNDS + 3)]

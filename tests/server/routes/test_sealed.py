"""Tickets: the device's descriptor becomes bytes, whole or in ranges, and is always given back."""

import asyncio
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.contract.link import Denied, Redeem, Redeemed, encode
from server.errors import Refused
from server.routes.sealed import STREAMS_EACH, parse_range
from tests.server.conftest import Answer, Running
from tests.server.fake_device import open_descriptors

TICKET = "t" * 43
DATA = bytes(range(256)) * 2000


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4.age"
    path.write_bytes(DATA)
    return path


async def fetch(running: Running, clip: Path, *headers: str, method: str = "GET") -> Answer:
    answering = asyncio.create_task(running.get(f"/sealed/{TICKET}", *headers, method=method))
    assert await running.device.hand_out(clip) == TICKET
    return await answering


async def test_a_ticket_brings_the_whole_file(running: Running, clip: Path) -> None:
    answer = await fetch(running, clip)
    assert (answer.status, answer.body) == (200, DATA)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-299999", 100, 299_999),
        ("bytes=511000-", 511_000, 511_999),
        ("bytes=-5", 511_995, 511_999),
        ("bytes=0-99999999", 0, 511_999),
    ],
)
async def test_a_range_brings_that_part(
    running: Running, clip: Path, header: str, first: int, last: int
) -> None:
    answer = await fetch(running, clip, f"Range: {header}")
    assert (answer.status, answer.body) == (206, DATA[first : last + 1])
    assert answer.headers["content-range"] == f"bytes {first}-{last}/512000"


@pytest.mark.parametrize("header", ["bytes=512000-", "bytes=-0"])
async def test_a_range_outside_the_file_is_told(running: Running, clip: Path, header: str) -> None:
    answer = await fetch(running, clip, f"Range: {header}")
    assert (answer.status, answer.refusal) == (416, "no_such_range")
    assert answer.headers["content-range"] == "bytes */512000"


@pytest.mark.parametrize("header", ["bytes=5-2", "bytes=0-1,4-5", "bytes=", "chunks=0-1", "bytes=a-b"])
async def test_a_range_that_is_none_is_ignored(running: Running, clip: Path, header: str) -> None:
    assert (await fetch(running, clip, f"Range: {header}")).body == DATA


async def test_a_range_of_another_version_brings_the_whole_file(running: Running, clip: Path) -> None:
    assert (await fetch(running, clip, "Range: bytes=0-1", 'If-Range: "x"')).body == DATA


async def test_head_tells_the_size(running: Running, clip: Path) -> None:
    assert (await fetch(running, clip, method="HEAD")).headers["content-length"] == "512000"


async def test_every_descriptor_is_given_back(running: Running, clip: Path) -> None:
    before = open_descriptors()
    for header in ("X: y", "Range: bytes=1-2", "Range: bytes=999999999-"):
        await fetch(running, clip, header)
    async with asyncio.timeout(5):  # the other end of the last connection closes in its own time
        while open_descriptors() > before:
            await asyncio.sleep(0)


async def test_a_ticket_that_the_device_denies_is_none(running: Running) -> None:
    answering = asyncio.create_task(running.get(f"/sealed/{TICKET}"))
    redeem = await running.device.hear(Redeem)
    running.device.say(Denied(redeem.id))
    assert (await answering).refusal == "no_such_ticket"


@pytest.mark.parametrize("ticket", ["t" * 42, "t" * 44, "t" * 42 + "%2f", "..%2f" + "t" * 38, "t" * 42 + "="])
async def test_what_has_not_the_form_of_a_ticket_never_reaches_the_device(
    running: Running, ticket: str
) -> None:
    assert (await running.get(f"/sealed/{ticket}")).status == 404


async def test_a_device_that_is_away_is_said_to_be_starting(running: Running) -> None:
    running.device.vanish()
    answer = await running.get(f"/sealed/{TICKET}")
    assert (answer.status, answer.refusal) == (503, "door_starting")
    assert answer.headers["retry-after"] == "2"


async def test_a_file_that_is_shorter_than_told_cuts_the_answer_off(running: Running, clip: Path) -> None:
    """A short body under a longer Content-Length is the one honest way to say it, once bytes are under way."""
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(f"GET /sealed/{TICKET} HTTP/1.1\r\nHost: localhost:{running.port}\r\n\r\n".encode())
    await running.device.hand_out(clip, size_bytes=len(DATA) + 10)
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    assert f"Content-Length: {len(DATA) + 10}".encode() in answer
    assert answer.endswith(DATA)


async def test_one_peer_has_so_many_streams_and_no_more(running: Running, tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(64_000_000)
    slow = []
    for _ in range(STREAMS_EACH):
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port, limit=1024)
        writer.write(f"GET /sealed/{TICKET} HTTP/1.1\r\nHost: localhost:{running.port}\r\n\r\n".encode())
        await running.device.hand_out(large)
        await reader.readuntil(b"\r\n\r\n")
        slow.append(writer)
    assert (await running.get(f"/sealed/{TICKET}")).refusal == "too_many"
    for writer in slow:
        writer.transport.abort()


@given(
    st.text(max_size=30) | st.from_regex(r"bytes=[0-9]{0,20}-[0-9]{0,20}", fullmatch=True),
    st.integers(0, 10**12),
)
def test_a_range_lies_in_the_file_or_is_refused(header: str, size_bytes: int) -> None:
    try:
        found = parse_range(header, size_bytes)
    except Refused:
        return
    if found is not None:
        assert 0 <= found.start < found.stop <= size_bytes


async def test_a_clip_that_gave_way_since_its_ticket_is_a_sentence(running: Running, clip: Path) -> None:
    """The device empties what it deletes: whoever was passed a descriptor before has nothing to read."""
    with clip.open("rb") as opened:
        answering = asyncio.create_task(running.get(f"/sealed/{TICKET}"))
        redeem = await running.device.hear(Redeem)
        os.truncate(clip, 0)
        running.device.say_raw(encode(Redeemed(redeem.id, len(DATA))), [opened.fileno()])
        answer = await answering
    assert (answer.status, answer.refusal) == (410, "gave_way")


async def test_a_clip_that_gives_way_while_it_is_read_ends_the_connection_before_its_length(
    running: Running, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clip = tmp_path / "long"
    clip.write_bytes(bytes(50_000_000))  # no socket takes so much at once
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(f"GET /sealed/{TICKET} HTTP/1.1\r\nHost: localhost:{running.port}\r\n\r\n".encode())
    await running.device.hand_out(clip)
    head = await reader.readuntil(b"\r\n\r\n")
    assert b"content-length: 50000000" in head.lower()
    os.truncate(clip, 0)
    async with asyncio.timeout(5):
        rest = await reader.read(-1)
    assert 0 < len(rest) < 50_000_000
    assert not rest.strip(b"\0"), "nothing but the clip"
    writer.close()
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []

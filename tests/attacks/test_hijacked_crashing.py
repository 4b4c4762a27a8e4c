"""A hijacked server tries to end the device: what it sends, what it leaves unread, and what it makes of the pages that watch."""

import contextlib
import hashlib
from pathlib import Path

import pytest

from device.contract import commands, messages, replies
from device.contract.link import Frame, encode
from device.trust.commands import asking
from device.trust.ledger import Chain, split
from tests.support.household import Household, TestReader
from tests.support.raw_link import RawLink
from tests.system.device_process import DeviceProcess, device, running_bytes

HELLO = encode(Frame(1, messages.encode(messages.Hello(1))))


def chain_of(household: Household) -> Chain:
    chain = Chain()
    for raw in split((household.state / "ledger").read_bytes())[0]:
        chain.add(raw)
    return chain


def ask(
    household: Household, link: RawLink, reader: TestReader, channel: int, body: commands.CommandBody
) -> replies.ReplyBody:
    hello = link.say(channel, messages.Hello(1))
    assert isinstance(hello, messages.HelloReply)
    # The first line is in every chain; the file's last may be on its way into the device's own.
    head = messages.Head(0, hashlib.sha256(household.born_line).digest())
    signed = reader.command(chain_of(household), hello.nonce, body, head=head)
    reply = link.say(channel, messages.Command(2, signed))
    assert isinstance(reply, messages.Reply), reply
    return household.reply(reply.signed).body


def fill(link: RawLink) -> None:
    """Ask without reading until the device takes no more, or parts from us."""
    link.socket.settimeout(0.3)
    with contextlib.suppress(TimeoutError, OSError):
        while True:
            link.socket.send(HELLO)


def finished(door: DeviceProcess) -> int:
    return len(list(door.state.glob("spool/2*/*/event")))


@pytest.mark.parametrize("watchers", [2, 4])
def test_it_cannot_end_the_device_by_hanging_while_pages_watch(household: Household, watchers: int) -> None:
    """It reads nothing more; the next line makes a notice due for each page, on a connection that has just been ended."""
    phone = TestReader()
    with device(household.state, "--camera", "scene") as door:
        door.until_serving()
        with RawLink(door.socket) as link:
            link.open(*range(1, watchers + 1))
            ask(household, link, phone, 1, asking(household.adds(phone)))
            for channel in range(1, watchers + 1):
                ask(household, link, phone, channel, commands.Watch())
            fill(link)
            door.until(lambda: running_bytes(door.state), "the next visitor is recorded")
        with RawLink(door.socket) as link:
            link.open(1)
            assert isinstance(ask(household, link, phone, 1, commands.AskHead()), replies.HeadBody)
        before = finished(door)
        door.until(lambda: finished(door) > before, "the clip is finished")
        assert door.process.poll() is None
        assert "Traceback" not in door.said()


def test_a_bug_that_it_finds_costs_it_the_connection_and_not_the_clip(
    household: Household, tmp_path: Path
) -> None:
    """Whatever we overlooked: the link parts from every peer and begins anew, and the visitor is recorded to the end."""
    odd = tmp_path / "sitecustomize.py"
    odd.write_text(
        "import device.desk.desk\n"
        "good = device.desk.desk.Desk.answer\n"
        "def bad(self, channel, data):\n"
        "    if b'\"id\":666' in data:\n"
        "        raise KeyError('what we overlooked')\n"
        "    return good(self, channel, data)\n"
        "device.desk.desk.Desk.answer = bad\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{tmp_path}")
        with device(household.state, "--camera", "scene") as door:
            door.until_recording(1)
            with RawLink(door.socket) as link:
                link.open(1)
                link.socket.send(encode(Frame(1, messages.encode(messages.Hello(666)))))
                assert link.is_dropped()
            before = finished(door)
            door.until(lambda: finished(door) > before, "the clip is finished")
            with RawLink(door.socket) as link:
                link.open(1)
                assert isinstance(link.say(1, messages.Hello(1)), messages.HelloReply)
            assert "the link stumbled; it begins anew in 1 s, recording goes on" in door.said()
            assert door.process.poll() is None

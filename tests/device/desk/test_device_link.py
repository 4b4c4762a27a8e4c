"""The device's end of the socket, spoken to by a raw peer: a hijacked server may send anything."""

import array
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device.contract import commands, messages, replies
from device.contract.link import (
    MAX_PACKET_BYTES,
    Close,
    Denied,
    Frame,
    Open,
    Redeem,
    Redeemed,
    decode_down,
    encode,
    receive_packet,
)
from device.desk.link import Link
from device.desk.listening import LinkBusy
from device.disk.spool import Spool
from device.ledger import Ledger
from device.trust.commands import asking
from tests.support.household import Household, TestReader
from tests.support.linked import Running, ask, hello, is_dropped


@pytest.fixture
def running(household: Household) -> Iterator[Running]:
    running = Running(household)
    yield running
    running.close()


def test_a_clips_descriptor_comes_through_the_socket(running: Running) -> None:
    clip, descriptor = running.spool.begin()
    os.write(descriptor, b"ciphertext")
    os.close(descriptor)
    running.spool.write_event(clip, b"event")
    running.spool.publish(clip, running.household.clock.utc().date())
    reader = TestReader()
    with running.connect() as peer:
        peer.send(encode(Open(1)))
        ask(running, peer, reader, asking(running.household.adds(reader)))
        ticket = ask(running, peer, reader, commands.AskClip(clip))
        assert isinstance(ticket, replies.Ticket)
        peer.send(encode(Redeem(9, ticket.ticket)))
        packet, descriptors = receive_packet(peer)
        assert decode_down(packet) == Redeemed(9, 10)
        assert os.pread(descriptors[0], 100, 0) == b"ciphertext"
        os.close(descriptors[0])
        peer.send(encode(Close(1)))
        peer.send(encode(Redeem(10, ticket.ticket)))
        assert decode_down(receive_packet(peer)[0]) == Denied(10)


def test_a_line_reaches_who_watches(running: Running) -> None:
    reader = TestReader()
    running.ledger.on_line(running.link.wake)
    with running.connect() as peer:
        peer.send(encode(Open(1)))
        ask(running, peer, reader, asking(running.household.adds(reader)))
        ask(running, peer, reader, commands.Watch())
        other = TestReader("Kitchen tablet")
        running.ledger.change(running.household.adds(other))
        frame = decode_down(receive_packet(peer)[0])
        assert isinstance(frame, Frame)
        assert isinstance(messages.decode_down(frame.data), messages.Notice)


@pytest.mark.parametrize(
    "packet",
    [
        b"\x00",
        b"not msgpack at all",
        encode(Frame(7, b"{}")),
        encode(Open(1)) + b"x",
        encode(Frame(1, b"x" * 16_385)),
        b"\x82\xa4type\xa4open\xa7channel\xa1x",
    ],
)
def test_a_peer_that_breaks_the_protocol_is_dropped_and_the_next_one_served(
    running: Running, packet: bytes
) -> None:
    with running.connect() as peer:
        peer.send(encode(Open(1)))
        peer.send(packet)
        assert is_dropped(peer)
    with running.connect() as peer:
        peer.send(encode(Open(1)))
        assert hello(peer).born == running.household.born_line


def test_channels_are_counted_and_not_opened_twice(running: Running) -> None:
    with running.connect() as peer:
        for number in range(64):
            peer.send(encode(Open(number)))
        hello(peer, 63)
        peer.send(encode(Open(64)))
        assert is_dropped(peer)
    with running.connect() as peer:
        peer.send(encode(Open(1)))
        peer.send(encode(Open(1)))
        assert is_dropped(peer)


def test_descriptors_from_the_server_are_refused_and_closed(running: Running) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count, not paths
    for _ in range(20):
        with running.connect() as peer, Path("/dev/null").open("rb") as null:
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [null.fileno()] * 2))]
            peer.sendmsg([encode(Open(1))], rights)
            assert is_dropped(peer)
    with running.connect() as peer:
        peer.send(encode(Open(1)))
        hello(peer)
    assert len(os.listdir("/proc/self/fd")) <= before + 1  # noqa: PTH208


def test_a_server_that_does_not_read_is_dropped_and_holds_up_nobody(running: Running) -> None:
    with running.connect() as deaf, running.connect() as peer:
        deaf.send(encode(Open(1)))
        question = encode(Frame(1, messages.encode(messages.Hello(1))))

        def ask_and_never_read() -> None:
            for _ in range(100_000):
                deaf.send(question)

        with pytest.raises(ConnectionError):
            ask_and_never_read()
        peer.send(encode(Open(1)))
        hello(peer)


def test_more_connections_than_allowed_are_refused(running: Running) -> None:
    peers = [running.connect() for _ in range(5)]
    for number, peer in enumerate(peers[:4]):
        peer.send(encode(Open(number + 1)))
        hello(peer, number + 1)
    assert is_dropped(peers[4])
    for peer in peers:
        peer.close()


def test_another_user_is_refused(household: Household) -> None:
    running = Running(household)
    running.close()
    link = Link(
        household.state / "link",
        household.desk(running.ledger, running.spool),
        (),
    )
    thread = threading.Thread(target=link.run, daemon=True)
    thread.start()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
        peer.settimeout(10)
        peer.connect(str(household.state / "link"))
        assert is_dropped(peer)
    link.stop()
    thread.join(10)
    link.close()


def test_a_path_that_cannot_be_used_says_so(household: Household, tmp_path: Path) -> None:
    ledger = Ledger(household.state, household.device, household.clock)
    desk = household.desk(ledger, Spool(household.state))
    for path in (tmp_path / "missing" / "link", tmp_path / ("x" * 120)):
        with pytest.raises(LinkBusy, match="cannot listen"):
            Link(path, desk, {os.getuid()})
    ledger.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=200), max_size=5))
def test_arbitrary_packets_never_end_the_device(running: Running, packets: list[bytes]) -> None:
    with running.connect() as peer:
        for packet in packets:
            try:
                peer.send(packet)
            except ConnectionError:
                break
    with running.connect() as peer:
        peer.send(encode(Open(1)))
        hello(peer)


def test_a_packet_above_the_limit_counts_as_a_peer_that_is_gone() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        theirs.send(b"x" * (MAX_PACKET_BYTES + 1))
        assert receive_packet(ours) == (b"", [])

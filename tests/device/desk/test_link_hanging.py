"""A server that hangs, or that finds a bug: it costs that connection, and nobody else anything."""

import time
from collections.abc import Iterator

import pytest

from device.contract import commands
from device.contract.link import Denied, Frame, Open, Redeem, decode_down, encode, receive_packet
from device.desk.peer import MAX_WAITING, MAX_WAITING_BYTES
from device.desk.tickets import Channel
from device.trust.commands import asking
from device.trust.lines import Stopped
from tests.support.household import Household, TestReader
from tests.support.linked import Running, ask, hello


@pytest.fixture
def running(household: Household) -> Iterator[Running]:
    running = Running(household)
    yield running
    running.close()


@pytest.mark.parametrize("watchers", [2, 3, 16])
def test_a_server_that_hangs_while_pages_watch_is_dropped_once_and_the_next_one_served(
    running: Running, watchers: int
) -> None:
    """Every one of its channels has a notice due, and the first that finds no room ends the connection of all."""
    reader = TestReader()
    with running.connect() as deaf:
        deaf.send(encode(Open(1)))
        ask(running, deaf, reader, asking(running.household.adds(reader)))
        ask(running, deaf, reader, commands.Watch())
        (mine,) = running.link._desk._watching
        for number in range(2, watchers + 1):
            deaf.send(encode(Open(number)))
            running.link._desk._watching[Channel(mine.connection, number)] = reader.public.sign
        hello(deaf, watchers)
        (peer,) = running.link._peers.values()
        for _ in range(400):  # nobody reads: the kernel's share fills, then ours, to the last place but one
            running.link.wake()
            if len(peer.waiting) >= MAX_WAITING - 1:
                break
            running.ledger.note(Stopped(at_utc=running.household.clock.utc()))
            time.sleep(0)
        for _ in range(200):
            running.link.wake()
            if not running.link._peers:
                break
            running.thread.join(0.02)
        assert not running.link._peers, "it was dropped"
        assert running.thread.is_alive(), "and the link goes on"
    with running.connect() as peer_of_the_next:
        peer_of_the_next.send(encode(Open(1)))
        hello(peer_of_the_next)


def test_what_waits_for_a_peer_is_bounded_in_bytes_too(running: Running) -> None:
    with running.connect() as deaf:
        deaf.send(encode(Open(1)))
        hello(deaf)
        (peer,) = running.link._peers.values()
        sent = 0
        while peer.queue(Frame(1, b"x" * 100_000)):
            sent += 100_000
        assert MAX_WAITING_BYTES <= sent < MAX_WAITING_BYTES + 200_000


def test_an_answer_that_no_packet_holds_is_left_out_and_ends_nothing(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running.connect() as peer:
        peer.send(encode(Open(1)))
        hello(peer)
        with monkeypatch.context() as patch:
            patch.setattr(running.link._desk, "answer", lambda *_: b"x" * 200_000)
            peer.send(encode(Frame(1, b"whatever")))
            peer.send(encode(Redeem(1, "x")))
            assert decode_down(receive_packet(peer)[0]) == Denied(1)
        hello(peer)

"""A ring passes the link at once, also while the link rests because somebody floods it."""

import os
import threading
from collections.abc import Iterator

import pytest

from device.contract import commands, messages, replies
from device.contract.link import Frame, Open, Rung, decode_down, encode, receive_packet
from device.desk.bell import Press
from device.desk.link import Link
from device.trust.commands import asking
from tests.support.household import Household, TestReader
from tests.support.linked import Running, ask, hello


class Resting(Running):
    """A link that once it is told to rests until somebody rings."""

    def __init__(self, household: Household) -> None:
        self.presses = [Press(household.clock.utc(), None)]
        self.is_tired = False
        self.rests = threading.Event()
        super().__init__(household)
        self.link.stop()
        self.thread.join(10)
        self.link.close()
        desk = household.desk(self.ledger, self.spool)
        self.link = Link(self.path, desk, {os.getuid()}, self._press)
        self.link._pace.rest_us = self._rest_us  # type: ignore[method-assign]
        self.thread = threading.Thread(target=self.link.run, daemon=True)
        self.thread.start()

    def _press(self) -> Press | None:
        self.is_tired = False
        return self.presses.pop() if self.presses else None

    def _rest_us(self, _now_us: int, _worked_us: int) -> int:
        if self.is_tired:
            self.rests.set()
        return 20_000_000 if self.is_tired else 0


@pytest.fixture
def resting(household: Household) -> Iterator[Resting]:
    resting = Resting(household)
    yield resting
    resting.link.ring()  # whatever a test left undone: it rests no longer
    resting.close()


def test_a_ring_is_told_while_the_link_rests(resting: Resting) -> None:
    reader = TestReader()
    with resting.connect() as peer:
        peer.send(encode(Open(1)))
        ask(resting, peer, reader, asking(resting.household.adds(reader)))
        assert ask(resting, peer, reader, commands.Watch()) == replies.Watching(speaks=True, listens=False)
        resting.is_tired = True
        peer.send(encode(Frame(1, messages.encode(messages.Hello(1)))))
        assert resting.rests.wait(10)
        resting.link.ring()
        told = [decode_down(receive_packet(peer)[0]) for _ in range(3)]
        rings = [frame for frame in told if isinstance(frame, Frame) and b'"ring"' in frame.data]
        assert len(rings) == 1, "beside the answer to hello"
        assert Rung() in told


def test_a_bell_that_nobody_pressed_tells_nothing(resting: Resting) -> None:
    resting.presses.clear()
    reader = TestReader()
    with resting.connect() as peer:
        peer.send(encode(Open(1)))
        ask(resting, peer, reader, asking(resting.household.adds(reader)))
        ask(resting, peer, reader, commands.Watch())
        resting.link.ring()
        assert ask(resting, peer, reader, commands.AskHead()) is not None, "the next word is the answer"


def test_a_server_learns_that_it_rings_although_no_page_watches(resting: Resting) -> None:
    with resting.connect() as peer:
        peer.send(encode(Open(1)))
        hello(peer)
        resting.link.ring()
        assert decode_down(receive_packet(peer)[0]) == Rung()

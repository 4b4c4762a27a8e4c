"""Live on the link: one packet for all viewers of a server, large keyframes in parts, and nobody is held up."""

import os
import socket
import threading
from collections.abc import Iterator

import pytest

from device.contract.link import LIVE_PART_BYTES, Frame, Live, Open, decode_down, encode, receive_packet
from device.desk.broadcast import Shown
from device.desk.tickets import Channel
from tests.support.household import Household
from tests.support.linked import Running, hello


class Showing(Running):
    """A link that shows what the test gives it."""

    def __init__(self, household: Household) -> None:
        self.pictures: list[Shown] = []
        self.all_sent = threading.Event()
        super().__init__(household)

    def shown(self) -> Iterator[Shown]:
        taken, self.pictures = self.pictures, []
        yield from taken
        self.all_sent.set()

    def show(self, *pictures: Shown) -> None:
        self.all_sent.clear()
        self.pictures.extend(pictures)
        self.link.picture()


@pytest.fixture
def running(household: Household) -> Iterator[Showing]:
    showing = Showing(household)
    try:
        yield showing
    finally:
        showing.close()


def live(peer: socket.socket) -> Live:
    while not isinstance(message := decode_down(receive_packet(peer)[0]), Live):
        pass
    return message


def test_a_picture_travels_once_for_all_viewers_of_a_server(running: Showing) -> None:
    with running.connect() as peer:
        peer.send(encode(Open(1)))
        hello(peer)  # the link has met this peer
        running.show(
            Shown(keyframe=True, data=b"sealed", viewers=(Channel(1, 1), Channel(1, 2), Channel(9, 1)))
        )
        assert live(peer) == Live([1, 2], keyframe=True, part=0, parts=1, data=b"sealed")


def test_a_keyframe_that_is_larger_than_a_packet_travels_in_parts(running: Showing) -> None:
    with running.connect() as peer:
        peer.send(encode(Open(1)))
        hello(peer)
        data = os.urandom(2 * LIVE_PART_BYTES + 5)
        running.show(Shown(keyframe=True, data=data, viewers=(Channel(1, 1),)))
        parts = [live(peer) for _ in range(3)]
        assert [(part.part, part.parts) for part in parts] == [(0, 3), (1, 3), (2, 3)]
        assert b"".join(part.data for part in parts) == data


def test_a_server_that_does_not_read_misses_pictures_and_gets_its_answer(running: Showing) -> None:
    with running.connect() as peer:
        peer.send(encode(Open(1)))
        hello(peer)
        key, other = (Shown(keyframe, bytes(100_000), (Channel(1, 1),)) for keyframe in (True, False))
        running.show(key, *[other] * 200)
        assert running.all_sent.wait(60), "nobody reads meanwhile"
        kinds = [live(peer)]
        peer.send(encode(Frame(1, b"what?")))
        while not isinstance(message := decode_down(receive_packet(peer)[0]), Frame):
            assert isinstance(message, Live)
            kinds.append(message)
        assert 0 < len(kinds) < 20
        running.show(other, key)
        assert live(peer).keyframe

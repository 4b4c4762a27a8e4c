"""A hijacked server that sends the device whatever it likes, packet by packet, over the real socket: the next peer is served."""

import os
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from device.contract import link, messages
from device.contract.link import Frame, Open, Redeem, decode_down, encode, receive_packet
from device.desk.link import Link
from tests.support.door import Door
from tests.support.effort import cases
from tests.support.forms import damaged, form
from tests.support.household import Household

PACKETS = damaged(form(link.Up).map(encode)) | damaged(form(messages.Up).map(messages.encode)).map(
    lambda data: encode(Frame(1, data))
)


@pytest.fixture
def path(household: Household) -> Iterator[str]:
    """Where a device listens, that must still be alive in the end."""
    path = household.state / "link"
    served = Link(path, Door(household).desk, {os.getuid()})
    thread = threading.Thread(target=served.run, daemon=True)
    thread.start()
    yield str(path)
    assert thread.is_alive(), "the device died"
    served.stop()
    thread.join(10)
    served.close()


def is_served(path: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
        peer.settimeout(5)
        peer.connect(path)
        peer.send(encode(Open(1)))
        peer.send(encode(Frame(1, messages.encode(messages.Hello(1)))))
        frame = decode_down(receive_packet(peer)[0])
        return isinstance(frame, Frame) and b"hello" in frame.data


@settings(
    max_examples=cases(150, 20_000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(packets=st.lists(PACKETS, min_size=1, max_size=5))
@example(packets=[encode(Redeem(1, "x")).replace(b"\xa1x", b"\xa1\xff")])  # a text that is not UTF-8
def test_whatever_a_server_sends_the_next_one_is_served(path: str, packets: list[bytes]) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
        peer.connect(path)
        peer.send(encode(Open(1)))
        for packet in packets:
            try:
                peer.send(packet)
            except (BrokenPipeError, ConnectionResetError):
                break  # the device has had enough of this peer
    assert is_served(path)

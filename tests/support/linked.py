"""A link that serves in a thread of the test, and what a raw peer says to it."""

import os
import socket
import threading
from collections.abc import Iterable

from device.contract import commands, messages, replies
from device.contract.link import Frame, decode_down, encode, receive_packet
from device.desk.broadcast import Shown
from device.desk.link import Link
from device.disk.spool import Spool
from device.ledger import Ledger
from tests.support.household import Household, TestReader


class Running:
    """A link that serves in a thread of the test."""

    def __init__(self, household: Household) -> None:
        self.household = household
        self.ledger = Ledger(household.state, household.device, household.clock)
        self.spool = Spool(household.state)
        self.path = household.state / "link"
        desk = household.desk(self.ledger, self.spool)
        self.link = Link(self.path, desk, {os.getuid()}, shown=self.shown)
        self.thread = threading.Thread(target=self.link.run, daemon=True)
        self.thread.start()

    def shown(self) -> Iterable[Shown]:
        """Return what there is to show: nothing, unless a test says otherwise."""
        return []

    def connect(self) -> socket.socket:
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        peer.settimeout(10)
        peer.connect(str(self.path))
        return peer

    def close(self) -> None:
        self.link.stop()
        self.thread.join(10)
        assert not self.thread.is_alive()
        self.link.close()


def hello(peer: socket.socket, channel: int = 1) -> messages.HelloReply:
    peer.send(encode(Frame(channel, messages.encode(messages.Hello(1)))))
    frame = decode_down(receive_packet(peer)[0])
    assert isinstance(frame, Frame)
    reply = messages.decode_down(frame.data)
    assert isinstance(reply, messages.HelloReply)
    return reply


def ask(
    running: Running, peer: socket.socket, reader: TestReader, body: commands.CommandBody
) -> replies.ReplyBody:
    signed = reader.command(running.ledger.chain, hello(peer).nonce, body)
    peer.send(encode(Frame(1, messages.encode(messages.Command(2, signed)))))
    frame = decode_down(receive_packet(peer)[0])
    assert isinstance(frame, Frame)
    reply = messages.decode_down(frame.data)
    assert isinstance(reply, messages.Reply)
    return running.household.reply(reply.signed).body


def is_dropped(peer: socket.socket) -> bool:
    try:
        return receive_packet(peer)[0] == b""
    except ConnectionError:
        return True

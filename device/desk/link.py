"""The device's end of the unix socket: packets in, the desk's answers and descriptors out.

One thread, one selector. A peer that stops reading is dropped when its queue is full, and one that never stops asking waits
until the thread has rested: the device never waits for the server, nor the recorder for this thread. Only the server's user
may connect (and the device's own, for tests and the demo); the kernel says who it is.

Source: unix(7), SO_PEERCRED and SCM_RIGHTS; docs/FORMAT.md, "Link".
"""

import logging
import os
import select
import selectors
import socket
import struct
import time
from collections.abc import Callable, Container, Iterable
from pathlib import Path
from typing import Final

from device.contract.forms import UNREADABLE
from device.contract.link import (
    MAX_CHANNELS,
    MAX_DOWN_BYTES,
    MAX_TALK_BYTES,
    MAX_UP_BYTES,
    Close,
    Denied,
    Frame,
    Open,
    Redeem,
    Redeemed,
    Rung,
    Talk,
    decode_up,
    receive_packet,
)
from device.desk.bell import Press
from device.desk.broadcast import Shown
from device.desk.desk import Desk
from device.desk.listening import listen
from device.desk.pace import Pace
from device.desk.peer import Peer
from device.desk.tickets import Channel

MAX_CONNECTIONS: Final = 4
ROUND_S: Final = 4.0

logger = logging.getLogger(__name__)


class Link:
    """The listening socket and its peers. ``run`` belongs to one thread; ``wake``, ``ring``, ``picture`` and ``stop`` to any."""

    def __init__(
        self,
        path: Path,
        desk: Desk,
        uids: Container[int],
        pressed: Callable[[], Press | None] = lambda: None,
        shown: Callable[[], Iterable[Shown]] = tuple,
        moved: Callable[[], None] = lambda: None,
    ) -> None:
        """Listen on ``path``; a stale socket file of an earlier run is replaced.

        Args:
            path: the socket's.
            desk: answers.
            uids: who may connect.
            pressed: hands over a press once.
            shown: hands over each sealed picture once.
            moved: called whenever the loop comes round.

        Raises:
            LinkBusy: another process listens there, or the path cannot be used.
        """
        self._path = path
        self._desk = desk
        self._uids = uids
        self._peers: dict[int, Peer] = {}
        self._number = 0
        self._pace = Pace()
        self._stopping = False
        self._pressed = pressed
        self._shown = shown
        self._moved = moved
        self._listener = listen(path, MAX_CONNECTIONS)
        self._wake, self._bell, self._view = (
            os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC) for _ in range(3)
        )
        self._selector = selectors.DefaultSelector()
        for each in (self._listener, self._wake, self._bell, self._view):
            self._selector.register(each, selectors.EVENT_READ)

    def wake(self) -> None:
        """Have notices sent to whoever watches."""
        os.eventfd_write(self._wake, 1)

    def ring(self) -> None:
        """Have a press told at once to whoever watches."""
        os.eventfd_write(self._bell, 1)

    def picture(self) -> None:
        """Have what the camera gave shown to whoever watches live."""
        os.eventfd_write(self._view, 1)

    def stop(self) -> None:
        """Have ``run`` return."""
        self._stopping = True
        self.wake()

    def run(self) -> None:
        """Serve until ``stop``.

        Whatever it raises is a bug of ours, or of what a peer made of one: call ``begin_anew``, then ``run`` again.
        """
        while not self._stopping:
            self._moved()
            self._desk.pass_time()
            for key, _ in self._selector.select(ROUND_S):
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj == self._wake:
                    os.eventfd_read(self._wake)
                    self._tell(self._desk.notices())
                elif key.fileobj == self._bell:
                    self._ring()
                elif key.fileobj == self._view:
                    self._show()
                elif (peer := self._peers.get(key.fd)) is not None:
                    self._attend(peer)
                    self._rest()

    def begin_anew(self) -> None:
        """Part from every peer: whichever it was that ``run`` stumbled over goes with them."""
        for peer in list(self._peers.values()):
            self._drop(peer, "stumbled")

    def close(self) -> None:
        """Close every connection and remove the socket file."""
        for peer in list(self._peers.values()):
            self._drop(peer, "stopping")
        self._selector.close()
        self._listener.close()
        os.close(self._wake)
        os.close(self._bell)
        os.close(self._view)
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        pid, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        if uid not in self._uids or len(self._peers) >= MAX_CONNECTIONS:
            logger.warning("link refused uid=%d pid=%d", uid, pid)
            connection.close()
            return
        connection.setblocking(False)
        self._number += 1
        peer = Peer(connection, self._number)
        self._peers[peer.descriptor] = peer
        self._selector.register(connection, selectors.EVENT_READ)

    def _attend(self, peer: Peer) -> None:
        """Read one packet, if there is one, and send what waits. Any protocol error ends the connection."""
        try:
            packet, descriptors = receive_packet(peer.connection)
            for descriptor in descriptors:
                os.close(descriptor)
            if not packet or descriptors or not self._handle(peer, packet):
                self._drop(peer, "protocol" if packet else "gone")
                return
        except BlockingIOError:
            pass
        except (OSError, *UNREADABLE) as error:
            self._drop(peer, type(error).__name__)
            return
        self._flush(peer)

    def _handle(self, peer: Peer, packet: bytes) -> bool:
        match decode_up(packet):
            case Open(channel=number):
                if number in peer.channels or len(peer.channels) >= MAX_CHANNELS:
                    return False
                peer.channels.add(number)
            case Close(channel=number):
                peer.channels.discard(number)
                self._desk.closed(Channel(peer.number, number))
            case Frame(channel=number, data=data):
                if number not in peer.channels or len(data) > MAX_UP_BYTES:
                    return False
                return self._frame(peer, number, self._desk.answer(Channel(peer.number, number), data))
            case Talk(channel=number, data=data):
                if number not in peer.channels or len(data) > MAX_TALK_BYTES:
                    return False
                self._desk.hear(Channel(peer.number, number), data)
            case Redeem(id=number, ticket=ticket):
                found = self._desk.redeem(ticket, peer.number)
                if found is None:
                    return peer.queue(Denied(number))
                descriptor, size_bytes = found
                return peer.queue(Redeemed(number, size_bytes), descriptor)
        return True

    def _rest(self) -> None:
        """Rest as long as is due; a ring, and live, go on meanwhile: they come at the door's own pace."""
        while rest_us := self._pace.rest_us(time.monotonic_ns() // 1000, time.thread_time_ns() // 1000):
            awake = select.select([self._bell, self._view], [], [], rest_us / 1e6)[0]
            if self._bell in awake:
                self._ring()
            if self._view in awake:
                self._show()

    def _ring(self) -> None:
        os.eventfd_read(self._bell)
        if (press := self._pressed()) is None or (told := self._desk.ring(press)) is None:
            return
        for peer in list(self._peers.values()):
            if not peer.queue(Rung()):
                self._drop(peer, "not reading")
        self._tell(told)

    def _show(self) -> None:
        """Send each picture once to each server that has viewers; one that does not read misses pictures, and holds up nobody."""
        os.eventfd_read(self._view)
        self._tell(self._desk.turned())
        for shown in self._shown():
            for peer in list(self._peers.values()):
                channels = [viewer.number for viewer in shown.viewers if viewer.connection == peer.number]
                if channels:
                    peer.show(channels, shown.keyframe, shown.data)
                    self._flush(peer)

    def _frame(self, peer: Peer, channel: int, data: bytes) -> bool:
        if len(data) > MAX_DOWN_BYTES:
            # Nobody could read it. The desk's answers are far below: this says that it has a bug, and costs one answer.
            logger.error("a door message of %d bytes was left out", len(data))
            return True
        return peer.queue(Frame(channel, data))

    def _tell(self, told: list[tuple[Channel, bytes]]) -> None:
        peers = {peer.number: peer for peer in self._peers.values()}
        for channel, message in told:
            peer = peers.get(channel.connection)
            if peer is not None and not self._frame(peer, channel.number, message):
                self._drop(peer, "not reading")
                del peers[channel.connection]  # it may have watched on more channels than one
        for peer in list(self._peers.values()):
            self._flush(peer)

    def _flush(self, peer: Peer) -> None:
        try:
            peer.flush()
        except OSError as error:
            self._drop(peer, type(error).__name__)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if peer.waiting else 0)
        self._selector.modify(peer.connection, events)

    def _drop(self, peer: Peer, reason: str) -> None:
        """End a connection; one that has ended is left alone."""
        if self._peers.get(peer.descriptor) is not peer:
            return
        logger.info("link closed reason=%s", reason)
        del self._peers[peer.descriptor]
        self._selector.unregister(peer.connection)
        peer.close()
        for number in peer.channels:
            self._desk.closed(Channel(peer.number, number))

"""The attacker's own end of the link: a bare socket, which keeps no rule that the server's client keeps."""

import contextlib
import os
import select
import socket
from pathlib import Path
from types import TracebackType

from device.contract import link, messages
from device.contract.link import Down, Frame, Open, decode_down, encode, receive_packet


class RawLink:
    """One connection to a device; a context manager."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(10)
        self.socket.connect(os.fspath(path))

    def __enter__(self) -> "RawLink":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.socket.close()

    def send(self, message: link.Up) -> None:
        self.socket.send(encode(message))

    def receive(self) -> Down:
        """Return the next message; a descriptor that comes with it is closed."""
        packet, descriptors = receive_packet(self.socket)
        for descriptor in descriptors:
            os.close(descriptor)
        assert packet, "the device has dropped this connection"
        return decode_down(packet)

    def open(self, *channels: int) -> None:
        for channel in channels:
            self.send(Open(channel))

    def say(self, channel: int, message: messages.Up) -> messages.Down:
        """Return what the device answers on a channel."""
        self.send(Frame(channel, messages.encode(message)))
        while True:
            down = self.receive()
            if isinstance(down, Frame) and down.channel == channel:
                return messages.decode_down(down.data)

    def is_dropped(self) -> bool:
        """Read whatever waits and return whether the device ended this connection."""
        with contextlib.suppress(ConnectionError):
            while select.select([self.socket], [], [], 5)[0]:
                packet, descriptors = receive_packet(self.socket)
                for descriptor in descriptors:
                    os.close(descriptor)
                if not packet:
                    return True
            return False
        return True

"""Link messages between device and server, and the client that the server speaks them with.

One SOCK_SEQPACKET packet is one MessagePack message, so there is no framing to get wrong and a descriptor belongs to exactly
one message. Door messages ride inside ``Frame`` unread: the server relays what it cannot forge.

Source: docs/FORMAT.md, "Link".
"""

import array
import os
import socket
from typing import Final

import msgspec

MAX_PACKET_BYTES: Final = 196_608  # below the kernel's default send buffer of 212,992 bytes
MAX_UP_BYTES: Final = 16_384
MAX_DOWN_BYTES: Final = 131_072
MAX_LIVE_BYTES: Final = (
    1 << 20
)  # of a sealed picture: far above what an encoder under its ceiling makes of a keyframe
LIVE_PART_BYTES: Final = 131_072
MAX_TALK_BYTES: Final = 2_048
MAX_CHANNELS: Final = 64
TICKET_CHARACTERS: Final = 43


class Open(msgspec.Struct, tag="open", tag_field="type", forbid_unknown_fields=True, frozen=True):
    """A browser opened a WebSocket; ``channel`` names it from now on."""

    channel: int


class Frame(msgspec.Struct, tag="frame", tag_field="type", forbid_unknown_fields=True, frozen=True):
    """One door message on a channel, in either direction."""

    channel: int
    data: bytes


class Talk(msgspec.Struct, tag="talk", tag_field="type", forbid_unknown_fields=True, frozen=True):
    """A moment of a reader's voice, sealed for the device; at most ``MAX_TALK_BYTES``, and never answered."""

    channel: int
    data: bytes


class Close(msgspec.Struct, tag="close", tag_field="type", forbid_unknown_fields=True, frozen=True):
    """The channel is gone; whatever was bound to it dies."""

    channel: int


class Redeem(msgspec.Struct, tag="redeem", tag_field="type", forbid_unknown_fields=True, frozen=True):
    """Ask for the descriptor that a ticket stands for."""

    id: int
    ticket: str


class Redeemed(msgspec.Struct, tag="redeemed", tag_field="type", forbid_unknown_fields=True, frozen=True):
    """Comes with exactly one read-only descriptor of a sealed file of ``bytes`` bytes."""

    id: int
    bytes: int


class Denied(msgspec.Struct, tag="denied", tag_field="type", forbid_unknown_fields=True, frozen=True):
    """No such ticket, or no longer."""

    id: int


class Rung(msgspec.Struct, tag="rung", tag_field="type", forbid_unknown_fields=True, frozen=True):
    """Somebody rings, at this moment; no more than whoever carries the sealed word can see."""


class Live(msgspec.Struct, tag="live", tag_field="type", forbid_unknown_fields=True, frozen=True):
    """A part of a sealed picture, or of a moment of sound, for everybody who watches; its parts come one behind another.

    Attributes:
        channels: whom it is for.
        keyframe: whoever was left behind can go on with it; null for sound, which stands by itself.
        part: which, from 0.
        parts: how many there are.
        data: at most ``LIVE_PART_BYTES``.
    """

    channels: list[int]
    keyframe: bool | None
    part: int
    parts: int
    data: bytes


Up = Open | Frame | Talk | Close | Redeem
Down = Frame | Live | Close | Redeemed | Denied | Rung

_encode = msgspec.msgpack.Encoder().encode
decode_up = msgspec.msgpack.Decoder(Up).decode
decode_down = msgspec.msgpack.Decoder(Down).decode


def encode(message: Up | Down) -> bytes:
    """Return the packet for one link message.

    Raises:
        ValueError: the packet would exceed ``MAX_PACKET_BYTES`` (a bug in the caller).
    """
    packet = _encode(message)
    if len(packet) > MAX_PACKET_BYTES:
        raise ValueError(f"link message of {len(packet)} bytes, at most {MAX_PACKET_BYTES} fit")
    return packet


def receive_packet(link: socket.socket) -> tuple[bytes, list[int]]:
    """Return one packet and the descriptors that came with it; ``(b"", [])`` when the peer is gone.

    The caller owns the descriptors. A packet that was longer than allowed, or brought more than one descriptor,
    counts as a peer that is gone: descriptors are closed and nothing of it is used.

    Raises:
        BlockingIOError: nothing to read on a non-blocking socket.
        OSError: the socket failed.
    """
    size = array.array("i").itemsize
    data, ancillary, flags, _ = link.recvmsg(
        MAX_PACKET_BYTES + 1, socket.CMSG_SPACE(2 * size), socket.MSG_CMSG_CLOEXEC
    )
    descriptors: list[int] = []
    for level, kind, payload in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            whole = array.array("i", payload[: len(payload) - len(payload) % size])
            descriptors.extend(whole)
    overlong = (
        len(data) > MAX_PACKET_BYTES or flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC) or len(descriptors) > 1
    )
    if overlong:
        for descriptor in descriptors:
            os.close(descriptor)
        return b"", []
    return data, descriptors

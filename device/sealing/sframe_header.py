"""The header of an SFrame ciphertext: which key, and which counter.

One configuration byte ``X KKK Y CCC``, then the key id, then the counter. A number below 8 stands in its
three bits (X or Y is 0); a larger one follows in KKK+1 or CCC+1 bytes, big endian, as few as it needs.

Source: RFC 9605, section 4.3.
"""

from dataclasses import dataclass
from typing import Final

from device.sealing.errors import HeaderError

MAX_NUMBER: Final = (1 << 64) - 1
_INLINE: Final = 8


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """Key id and counter (both 0 to 2^64 - 1), and how many bytes they took."""

    kid: int
    counter: int
    size_bytes: int


def encode_header(kid: int, counter: int) -> bytes:
    """Return the one encoding of a key id and a counter.

    Raises:
        ValueError: either is outside 0 to 2^64 - 1 (a bug in the caller).
    """
    kid_bits, kid_bytes = _encode_number(kid)
    counter_bits, counter_bytes = _encode_number(counter)
    return bytes([kid_bits << 4 | counter_bits]) + kid_bytes + counter_bytes


def decode_header(frame: bytes) -> FrameHeader:
    """Return the header at the start of `frame`.

    Raises:
        HeaderError: the frame ends within its header, or a number takes more bytes than it needs.
    """
    if not frame:
        raise HeaderError("a sealed frame is empty")
    kid, end = _decode_number(frame, frame[0] >> 4, 1)
    counter, end = _decode_number(frame, frame[0] & 15, end)
    return FrameHeader(kid, counter, end)


def _encode_number(number: int) -> tuple[int, bytes]:
    if not 0 <= number <= MAX_NUMBER:
        raise ValueError(f"an SFrame key id or counter is 0 to 2^64 - 1, not {number}")
    if number < _INLINE:
        return number, b""
    size_bytes = (number.bit_length() + 7) // 8
    return 8 | size_bytes - 1, number.to_bytes(size_bytes)


def _decode_number(frame: bytes, bits: int, start: int) -> tuple[int, int]:
    if bits < _INLINE:
        return bits, start
    end = start + (bits & 7) + 1
    if len(frame) < end:
        raise HeaderError("a sealed frame ends within its header")
    number = int.from_bytes(frame[start:end])
    # A second encoding of one number would let a frame be changed without its meaning, and dodge a replay
    # check.
    if number < _INLINE or not frame[start]:
        raise HeaderError("a sealed frame has a number with more bytes than it needs")
    return number, end

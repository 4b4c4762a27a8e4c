"""MP4's boxes, and what a sound track is made of.

Pure: values in, bytes out. Sources: ISO/IEC 14496-12; 14496-14, 5.6 (mp4a, esds); 14496-3, 1.6.2.1 (AudioSpecificConfig).
"""

from struct import pack
from typing import Final

from device.hearing.sound import PACKET, RATE

MATRIX: Final = pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
SOUND_CODEC: Final = "mp4a.40.2"
_SOUND: Final = 2
_AAC_LC: Final = 2
_RATES: Final = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000)
_WITH_OFFSET_SIZE_FLAGS: Final = 0x201


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return a box that holds ``parts``."""
    body = b"".join(parts)
    return pack(">I4s", len(body) + 8, kind) + body


def full_box(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    """Return a box with a version and flags."""
    return box(kind, pack(">I", version << 24 | flags), *parts)


def track(
    number: int, media: tuple[bytes, bytes, bytes], *, timescale: int, size: bytes, volume: int
) -> bytes:
    """Return one track of a fragmented film.

    Args:
        number: the track's, from 1.
        media: its handler, its media header and the entry that describes its samples.
        timescale: its units of time in a second.
        size: width and height of its picture, each a 16.16 number.
        volume: an 8.8 number.
    """
    handler, header, entry = media
    tables = box(
        b"stbl",
        full_box(b"stsd", pack(">I", 1), entry),
        *(
            full_box(kind, bytes(length))
            for kind, length in ((b"stts", 4), (b"stsc", 4), (b"stsz", 8), (b"stco", 4))
        ),
    )
    here = box(b"dinf", full_box(b"dref", pack(">I", 1), full_box(b"url ", flags=1)))
    inside = box(
        b"mdia",
        full_box(b"mdhd", pack(">IIIIHH", 0, 0, timescale, 0, 0x55C4, 0)),  # language "und"
        full_box(b"hdlr", bytes(4) + handler + bytes(12) + b"doorward\0"),
        box(b"minf", header, here, tables),
    )
    head = full_box(
        b"tkhd",
        pack(">IIIII", 0, 0, number, 0, 0) + bytes(12) + pack(">HH", volume, 0) + MATRIX,
        size,
        flags=3,  # enabled, in the movie
    )
    return box(b"trak", head, inside)


def sound_track() -> tuple[bytes, bytes]:
    """Return the track of a film's sound, and what its fragments need not say again."""
    config = pack(">H", _AAC_LC << 11 | _RATES.index(RATE) << 7 | 1 << 3)
    decoder = pack(">BB3sII", 0x40, 0x15, bytes(3), 0, 0) + _descriptor(5, config)
    stream = pack(">HB", 0, 0) + _descriptor(4, decoder) + _descriptor(6, b"\x02")
    entry = box(
        b"mp4a",
        bytes(6) + pack(">H", 1) + bytes(8) + pack(">HHHHI", 1, 16, 0, 0, RATE << 16),
        full_box(b"esds", _descriptor(3, stream)),
    )
    media = (b"soun", full_box(b"smhd", bytes(4)), entry)
    extends = full_box(b"trex", pack(">IIIII", _SOUND, 1, PACKET, 0, 0))
    return track(_SOUND, media, timescale=RATE, size=bytes(8), volume=0x100), extends


def sound_fragment(sequence: int, begin: int, packet: bytes) -> bytes:
    """Return moof and mdat of one packet of sound; ``begin`` is its first sample."""
    before = (
        full_box(b"tfhd", pack(">I", _SOUND), flags=0x20000),  # offsets count from this moof
        full_box(b"tfdt", pack(">Q", begin), version=1),
    )
    header = full_box(b"mfhd", pack(">I", sequence))
    # 8 each: moof's and traf's heads; 24: this trun; 8: mdat's head, after which the packet stands
    offset = 8 + len(header) + 8 + sum(map(len, before)) + 24 + 8
    run = full_box(b"trun", pack(">III", 1, offset, len(packet)), flags=_WITH_OFFSET_SIZE_FLAGS)
    return box(b"moof", header, box(b"traf", *before, run)) + box(b"mdat", packet)


def _descriptor(tag: int, body: bytes) -> bytes:
    return pack(">BB", tag, len(body)) + body

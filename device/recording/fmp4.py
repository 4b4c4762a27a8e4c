"""Fragmented MP4 without delay: an init segment, then one fragment for each access unit, out at once.

    ftyp moov | moof mdat | moof mdat | …

A fragment has to say how long its frame lasts before the next frame is known. If it guessed, jitter and dropped frames would
leave holes, and Media Source drops everything up to the next keyframe when a frame comes later than twice the duration of
the last. So each frame begins where the last one ended, and ends one frame period after it was captured: there is never
a hole nor an overlap, the clock cannot drift, and a frame is shown early by no more than its own lateness.

Sound, if there is any, is a track of its own: a fragment for each packet, written after the picture that it belongs to, so that
whoever begins at a keyframe finds behind it all that is heard from there on.

Parameter sets go into the init segment as they came; NAL units get lengths instead of start codes; nothing else changes.

Pure: access units in, bytes out. Sources: ISO/IEC 14496-12 (boxes), 14496-15, 5.3.3 (avcC, samples); W3C Media Source
Extensions, "Coded Frame Processing".
"""

import struct
from struct import pack
from typing import Final

from device.camera.protocol import AccessUnit
from device.camera.sps import SPS
from device.hearing.sound import PACKET
from device.recording.boxes import MATRIX, SOUND_CODEC, box, full_box, sound_fragment, sound_track, track
from device.recording.errors import StreamError
from device.recording.h264 import (
    ACCESS_UNIT_DELIMITER,
    PPS,
    ParameterSets,
    nal_type,
    nal_units,
    parameter_sets,
)

TIMESCALE: Final = 90_000

_NOT_IN_SAMPLES: Final = frozenset({SPS, PPS, ACCESS_UNIT_DELIMITER})
_TRACK: Final = 1
_SYNC_SAMPLE: Final = 0x02000000
_DEPENDENT_SAMPLE: Final = 0x01010000
_WITH_OFFSET_DURATION_SIZE_FLAGS: Final = 0x701


class Fragmenter:
    """Turns one clip's access units into fragments.

    Args:
        first: the clip's first access unit, a keyframe with its parameter sets; it becomes time zero. It is only looked at:
            pass it to ``fragment`` as well.
        frame_us: time from one frame to the next when nothing is late.
        has_sound: whether there is a track of sound beside the picture.

    Raises:
        StreamError: decoding cannot begin with ``first``.
    """

    def __init__(self, first: AccessUnit, frame_us: int, *, has_sound: bool = False) -> None:
        if not first.keyframe:
            raise StreamError(
                "a clip cannot begin between keyframes", hint="wait for the camera's next keyframe"
            )
        self._sets = parameter_sets(first.data)
        self._zero_us = first.at_us
        self._frame_us = frame_us
        self._has_sound = has_sound
        self._end_90k = 0
        self._sounds = 0
        self._sequence = 0

    @property
    def codec(self) -> str:
        """The stream's name for browsers, such as ``avc1.42c01f``, or ``avc1.42c01f,mp4a.40.2`` with sound."""
        return f"{self._sets.codec},{SOUND_CODEC}" if self._has_sound else self._sets.codec

    @property
    def duration_90k(self) -> int:
        """Where the last fragment ends."""
        return self._end_90k

    def init_segment(self) -> bytes:
        """Return ftyp and moov.

        Raises:
            StreamError: the parameter sets are longer, or the picture is larger, than a box can say.
        """
        try:
            return init_segment(self._sets, has_sound=self._has_sound)
        except struct.error as error:
            raise StreamError(
                f"no clip can hold a picture of {self._sets.width_px}x{self._sets.height_px} with these parameter sets",
                hint="the camera's stream is broken; restart it",
            ) from error

    def fragment(self, unit: AccessUnit) -> bytes:
        """Return moof and mdat of the next access unit.

        Raises:
            StreamError: it brings other parameter sets than the first (the camera restarted), or comes more than 13 hours
                after the one before, which no box can say: begin another clip.
        """
        sample = bytearray()
        for nal in nal_units(unit.data):
            kind = nal_type(nal)
            if (kind == SPS and nal != self._sets.sps) or (kind == PPS and nal != self._sets.pps):
                raise StreamError(
                    "the camera's parameter sets changed within a clip", hint="begin another clip"
                )
            if kind not in _NOT_IN_SAMPLES:
                sample += pack(">I", len(nal)) + nal
        begin_90k = self._end_90k
        end_90k = max(begin_90k + 1, (unit.at_us - self._zero_us + self._frame_us) * 9 // 100)
        try:
            moof = _moof(self._sequence + 1, begin_90k, end_90k - begin_90k, len(sample), unit.keyframe)
        except struct.error as error:
            raise StreamError(
                f"a frame came {(end_90k - begin_90k) / TIMESCALE:,.0f} s after the one before",
                hint="begin another clip",
            ) from error
        self._end_90k, self._sequence = end_90k, self._sequence + 1
        return moof + pack(">I4s", len(sample) + 8, b"mdat") + sample

    def sound(self, packet: bytes) -> bytes:
        """Return moof and mdat of the next packet of sound, which begins where the last one ended."""
        begin = self._sounds * PACKET
        self._sounds, self._sequence = self._sounds + 1, self._sequence + 1
        return sound_fragment(self._sequence, begin, packet)


def init_segment(sets: ParameterSets, *, has_sound: bool = False) -> bytes:
    """Return ftyp and moov of a stream with these parameter sets, and with a track of sound if it has one."""
    avcc = pack(">BBBBBB", 1, *sets.sps[1:4], 0xFF, 0xE1) + pack(">H", len(sets.sps)) + sets.sps
    avcc += pack(">BH", 1, len(sets.pps)) + sets.pps
    entry = box(
        b"avc1",
        bytes(6) + pack(">H", 1) + bytes(16),
        pack(">HHII", sets.width_px, sets.height_px, 0x480000, 0x480000),  # 72 dpi, as the standard wants
        bytes(4) + pack(">H", 1) + bytes(32) + pack(">Hh", 24, -1),
        box(b"avcC", avcc),
    )
    media = (b"vide", full_box(b"vmhd", bytes(8), flags=1), entry)
    size = pack(">II", sets.width_px << 16, sets.height_px << 16)
    tracks = track(_TRACK, media, timescale=TIMESCALE, size=size, volume=0)
    extends = full_box(b"trex", pack(">IIIII", _TRACK, 1, 0, 0, 0))
    if has_sound:
        heard, heard_extends = sound_track()
        tracks, extends = tracks + heard, extends + heard_extends
    movie = (
        pack(">IIIIIH", 0, 0, 1000, 0, 0x10000, 0x100)
        + bytes(10)
        + MATRIX
        + bytes(24)
        + pack(">I", _TRACK + 1 + has_sound)
    )
    moov = box(b"moov", full_box(b"mvhd", movie), tracks, box(b"mvex", extends))
    return box(b"ftyp", b"iso5", pack(">I", 512), b"iso5iso6mp41") + moov


def _moof(sequence: int, begin_90k: int, duration_90k: int, size_bytes: int, keyframe: bool) -> bytes:
    run = pack(">II", duration_90k, size_bytes) + pack(">I", _SYNC_SAMPLE if keyframe else _DEPENDENT_SAMPLE)
    before = (
        full_box(b"tfhd", pack(">I", _TRACK), flags=0x20000),  # offsets count from this moof
        full_box(b"tfdt", pack(">Q", begin_90k), version=1),
    )
    header = full_box(b"mfhd", pack(">I", sequence))
    # 8 each: moof's and traf's heads; 32: this trun; 8: mdat's head, after which the sample stands
    offset = 8 + len(header) + 8 + sum(map(len, before)) + 32 + 8
    trun = full_box(b"trun", pack(">II", 1, offset), run, flags=_WITH_OFFSET_DURATION_SIZE_FLAGS)
    return box(b"moof", header, box(b"traf", *before, trun))

"""The sequence parameter set of H.264: read as far as its usability information, and written anew where that makes browsers wait.

A decoder that is not told how many pictures may come out of order assumes as many as the level allows, and fills that buffer
before it shows the first: 250 ms to 1.7 s of a live picture. No encoder of ours reorders, and ``at_once`` has the stream say so.
Nothing else of the stream changes: not its profile, level, cropping, colours or timing.

Source: ITU-T H.264, 7.3.2.1.1 (SPS), 7.4.1.1 (emulation prevention), 9.1 (Exp-Golomb), Annex B, E.1 (VUI, HRD).
"""

import re
from dataclasses import dataclass
from typing import Final

from device.camera.errors import CameraError

SPS: Final = 7
_WITH_CHROMA_FORMAT: Final = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
"""Profiles whose SPS says more before the picture's size (7.3.2.1.1)."""
_EXTENDED_SAR: Final = 255
_NOTHING_SAID: Final = "0" * 8
"""Flags of shape, scan, signal, chroma, timing, either HRD and picture structure."""
_LONGEST_VECTOR_LOG2: Final = 15
"""In quarters of a pixel: the most that every edition of the standard allows."""
_UNIT: Final = re.compile(rb"(?<=\x00\x00\x01)[\x07\x27\x47\x67].+?(?=\x00\x00[\x00\x01]|\Z)", re.DOTALL)
"""An SPS behind its start code, whatever its importance; three zeros end it too (7.4.1.1)."""


def at_once(access_unit: bytes) -> bytes:
    """Return the access unit with an SPS that says that no picture comes out of order; as it was where it says so already.

    Args:
        access_unit: Annex B, of an encoder without B-pictures.

    Raises:
        CameraError: its SPS cannot be read.
    """
    return _UNIT.sub(lambda unit: without_reordering(unit[0]), access_unit)


def without_reordering(sps: bytes) -> bytes:
    """Return the SPS, one NAL unit without start code, with ``max_num_reorder_frames`` 0 and no larger buffer than it refers to.

    Raises:
        CameraError: it ends too soon.
    """
    try:
        head = read_head(sps)
        vui, restricted = _usability(head.bits) if head.bits.take(1) else (_NOTHING_SAID, False)
        if restricted and _restriction(head.bits) == (0, head.reference_frames):
            return sps
    except IndexError as error:
        raise CameraError(
            "the SPS ends too soon", hint="the camera's stream is broken; restart it"
        ) from error
    bits = head.bits.before(head.vui_at) + "1" + vui + "1" + "1"  # restriction, vectors over boundaries
    limits = (0, 0, _LONGEST_VECTOR_LOG2, _LONGEST_VECTOR_LOG2, 0, head.reference_frames)
    bits += "".join(map(_unsigned, limits)) + "1"
    bits += "0" * (-len(bits) % 8)
    return sps[:1] + _escaped(int(bits, 2).to_bytes(len(bits) // 8, "big"))


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the usability information.

    Attributes:
        width_px: of the picture, cropping applied.
        height_px: likewise.
        reference_frames: how many decoded pictures later ones may refer to.
        bits: stands at ``vui_parameters_present_flag``.
        vui_at: its place in bits.
    """

    width_px: int
    height_px: int
    reference_frames: int
    bits: "Bits"
    vui_at: int


def read_head(sps: bytes) -> Head:
    """Return what an SPS, one NAL unit without start code, says before its usability information.

    Raises:
        IndexError: it ends too soon.
    """
    bits = Bits(sps[1:].replace(b"\0\0\3", b"\0\0"))
    profile = bits.take(8)
    bits.take(16)  # constraint flags, level
    bits.unsigned()  # seq_parameter_set_id
    chroma_format = 1
    if profile in _WITH_CHROMA_FORMAT:
        chroma_format = bits.unsigned()
        if chroma_format == 3:
            bits.take(1)  # separate_colour_plane_flag
        bits.unsigned(), bits.unsigned(), bits.take(1)  # bit depths, qpprime_y_zero_transform_bypass_flag
        if bits.take(1):
            _skip_scaling_lists(bits, 12 if chroma_format == 3 else 8)
    bits.unsigned()  # log2_max_frame_num_minus4
    order = bits.unsigned()
    if order == 0:
        bits.unsigned()  # log2_max_pic_order_cnt_lsb_minus4
    elif order == 1:
        bits.take(1), bits.unsigned(), bits.unsigned()  # delta_pic_order_always_zero_flag, two offsets
        for _ in range(bits.unsigned()):
            bits.unsigned()  # offset_for_ref_frame
    reference_frames = bits.unsigned()
    bits.take(1)  # gaps_in_frame_num_value_allowed_flag
    width_px, map_units = 16 * (bits.unsigned() + 1), bits.unsigned() + 1
    frames_only = bits.take(1)
    if not frames_only:
        bits.take(1)  # mb_adaptive_frame_field_flag
    bits.take(1)  # direct_8x8_inference_flag
    height_px = 16 * map_units * (2 - frames_only)
    if bits.take(1):
        left, right, top, bottom = (bits.unsigned() for _ in range(4))
        width_px -= (left + right) * (2 if chroma_format in (1, 2) else 1)
        height_px -= (top + bottom) * (2 if chroma_format == 1 else 1) * (2 - frames_only)
    return Head(width_px, height_px, reference_frames, bits, bits.at)


def _skip_scaling_lists(bits: "Bits", count: int) -> None:
    for i in range(count):
        if not bits.take(1):
            continue
        last = step = 8
        for _ in range(16 if i < 6 else 64):
            if step:
                step = (last + bits.signed()) % 256
            last = step or last


class Bits:
    """Reads an RBSP bit by bit; raises IndexError at its end."""

    def __init__(self, rbsp: bytes) -> None:
        self._rbsp = rbsp
        self.at = 0

    def take(self, count: int) -> int:
        """Return the next ``count`` bits as a number."""
        value = 0
        for _ in range(count):
            value = value << 1 | (self._rbsp[self.at >> 3] >> (7 - (self.at & 7)) & 1)
            self.at += 1
        return value

    def unsigned(self) -> int:
        """Return the next ue(v)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """Return the next se(v)."""
        code = self.unsigned()
        return (code + 1) // 2 if code & 1 else -(code // 2)

    def before(self, place: int, start: int = 0) -> str:
        """Return the bits from ``start`` to ``place``, a letter each."""
        return "".join(str(self._rbsp[at >> 3] >> (7 - (at & 7)) & 1) for at in range(start, place))


def _usability(bits: Bits) -> tuple[str, bool]:
    """Return the usability information up to ``bitstream_restriction_flag``, a letter each bit, and that flag."""
    start = bits.at
    if bits.take(1) and bits.take(8) == _EXTENDED_SAR:
        bits.take(32)  # sar_width, sar_height
    if bits.take(1):
        bits.take(1)  # overscan_appropriate_flag
    if bits.take(1):
        bits.take(4)  # video_format, video_full_range_flag
        if bits.take(1):
            bits.take(24)  # colour primaries, transfer, matrix
    if bits.take(1):
        bits.unsigned(), bits.unsigned()  # chroma_sample_loc_type of either field
    if bits.take(1):
        bits.take(65)  # num_units_in_tick, time_scale, fixed_frame_rate_flag
    buffered = False
    for _ in ("nal", "vcl"):
        if bits.take(1):
            _skip_hrd(bits)
            buffered = True
    if buffered:
        bits.take(1)  # low_delay_hrd_flag
    bits.take(1)  # pic_struct_present_flag
    return bits.before(bits.at, start), bool(bits.take(1))


def _skip_hrd(bits: Bits) -> None:
    count = bits.unsigned() + 1
    bits.take(8)  # bit_rate_scale, cpb_size_scale
    for _ in range(count):
        bits.unsigned(), bits.unsigned(), bits.take(1)  # bit rate, buffer size, cbr_flag
    bits.take(20)  # lengths of delays and of the time offset


def _restriction(bits: Bits) -> tuple[int, int]:
    """Return ``max_num_reorder_frames`` and ``max_dec_frame_buffering``."""
    bits.take(1)  # motion_vectors_over_pic_boundaries_flag
    for _ in range(4):
        bits.unsigned()  # bytes of a picture, bits of a macroblock, lengths of vectors
    return bits.unsigned(), bits.unsigned()


def _unsigned(number: int) -> str:
    """Return ue(v)."""
    code = f"{number + 1:b}"
    return "0" * (len(code) - 1) + code


def _escaped(rbsp: bytes) -> bytes:
    """Return the RBSP with a 3 after two zeros wherever a byte up to 3 follows."""
    return re.sub(rb"\x00\x00(?=[\x00-\x03])", b"\0\0\3", rbsp)

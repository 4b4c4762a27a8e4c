"""What a clip must know of H.264: where NAL units begin, and what the parameter sets say. Nothing is ever rewritten.

Annex B puts 00 00 01 before each NAL unit; trailing zeros belong to no unit. The size of the picture stands in the SPS behind
exponential-Golomb codes, so a few of them are read on the way.

Source: ITU-T H.264, 7.3.1 (NAL unit), 7.3.2.1.1 (SPS), 7.4.1.1 (emulation prevention), 9.1 (Exp-Golomb), Annex B.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from device.recording.errors import StreamError

IDR: Final = 5
SPS: Final = 7
PPS: Final = 8
ACCESS_UNIT_DELIMITER: Final = 9

_START_CODE: Final = b"\0\0\1"
_WITH_CHROMA_FORMAT: Final = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
"""Profiles whose SPS says more before the picture's size (7.3.2.1.1)."""


def nal_units(annex_b: bytes) -> Iterator[bytes]:
    """Yield each NAL unit without its start code; what stands before the first start code is skipped."""
    start = annex_b.find(_START_CODE)
    while start >= 0:
        following = annex_b.find(_START_CODE, start + 3)
        unit = annex_b[start + 3 : following if following >= 0 else len(annex_b)].rstrip(b"\0")
        if unit:
            yield unit
        start = following


def nal_type(unit: bytes) -> int:
    """Return the unit's type, 0 to 31."""
    return unit[0] & 0x1F


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """What a decoder needs before the first picture.

    Attributes:
        sps: sequence parameter set, one NAL unit without start code.
        pps: picture parameter set, likewise.
        width_px: of the picture, cropping applied.
        height_px: likewise.
    """

    sps: bytes
    pps: bytes
    width_px: int
    height_px: int

    @property
    def codec(self) -> str:
        """The stream's name for browsers, such as ``avc1.42c01f`` (RFC 6381, 3.3)."""
        return f"avc1.{self.sps[1:4].hex()}"


def parameter_sets(annex_b: bytes) -> ParameterSets:
    """Return the parameter sets that a keyframe brings.

    Raises:
        StreamError: it brings no SPS, no PPS or no IDR picture, or its SPS cannot be read.
    """
    units = {nal_type(unit): unit for unit in nal_units(annex_b)}
    for kind, name in ((SPS, "SPS"), (PPS, "PPS"), (IDR, "IDR picture")):
        if kind not in units:
            raise StreamError(
                f"the first access unit has no {name}",
                hint="let the encoder repeat its headers at each keyframe",
            )
    try:
        width_px, height_px = picture_size(units[SPS])
    except IndexError as error:
        raise StreamError(
            "the SPS ends too soon", hint="the camera's stream is broken; restart it"
        ) from error
    return ParameterSets(units[SPS], units[PPS], width_px, height_px)


def picture_size(sps: bytes) -> tuple[int, int]:
    """Return width and height in pixels.

    Raises:
        IndexError: the SPS ends too soon.
    """
    bits = _Bits(sps[4:].replace(b"\0\0\3", b"\0\0"))
    bits.unsigned()  # seq_parameter_set_id
    chroma_format = 1
    if sps[1] in _WITH_CHROMA_FORMAT:
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
    bits.unsigned(), bits.take(1)  # max_num_ref_frames, gaps_in_frame_num_value_allowed_flag
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
    return width_px, height_px


def _skip_scaling_lists(bits: "_Bits", count: int) -> None:
    for i in range(count):
        if not bits.take(1):
            continue
        last = step = 8
        for _ in range(16 if i < 6 else 64):
            if step:
                step = (last + bits.signed()) % 256
            last = step or last


class _Bits:
    """Reads an RBSP bit by bit; raises IndexError at its end."""

    def __init__(self, rbsp: bytes) -> None:
        self._rbsp = rbsp
        self._at = 0

    def take(self, count: int) -> int:
        value = 0
        for _ in range(count):
            value = value << 1 | (self._rbsp[self._at >> 3] >> (7 - (self._at & 7)) & 1)
            self._at += 1
        return value

    def unsigned(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        code = self.unsigned()
        return (code + 1) // 2 if code & 1 else -(code // 2)

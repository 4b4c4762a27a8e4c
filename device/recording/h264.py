"""What a clip must know of H.264: where NAL units begin, and what the parameter sets say. Nothing is ever rewritten.

Annex B puts 00 00 01 before each NAL unit; trailing zeros belong to no unit. The size of the picture stands in the SPS, which
``device.camera.sps`` reads.

Source: ITU-T H.264, 7.3.1 (NAL unit), Annex B.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from device.camera.sps import SPS, read_head
from device.recording.errors import StreamError

IDR: Final = 5
PPS: Final = 8
ACCESS_UNIT_DELIMITER: Final = 9

_START_CODE: Final = b"\0\0\1"


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
        head = read_head(units[SPS])
    except IndexError as error:
        raise StreamError(
            "the SPS ends too soon", hint="the camera's stream is broken; restart it"
        ) from error
    return ParameterSets(units[SPS], units[PPS], head.width_px, head.height_px)

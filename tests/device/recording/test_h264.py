import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.recording.errors import StreamError
from device.recording.h264 import nal_type, nal_units, parameter_sets

nal = st.binary(min_size=1, max_size=40).filter(
    lambda b: b"\0\0\0" not in b and b"\0\0\1" not in b and b"\0\0\2" not in b and b[-1] != 0
)


@given(st.lists(st.tuples(nal, st.booleans(), st.integers(0, 3))))
def test_units_come_out_as_they_went_in_whatever_the_start_codes_and_zeros(units):
    stream = b"".join(
        (b"\0\0\0\1" if long else b"\0\0\1") + unit + bytes(zeros) for unit, long, zeros in units
    )
    assert list(nal_units(stream)) == [unit for unit, _, _ in units]


@given(st.binary(max_size=200))
def test_any_bytes_are_parameter_sets_or_refused(data):
    for stream in (data, b"\0\0\1\x67" + data + b"\0\0\1\x68\x01\0\0\1\x65\x01"):
        try:
            parameter_sets(stream)
        except StreamError as refused:
            assert refused.hint


def encode(
    width: int, height: int, profile: str, pix_fmt: str = "yuv420p", interlaced: bool = False
) -> bytes:
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt, codec.time_base = width, height, pix_fmt, 1
    codec.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": profile,
        "x264-params": f"annexb=1:repeat-headers=1:interlaced={int(interlaced)}",
    }
    frame = av.VideoFrame.from_ndarray(np.zeros((height, width, 3), np.uint8), "rgb24").reformat(
        format=pix_fmt
    )
    return b"".join(bytes(packet) for packet in codec.encode(frame))


@pytest.mark.parametrize("profile", ["baseline", "main", "high"])
@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080), (320, 180), (338, 190)])
def test_the_size_of_a_picture_is_read_from_the_sps(profile, width, height):
    sets = parameter_sets(encode(width, height, profile))
    assert (sets.width_px, sets.height_px) == (width, height)
    assert sets.codec == "avc1." + sets.sps[1:4].hex()


@pytest.mark.parametrize(("profile", "pix_fmt"), [("high422", "yuv422p"), ("high444", "yuv444p")])
def test_cropping_counts_in_the_units_of_the_chroma_format(profile, pix_fmt):
    sets = parameter_sets(encode(338, 190, profile, pix_fmt))
    assert (sets.width_px, sets.height_px) == (338, 190)


def test_an_interlaced_picture_is_as_high_as_both_its_fields():
    sets = parameter_sets(encode(320, 180, "high", interlaced=True))
    assert (sets.width_px, sets.height_px) == (320, 180)


def test_an_sps_cut_anywhere_is_refused_or_read():
    sps = parameter_sets(encode(338, 190, "high")).sps
    refused = 0
    for length in range(1, len(sps) + 1):
        try:
            sets = parameter_sets(b"\0\0\1" + sps[:length] + b"\0\0\1\x68\x01\0\0\1\x65\x01")
        except StreamError as error:
            assert "ends too soon" in str(error)
            refused += 1
        else:
            assert (sets.width_px, sets.height_px) == (338, 190)
    assert refused > 6


def test_a_type_is_the_low_five_bits():
    assert nal_type(b"\x67") == 7


def test_an_empty_stream_has_no_units():
    assert list(nal_units(b"")) == []

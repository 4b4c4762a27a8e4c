from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.camera.encoder import Encoder
from device.camera.errors import CameraError
from device.camera.protocol import VideoFormat
from device.camera.sps import SPS, at_once, read_head, without_reordering
from device.recording.h264 import nal_type, nal_units

PICTURES = 20


def film(**options: str) -> list[bytes]:
    """Return access units of x264 without B-pictures; the Pi's encoder gives high profile at level 4.1 or 4.0."""
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = 320, 180, "yuv420p"
    codec.time_base, codec.framerate, codec.max_b_frames = Fraction(1, 15), Fraction(15), 0
    codec.options = {"tune": "zerolatency", "preset": "fast", **options}
    codec.open()
    units = []
    for number in range(PICTURES):
        picture = av.VideoFrame.from_ndarray(np.full((270, 320), 16 + number * 8, np.uint8), "yuv420p")
        picture.pts = number
        units += [bytes(packet) for packet in codec.encode(picture)]
    return units


def sps_of(unit: bytes) -> bytes:
    return next(nal for nal in nal_units(unit) if nal_type(nal) == SPS)


def bare(sps: bytes) -> bytes:
    """Return the SPS without its usability information, as the Pi's encoder may give it."""
    head = read_head(sps)
    bits = head.bits.before(head.vui_at) + "01"
    bits += "0" * (-len(bits) % 8)
    body = int(bits, 2).to_bytes(len(bits) // 8, "big")
    assert b"\0\0\1" not in body
    return sps[:1] + body


def waits(units: list[bytes]) -> int:
    """Return after how many access units a decoder that believes the standard shows its first picture."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.options = {"strict": "1"}
    decoder.thread_count = 1
    for number, unit in enumerate(units):
        if decoder.decode(av.Packet(unit)):
            return number
    return len(units)


FORMS = [
    {"profile": "high", "level": "4.1"},
    {"profile": "high", "level": "4.0"},
    {"profile": "main", "level": "3.1"},
    {"profile": "baseline", "level": "3.1"},
    {
        "profile": "high",
        "x264-params": "nal-hrd=vbr:vbv-maxrate=900:vbv-bufsize=450:sar=300/200:overscan=crop",
    },
]


@pytest.mark.parametrize("form", FORMS)
def test_a_stream_whose_parameters_say_nothing_is_shown_at_once(form):
    units = film(**form)
    whole = sps_of(units[0])
    stripped = [unit.replace(whole, bare(whole)) for unit in units]
    assert waits([at_once(unit) for unit in stripped]) == 0
    if form["profile"] != "baseline":
        assert waits(stripped) > 2  # the fault that is mended


@pytest.mark.parametrize("form", FORMS)
def test_nothing_but_the_order_of_pictures_is_said_anew(form):
    whole = sps_of(film(**form)[0])
    for sps in (whole, bare(whole)):
        mended = without_reordering(sps)
        before, after = read_head(sps), read_head(mended)
        assert mended[:4] == sps[:4]
        assert (after.width_px, after.height_px, after.reference_frames, after.vui_at) == (
            before.width_px,
            before.height_px,
            before.reference_frames,
            before.vui_at,
        )
        assert without_reordering(mended) == mended


def test_pictures_are_decoded_as_they_were():
    def decoded(units):
        decoder = av.CodecContext.create("h264", "r")
        found = [frame for unit in units for frame in decoder.decode(av.Packet(unit))]
        return [frame.to_ndarray() for frame in found + decoder.decode(None)]

    units = film(profile="high")
    whole = sps_of(units[0])
    mended = [at_once(unit.replace(whole, bare(whole))) for unit in units]
    assert np.array_equal(decoded(units), decoded(mended))


def test_our_own_encoder_s_stream_is_shown_at_once():
    encoder = Encoder(VideoFormat(320, 192, 10))
    picture = np.full((288, 320), 90, np.uint8)
    units = [encoder.encode(picture, number * 100_000).data for number in range(12)]
    assert waits(units) == 0
    assert at_once(units[0]) == units[0]


def test_an_access_unit_without_parameters_stays_as_it_is():
    unit = film(profile="high")[1]
    assert at_once(unit) == unit


@given(st.integers(0, 40))
def test_parameters_that_end_too_soon_are_said(cut):
    whole = sps_of(UNITS[0])
    if cut >= len(whole) - 1:
        return
    try:
        mended = without_reordering(whole[:cut] or b"\x67")
    except CameraError as error:
        assert "ends too soon" in str(error)
    else:
        assert read_head(mended).width_px == 320


UNITS = film(profile="high", level="4.1")

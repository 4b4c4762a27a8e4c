import io
from collections.abc import Sequence
from dataclasses import replace
from struct import unpack_from

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.camera.protocol import AccessUnit
from device.recording.errors import StreamError
from device.recording.fmp4 import Fragmenter
from device.recording.h264 import nal_units, parameter_sets

FRAME_US = 100_000


def clip(units: Sequence[AccessUnit]) -> bytes:
    fragmenter = Fragmenter(units[0], FRAME_US)
    return fragmenter.init_segment() + b"".join(fragmenter.fragment(unit) for unit in units)


def boxes(data: bytes) -> list[tuple[str, bytes]]:
    found, at = [], 0
    while at < len(data):
        size, kind = unpack_from(">I4s", data, at)
        found.append((kind.decode(), data[at + 8 : at + size]))
        at += size
    return found


def span_90k(fragment: bytes) -> tuple[int, int]:
    """Return begin and end of a fragment."""
    traf = dict(boxes(dict(boxes(dict(boxes(fragment))["moof"]))["traf"]))
    begin = unpack_from(">Q", traf["tfdt"], 4)[0]
    return begin, begin + unpack_from(">I", traf["trun"], 12)[0]


def test_ffmpeg_decodes_every_frame_at_its_time(access_units):
    with av.open(io.BytesIO(clip(access_units))) as movie:
        stream = movie.streams.video[0]
        assert (stream.width, stream.height, stream.time_base.denominator) == (320, 192, 90_000)
        frames = list(movie.decode(stream))
    assert [frame.pts for frame in frames] == [i * 9000 for i in range(25)]
    greys = [round(frame.to_ndarray()[:192].mean()) for frame in frames]
    assert greys == pytest.approx([16 + i * 8 for i in range(25)], abs=1)


def test_a_clip_cut_after_any_fragment_plays_up_to_there(access_units):
    whole = clip(access_units)
    kept = sum(len(body) + 8 for _, body in boxes(whole)[: 2 + 2 * 7])
    with av.open(io.BytesIO(whole[: kept + 20])) as movie:
        assert sum(1 for _ in movie.decode(video=0)) == 7


def test_a_fragment_is_one_moof_and_one_mdat(access_units):
    fragmenter = Fragmenter(access_units[0], FRAME_US)
    assert [kind for kind, _ in boxes(fragmenter.init_segment())] == ["ftyp", "moov"]
    assert [kind for kind, _ in boxes(fragmenter.fragment(access_units[0]))] == ["moof", "mdat"]


def test_samples_hold_the_camera_s_own_nal_units_and_no_parameter_sets(access_units):
    body = dict(boxes(Fragmenter(access_units[0], FRAME_US).fragment(access_units[0])))["mdat"]
    lengths = b"".join(
        len(nal).to_bytes(4) + nal for nal in nal_units(access_units[0].data) if nal[0] & 31 not in (7, 8)
    )
    assert body == lengths
    assert parameter_sets(access_units[0].data).sps not in body


def test_the_codec_is_what_the_sps_says(access_units):
    fragmenter = Fragmenter(access_units[0], FRAME_US)
    assert fragmenter.codec == f"avc1.{parameter_sets(access_units[0].data).sps[1:4].hex()}"
    assert fragmenter.codec.startswith("avc1.42c0")


def test_a_clip_cannot_begin_between_keyframes(access_units):
    with pytest.raises(StreamError, match="between keyframes"):
        Fragmenter(access_units[1], FRAME_US)


def test_a_keyframe_without_parameter_sets_is_refused(access_units):
    bare = b"".join(b"\0\0\1" + nal for nal in nal_units(access_units[0].data) if nal[0] & 31 != 8)
    with pytest.raises(StreamError, match="no PPS") as refused:
        Fragmenter(replace(access_units[0], data=bare), FRAME_US)
    assert "repeat its headers" in refused.value.hint


def test_other_parameter_sets_within_a_clip_are_refused(access_units):
    fragmenter = Fragmenter(access_units[0], FRAME_US)
    fragmenter.fragment(access_units[0])
    sps = parameter_sets(access_units[0].data).sps
    other = access_units[10].data.replace(sps, sps[:-1] + b"\x55")
    with pytest.raises(StreamError, match="changed"):
        fragmenter.fragment(replace(access_units[10], data=other))


def test_a_frame_that_comes_too_late_for_any_box_is_refused_and_the_next_one_fits(access_units):
    first = access_units[0]
    fragmenter = Fragmenter(first, FRAME_US)
    fragmenter.fragment(first)
    fits_us = (2**32 - 1) * 100 // 9
    with pytest.raises(StreamError, match="s after the one before"):
        fragmenter.fragment(replace(first, at_us=first.at_us + fits_us + FRAME_US))
    assert span_90k(fragmenter.fragment(replace(first, at_us=first.at_us + FRAME_US))) == (9_000, 18_000)
    fragmenter.fragment(replace(first, at_us=first.at_us + fits_us - FRAME_US))


def test_parameter_sets_too_long_for_any_box_are_refused(access_units):
    sets = parameter_sets(access_units[0].data)
    long = access_units[0].data.replace(sets.pps, sets.pps + b"\x55" * 65_536)
    with pytest.raises(StreamError, match="no clip can hold"):
        Fragmenter(replace(access_units[0], data=long), FRAME_US).init_segment()


def test_a_late_frame_leaves_no_hole(access_units):
    fragmenter = Fragmenter(access_units[0], FRAME_US)
    late = replace(access_units[1], at_us=access_units[0].at_us + 1_000_000)
    assert span_90k(fragmenter.fragment(access_units[0])) == (0, 9_000)
    assert span_90k(fragmenter.fragment(late)) == (9_000, 99_000)
    assert fragmenter.duration_90k == 99_000


@given(lateness=st.lists(st.integers(1, 3_000_000), max_size=40))
def test_fragments_touch_and_never_drift_whatever_the_jitter(access_units, lateness):
    first = access_units[0]
    fragmenter = Fragmenter(first, FRAME_US)
    end_90k, at_us = 0, first.at_us
    for later_us in (0, *lateness):
        at_us += later_us
        before_90k = end_90k
        begin_90k, end_90k = span_90k(fragmenter.fragment(replace(first, at_us=at_us)))
        assert begin_90k == before_90k < end_90k
        assert 0 <= end_90k - (at_us - first.at_us + FRAME_US) * 9 // 100 <= 1 + len(lateness)

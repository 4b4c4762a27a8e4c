import av
import numpy as np
from av.video.reformatter import Colorspace

from device.camera.encoder import MAX_BITS_PER_S, Encoder
from device.camera.protocol import AccessUnit, VideoFormat
from device.recording.h264 import nal_type, nal_units, parameter_sets

SMALL = VideoFormat(320, 192, 10)


def encode(video: VideoFormat, pictures) -> list[AccessUnit]:
    encoder = Encoder(video)
    return [encoder.encode(picture, number * video.frame_us) for number, picture in enumerate(pictures)]


def noise(video: VideoFormat, count: int):
    dice = np.random.default_rng(1)
    for _ in range(count):
        yield dice.integers(16, 235, (video.height_px * 3 // 2, video.width_px), np.uint8)


def test_each_picture_gives_its_access_unit_at_once():
    units = encode(SMALL, noise(SMALL, 25))
    assert [unit.at_us for unit in units] == [number * 100_000 for number in range(25)]
    assert all(unit.data for unit in units)


def test_a_keyframe_comes_each_second_and_brings_its_parameter_sets():
    units = encode(SMALL, noise(SMALL, 31))
    assert [number for number, unit in enumerate(units) if unit.keyframe] == [0, 10, 20, 30]
    for unit in units:
        types = {nal_type(nal) for nal in nal_units(unit.data)}
        assert ({5, 7, 8} <= types) == unit.keyframe


def test_there_is_one_slice_per_picture_and_its_profile_is_constrained_baseline():
    units = encode(SMALL, noise(SMALL, 3))
    assert all(sum(nal_type(nal) in (1, 5) for nal in nal_units(unit.data)) == 1 for unit in units)
    assert parameter_sets(units[0].data).codec.startswith("avc1.42c0")


def test_what_is_decoded_is_what_was_seen():
    ramp = np.tile(np.linspace(20, 230, 320, dtype=np.uint8), (288, 1))
    units = encode(SMALL, [ramp] * 3)
    decoder = av.CodecContext.create("h264", "r")
    frames = [frame for unit in units for frame in decoder.decode(av.Packet(unit.data))]
    frames += decoder.decode(None)
    assert len(frames) == 3
    assert np.abs(frames[2].to_ndarray()[:192].astype(int) - ramp[:192]).mean() < 2
    assert frames[0].colorspace == Colorspace.ITU709


def test_noise_stays_under_the_ceiling():
    video = VideoFormat(640, 368, 10)
    units = encode(video, noise(video, 40))
    ceiling = MAX_BITS_PER_S * 640 * 368 // (1280 * 720)
    bits_per_s = sum(len(unit.data) for unit in units[10:]) * 8 / 3
    assert bits_per_s < 1.25 * ceiling

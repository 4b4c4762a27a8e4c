"""What the bench of live reads from a picture is when it was drawn, also behind an encoder; beside it nothing is changed."""

import av
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext

from bench.live import stamp
from device.camera.encoder import Encoder
from device.camera.protocol import VideoFormat

VIDEO = VideoFormat(1280, 720, 15)


@pytest.mark.parametrize("moment_ms", [1_795_000_123_456, 0xFFFFF, 0])
def test_the_moment_outlives_the_encoder(moment_ms: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamp.time, "time_ns", lambda: moment_ms * 1_000_000)
    picture = np.random.default_rng(1).integers(0, 255, (1080, 1280), np.uint8)
    before = picture.copy()
    stamp.put(picture)
    wide = stamp.BITS * stamp.BLOCK_PX
    assert np.array_equal(picture[:720, wide:], before[:720, wide:])
    assert np.array_equal(picture[stamp.BLOCK_PX : 720], before[stamp.BLOCK_PX : 720])
    unit = Encoder(VIDEO).encode(picture, 0)
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, VideoCodecContext)
    shown = [*decoder.decode(av.Packet(unit.data)), *decoder.decode(None)][0].to_ndarray(format="gray")
    middle = stamp.BLOCK_PX // 2
    bits = shown[middle, middle : wide : stamp.BLOCK_PX] > 128
    assert int("".join("01"[bit] for bit in bits.astype(int)), 2) == moment_ms % (1 << stamp.BITS)

"""Films of every form, whole, cut or none: each is played, or a sentence says why not."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from device.camera.errors import CameraError
from device.camera.film import Film
from device.camera.protocol import VideoFormat
from device.camera.replay import Replay
from tests.device.camera.test_film import FPS, SIX_S, corner, record, times_of


def test_what_is_no_whole_film_is_said(tmp_path: Path) -> None:
    whole = record(tmp_path / "whole.mp4", 30).read_bytes()
    sound = tmp_path / "sound.mp4"
    with av.open(str(sound), "w") as container:
        stream = container.add_stream("aac", rate=48_000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.float32), "fltp", "mono")
        silence.sample_rate = 48_000
        container.mux(stream.encode(silence))
        container.mux(stream.encode())
    said = {
        b"": "it is empty",
        whole[: len(whole) // 2]: "its recorder was cut off",
        b"no film \x00" * 500: "it is no video",
        sound.read_bytes(): "holds no video",
    }
    for data, words in said.items():
        (tmp_path / "film.mp4").write_bytes(data)
        with pytest.raises(CameraError, match=words):
            Film(tmp_path / "film.mp4")


@pytest.mark.parametrize("ending", [".ts", ".h264"])
def test_a_film_that_was_cut_is_played_up_to_there(tmp_path: Path, ending: str) -> None:
    path = record(tmp_path / f"cut{ending}")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    assert 20 < len(times_of(path)) < SIX_S


@pytest.mark.parametrize(
    ("codec", "form", "size", "options"),
    [
        ("libx264", "yuv420p10le", (160, 96), {}),
        ("libx264", "yuv444p", (161, 97), {}),
        ("libx264", "yuv420p", (160, 96), {"bf": "3"}),
        ("libx264", "yuv420p", (160, 96), {"x264-params": "interlaced=1"}),
        ("ffv1", "yuv420p", (2, 2), {}),
    ],
    ids=["ten_bits", "odd_size", "b_frames", "interlaced", "tiny"],
)
@pytest.mark.parametrize("begin", [0, 10**9, -500])
def test_each_form_of_picture_is_played_whole_wherever_its_times_begin(
    tmp_path: Path, codec: str, form: str, size: tuple[int, int], options: dict[str, str], begin: int
) -> None:
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = *size, form
        base = stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for number in range(30):
            frame = av.VideoFrame.from_ndarray(corner(number), "yuv420p").reformat(*size, format=form)
            frame.pts, frame.time_base = begin + number * 1000 // FPS, base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    replay = Replay(path, VideoFormat(160, 96, FPS), realtime=False)
    shown = list(replay.frames())
    replay.close()
    assert (len(shown), replay.left_out) == (pytest.approx(30, abs=1), 0)


def test_times_in_whole_seconds_are_seconds(tmp_path: Path) -> None:
    times = [number * 1000 for number in range(10)]
    assert times_of(record(tmp_path / "slow.mkv", 10, times=times)) == times

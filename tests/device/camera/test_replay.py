from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from device.camera.errors import CameraError
from device.camera.protocol import VideoFormat
from device.camera.replay import Replay

SMALL = VideoFormat(320, 192, 10)


def film(path: Path, fps: int, greys: list[int], size: tuple[int, int] = (160, 96)) -> Path:
    """Write a file with one grey per picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"bf": "0", "crf": "5"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.time_base = Fraction(1, fps)
        for number, grey in enumerate(greys):
            i420 = np.full((size[1] * 3 // 2, size[0]), 128, np.uint8)
            i420[: size[1]] = grey
            frame = av.VideoFrame.from_ndarray(i420, "yuv420p")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def seen(replay: Replay) -> list[tuple[int, int]]:
    """Return time and grey of each picture."""
    return [(frame.at_us, round(frame.i420[:192].mean())) for frame in replay.frames()]


def test_a_file_at_the_camera_s_rate_comes_frame_by_frame(tmp_path):
    greys = [40, 80, 120, 160, 200]
    replay = Replay(film(tmp_path / "a.mp4", 10, greys), SMALL, realtime=False)
    got = seen(replay)
    replay.close()
    assert [at_us for at_us, _ in got] == [0, 100_000, 200_000, 300_000, 400_000]
    assert [grey for _, grey in got] == pytest.approx(greys, abs=2)


def test_a_faster_file_loses_pictures_and_keeps_its_pace(tmp_path):
    replay = Replay(film(tmp_path / "a.mp4", 30, [20 + i * 5 for i in range(31)]), SMALL, realtime=False)
    got = seen(replay)
    replay.close()
    assert len(got) == 11
    assert [grey for _, grey in got] == pytest.approx([20 + 15 * i for i in range(11)], abs=6)


def test_a_slower_file_shows_pictures_longer(tmp_path):
    replay = Replay(film(tmp_path / "a.mp4", 5, [40, 80, 120]), SMALL, realtime=False)
    got = seen(replay)
    replay.close()
    assert [grey for _, grey in got] == pytest.approx([40, 40, 80, 80, 120], abs=2)


def test_a_picture_is_brought_to_the_camera_s_size(tmp_path):
    replay = Replay(film(tmp_path / "a.mp4", 10, [90], size=(338, 190)), SMALL, realtime=False)
    shapes = [frame.i420.shape for frame in replay.frames()]
    replay.close()
    assert shapes == [(288, 320)]


def test_stopping_ends_the_pictures(tmp_path):
    replay = Replay(film(tmp_path / "a.mp4", 10, [40] * 50), SMALL, realtime=True)
    frames = replay.frames()
    next(frames)
    replay.stop()
    assert len(list(frames)) <= 1
    replay.close()


def test_a_missing_file_is_said_with_its_name(tmp_path):
    with pytest.raises(CameraError, match=r"gone\.mp4: cannot be played: No such file") as refused:
        Replay(tmp_path / "gone.mp4", SMALL)
    assert isinstance(refused.value, OSError)
    assert "FFmpeg" in refused.value.hint


def test_a_file_that_is_no_video_is_said_with_its_name(tmp_path):
    (tmp_path / "letter.txt").write_text("dear door\n" * 100)
    with pytest.raises(CameraError, match=r"letter\.txt"):
        Replay(tmp_path / "letter.txt", SMALL)


def test_a_file_with_sound_alone_holds_no_video(tmp_path):
    path = tmp_path / "song.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), layout="mono")
        sound.sample_rate = 8000
        container.mux(stream.encode(sound))
    with pytest.raises(CameraError, match="holds no video"):
        Replay(path, SMALL)


def test_a_video_without_one_picture_is_said(tmp_path):
    path = film(tmp_path / "a.mkv", 10, [40] * 30)
    whole = path.read_bytes()
    cluster = whole.index(b"\x1f\x43\xb6\x75")
    path.write_bytes(whole[: cluster + 20])
    replay = Replay(path, SMALL, realtime=False)
    with pytest.raises(CameraError, match="no picture in it can be decoded"):
        list(replay.frames())
    replay.close()

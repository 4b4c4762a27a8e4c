"""Video files as other cameras and recorders write them: each is played as what it is, and as nothing but a file."""

import socket
import struct
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from device.camera.errors import CameraError
from device.camera.film import Film, Times
from device.camera.protocol import VideoFormat
from device.camera.replay import Replay

FPS = 15
SIX_S = 6 * FPS
FORMATS = {
    ".h264": "libx264",
    ".hevc": "libx265",
    ".mjpeg": "mjpeg",
    ".mp4": "libx264",
    ".ts": "libx264",
    ".mkv": "libx264",
}


def record(
    path: Path, count: int = SIX_S, *, begin: int = 0, codec: str = "", times: list[int] | None = None
) -> Path:
    """Write a film, white in its left top corner; ``times`` are of each picture, in milliseconds."""
    codec = codec or FORMATS[path.suffix]
    options = (
        {"x265-params": "log-level=none"} if codec == "libx265" else {"bf": "0"} if codec == "libx264" else {}
    )
    kind = {".h264": "h264", ".hevc": "hevc", ".mjpeg": "mjpeg"}.get(path.suffix)
    with av.open(str(path), "w", format=kind) as container:
        stream = container.add_stream(codec, rate=FPS, options=options)
        stream.width, stream.height = 160, 96
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        # A stream without a container has its rate in its own head, and no times.
        base = Fraction(1, FPS if kind else 1000)
        stream.time_base = stream.codec_context.time_base = base
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(corner(number), "yuv420p").reformat(format=stream.pix_fmt)
            frame.pts = number if kind else times[number] if times else begin + number * 1000 // FPS
            frame.time_base = base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def corner(number: int) -> np.ndarray:
    i420 = np.full((144, 160), 128, np.uint8)
    i420[:96] = 40 + number % 8
    i420[:40, :40] = 235
    return i420


def times_of(path: Path) -> list[int]:
    """Return the time of each picture in milliseconds."""
    film = Film(path)
    try:
        return [round(at_us / 1000) for at_us, _ in film.pictures()]
    finally:
        film.close()


@pytest.mark.parametrize("ending", [".h264", ".hevc"])
def test_an_elementary_stream_without_times_keeps_the_pace_of_its_own_rate(
    tmp_path: Path, ending: str
) -> None:
    times = times_of(record(tmp_path / f"pi{ending}"))
    assert len(times) == SIX_S
    assert times[-1] == pytest.approx((SIX_S - 1) * 1000 / FPS, abs=20)


def test_a_stream_of_jpegs_that_tells_no_rate_is_played_whole(tmp_path: Path) -> None:
    assert len(times_of(record(tmp_path / "camera.mjpeg"))) == SIX_S


@pytest.mark.parametrize(
    ("first", "second"),
    [(0, 0), (0, 3_600_000), (3_600_000, 0), (95_440_000, 0)],
    ids=["back", "ahead", "far_back", "wraps"],
)
@pytest.mark.parametrize("ending", [".ts", ".h264"])
def test_each_of_two_joined_recordings_counts_whole(
    tmp_path: Path, ending: str, first: int, second: int
) -> None:
    parts = [
        record(tmp_path / f"{name}{ending}", begin=begin) for name, begin in (("a", first), ("b", second))
    ]
    joined = tmp_path / f"joined{ending}"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    replay = Replay(joined, VideoFormat(160, 96, FPS), realtime=False)
    at_us = [frame.at_us for frame in replay.frames()]
    replay.close()
    assert len(at_us) == pytest.approx(2 * SIX_S, abs=2), "neither left out nor drawn out"
    assert at_us[-1] == pytest.approx(12_000_000, abs=300_000)


def test_a_container_whose_times_jump_is_played_on_quickly(tmp_path: Path) -> None:
    times = [number * 66 for number in range(SIX_S)] + [7_200_000 + number * 66 for number in range(SIX_S)]
    got = times_of(record(tmp_path / "jump.mkv", 2 * SIX_S, times=times))
    assert len(got) == 2 * SIX_S
    assert got[-1] == pytest.approx(12_000, abs=200)


def test_the_pauses_of_a_variable_rate_stay_what_they_are(tmp_path: Path) -> None:
    times = [0, 66, 132, 3_132, 3_198, 9_000, 9_066]
    assert times_of(record(tmp_path / "variable.mkv", len(times), times=times)) == times


def test_times_go_on_whatever_is_told() -> None:
    times = Times(40)
    told = [None, None, 10, 50, 50, 20, 60, None, 10**12, 10**12 + 40, 0]
    assert [times.next_us(one) for one in told] == [0, 40, 80, 120, 120, 160, 200, 240, 280, 320, 360]


MATRICES = {
    "90": (0, 1, -1, 0), "180": (-1, 0, 0, -1), "270": (0, -1, 1, 0), "mirrored": (-1, 0, 0, 1), "upside_down": (1, 0, 0, -1),
    "mirrored_and_90": (0, 1, 1, 0), "mirrored_and_270": (0, -1, -1, 0), "askew": (1, 1, -1, 1),
}  # fmt: skip  # read as a table
CORNERS = {
    "90": (False, True), "180": (True, True), "270": (True, False), "mirrored": (False, True), "upside_down": (True, False),
    "mirrored_and_90": (False, False), "mirrored_and_270": (True, True), "askew": (False, False),
}  # fmt: skip  # whether the white corner is at the bottom, and at the right


@pytest.mark.parametrize("name", MATRICES)
def test_a_picture_stands_as_its_container_says(tmp_path: Path, name: str) -> None:
    path = record(tmp_path / "phone.mp4", 3)
    data = bytearray(path.read_bytes())
    a, b, c, d = (number * 0x10000 for number in MATRICES[name])
    matrix = data.index(b"tkhd") + 4 + 40
    struct.pack_into(">9i", data, matrix, a, b, 0, c, d, 0, 0, 0, 0x40000000)
    path.write_bytes(data)
    film = Film(path)
    _, picture = next(film.pictures())
    seen = picture.to_ndarray(format="gray")
    film.close()
    assert seen.shape == ((160, 96) if MATRICES[name][0] == 0 else (96, 160))
    bottom, right = CORNERS[name]
    assert seen[-10 if bottom else 10, -10 if right else 10] > 200
    assert (seen > 200).sum() == pytest.approx(1600, rel=0.1)


def test_the_film_is_played_and_not_the_still_picture_before_it(tmp_path: Path) -> None:
    path = tmp_path / "cover.mkv"
    with av.open(str(path), "w") as container:
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 320, 240, "yuvj420p"
        stream = container.add_stream("libx264", rate=FPS, options={"bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        container.mux(
            cover.encode(
                av.VideoFrame.from_ndarray(np.full((360, 320), 90, np.uint8), "yuv420p").reformat(
                    format="yuvj420p"
                )
            )
        )
        container.mux(cover.encode())
        for number in range(30):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(corner(number), "yuv420p")))
        container.mux(stream.encode())
    assert len(times_of(path)) == 30


def test_broken_pictures_are_left_out_and_the_film_goes_on(tmp_path: Path) -> None:
    whole = record(tmp_path / "whole.mkv", codec="mjpeg")
    broken = tmp_path / "broken.mkv"
    with av.open(str(whole)) as source, av.open(str(broken), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(packet for packet in source.demux(video=0) if packet.size):
            if number in (0, 20, 21, 22, 60):
                spoiled = av.Packet(b"\xff\xd8 no picture")
                spoiled.pts, spoiled.dts, spoiled.time_base = packet.pts, packet.dts, packet.time_base
                packet = spoiled
            packet.stream = stream
            target.mux(packet)
    film = Film(broken)
    got = [round(at_us / 1000) for at_us, _ in film.pictures()]
    film.close()
    assert (len(got), film.left_out) == (85, 5)
    assert got[-1] == pytest.approx(88 * 1000 / FPS, abs=70), "time goes on where a picture is left out"


@pytest.mark.parametrize(
    "name", ["10:15:00.mp4", "data:x.mp4", "http:x.mp4", "concat:a|b.mp4", "%03d.mp4", "-.mp4", "pipe:0.mp4"]
)
def test_a_name_like_an_address_is_a_name(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    record(tmp_path / "film.mp4", 5).rename(tmp_path / name)
    assert len(times_of(Path(name))) == 5


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A port that somebody may be led to, and what came to it."""
    came: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                came.append(connection.recv(100))
                connection.close()

        threading.Thread(target=listen, daemon=True).start()
        yield server.getsockname()[1], came
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("kind", ["m3u8", "mpd", "ffconcat", "sdp"])
def test_nothing_in_a_file_leads_to_another_file_or_the_network(
    tmp_path: Path, kind: str, listener: tuple[int, list[bytes]]
) -> None:
    port, came = listener
    secret = record(tmp_path / "secret.ts", 5)
    address = f"http://127.0.0.1:{port}/a.ts"
    text = {
        "m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{address}\n#EXTINF:5,\n{secret}\n#EXT-X-ENDLIST\n",
        "mpd": f'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT5S">'
        f'<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>{address}</BaseURL>'
        "</Representation></AdaptationSet></Period></MPD>",
        "ffconcat": f"ffconcat version 1.0\nfile {secret.name}\nfile '{address}'\n",
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    }[kind]
    (tmp_path / f"list.{kind}").write_text(text)
    with pytest.raises(CameraError, match=r"cannot be|holds no video|no picture"):
        list(Replay(tmp_path / f"list.{kind}", VideoFormat(160, 96, FPS), realtime=False).frames())
    assert came == []


def test_a_pipe_or_a_device_is_no_file(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.mp4")
    for path in (tmp_path / "pipe.mp4", Path("/dev/zero")):
        with pytest.raises(CameraError, match="it is no file"):
            Film(path)


def test_pictures_that_change_their_size_are_each_brought_to_one(tmp_path: Path) -> None:
    small, large = record(tmp_path / "a.h264", 10), tmp_path / "b.h264"
    with av.open(str(large), "w", format="h264") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 322, 182, "yuv420p"
        for _ in range(10):
            container.mux(
                stream.encode(av.VideoFrame.from_ndarray(np.full((273, 322), 100, np.uint8), "yuv420p"))
            )
        container.mux(stream.encode())
    both = tmp_path / "both.h264"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    replay = Replay(both, VideoFormat(160, 96, FPS), realtime=False)
    shapes = {frame.i420.shape for frame in replay.frames()}
    replay.close()
    assert shapes == {(144, 160)}

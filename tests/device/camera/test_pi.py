import sys
from itertools import islice

import numpy as np
import pytest

from device.camera.encoder import Encoder
from device.camera.errors import CameraError, EncoderError
from device.camera.layout import Layout
from device.camera.painter import Painter
from device.camera.pi import PICTURES_WAITING, WAITING, PiCamera
from device.camera.picamera import Connected, has_encoder
from device.camera.protocol import AccessUnit, Luma, Turned, VideoFormat
from device.camera.sources import open_camera
from device.contract.settings import Settings
from device.sight.masks import Masks
from tests.support.fake_picamera import install

VIDEO = VideoFormat(640, 360, 15)
MASK = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))
MASKED = Settings(masks=(MASK,))


@pytest.fixture
def fake(monkeypatch):
    return install(monkeypatch)


def begun(fake, settings=MASKED, *, hardware=False, silent_s=5.0):
    """Return the camera, the stream of what it captures, and the fake behind it, which has given a first picture."""
    painter = Painter(VIDEO, settings)
    camera = PiCamera(Connected(0), VIDEO, painter, hardware=hardware, silent_s=silent_s)
    device = fake.opened[-1]
    device.start = lambda show_preview: device.capture(200, 1_000_000)
    return camera, camera.captured(), device, painter


def main_picture(device):
    return Layout("YUV420", 640, 360, 640 + device.padding).read(device.buffers["main"])


def keyframe():
    return Encoder(VIDEO).encode(np.full((540, 640), 90, np.uint8), 0).data


def test_a_picture_is_painted_where_the_camera_put_it_before_any_encoder_sees_it(fake):
    camera, stream, device, _ = begun(fake, hardware=True)
    luma = next(stream)
    assert Masks((MASK,), 360, 640).intact(main_picture(device))
    assert main_picture(device)[200, 400] == 200
    assert Masks((MASK,), 180, 320).intact(luma.i420)
    assert luma.plane[100, 200] == 200
    assert luma.at_us == 1_000_000
    camera.close()


def test_without_the_pi_s_encoder_each_picture_becomes_an_access_unit_of_its_own_time(fake):
    camera, stream, device, _ = begun(fake)
    luma, unit = islice(stream, 2)
    device.capture(90, 1_066_666)
    _, following = islice(stream, 2)
    assert isinstance(luma, Luma)
    assert (unit.keyframe, unit.at_us) == (True, 1_000_000)
    assert (following.keyframe, following.at_us) == (False, 1_066_666)
    camera.close()


def test_new_settings_are_painted_from_their_first_picture_on_and_begin_with_a_keyframe(fake):
    camera, stream, device, painter = begun(fake, Settings())
    list(islice(stream, 2))
    privacy = Settings(privacy=True)
    painter.turn(privacy)
    device.capture(200, 1_066_666)
    turned, luma, unit = islice(stream, 3)
    assert turned == Turned(privacy, 1_066_666)
    assert (luma.plane == 16).all()
    assert unit.keyframe
    camera.close()


def test_what_the_pi_s_encoder_gives_under_older_settings_is_left_out_up_to_a_keyframe(fake):
    camera, stream, device, painter = begun(fake, Settings(), hardware=True)
    next(stream)
    device.encoder.firsttimestamp = 1_000_000
    key = keyframe()
    device.output.outputframe(key, True, 0)
    assert next(stream).at_us == 1_000_000
    painter.turn(Settings(privacy=True))
    device.capture(200, 1_066_666)
    device.output.outputframe(key, True, 0)
    device.output.outputframe(b"\0\0\0\1\x41late", False, 66_666)
    device.output.outputframe(key, True, 133_333)
    assert [type(item) for item in islice(stream, 2)] == [Turned, Luma]
    assert next(stream).at_us == 1_133_333
    camera.close()


def test_who_does_not_keep_up_loses_pictures_and_nobody_waits(fake):
    camera, stream, device, _ = begun(fake)
    next(stream)
    for number in range(100):
        device.capture(90, 1_066_666 + number * 66_666)
    camera_items = list(islice(stream, WAITING - 1))
    assert sum(isinstance(item, AccessUnit) for item in camera_items) == PICTURES_WAITING
    camera.close()


def test_a_computer_that_does_not_keep_up_is_said_and_encodes_fewer_pictures_on_purpose(fake):
    said = []
    painter = Painter(VIDEO, Settings())
    camera = PiCamera(Connected(0), VIDEO, painter, hardware=False, slower=lambda: said.append(True))
    device = fake.opened[-1]
    stream = camera.captured()
    device.start = lambda show_preview: [device.capture(90, 1 + number * 66_666) for number in range(30)]
    next(stream)
    assert len(said) == 2
    while camera._waiting:
        next(stream)
    units = 0
    for number in range(30, 48):
        device.capture(90, 1 + number * 66_666)
        while camera._waiting:
            units += isinstance(next(stream), AccessUnit)
    assert units == 6, "one of three, evenly"
    camera.close()


def test_with_its_own_encoder_left_alone_a_pi_goes_on_with_x264_at_a_lower_rate(fake, monkeypatch):
    monkeypatch.setattr("device.camera.picamera.has_encoder", lambda: True)
    own, other = open_camera("pi", VIDEO), open_camera("pi", VIDEO, software=True)
    assert (own.video.fps, own._hardware) == (15, True)
    assert (other.video.fps, other._hardware) == (10, False)


def test_an_encoded_stream_that_lost_a_unit_goes_on_at_a_keyframe(fake):
    camera, stream, device, _ = begun(fake, hardware=True)
    next(stream)
    key = keyframe()
    for number in range(WAITING + 1):
        device.output.outputframe(key if number == 0 else b"\0\0\0\1\x41x", number == 0, number)
    list(islice(stream, WAITING))
    device.output.outputframe(b"\0\0\0\1\x41x", False, 100)
    device.output.outputframe(key, True, 101)
    assert next(stream).at_us == 101
    camera.close()


def test_a_picture_that_cannot_be_painted_is_blanked_and_ends_the_camera_without_raising_in_its_thread(
    fake, monkeypatch
):
    camera, stream, device, painter = begun(fake)
    list(islice(stream, 2))
    monkeypatch.setattr(painter, "paint", lambda *_: 1 / 0)
    device.capture(200, 1_066_666)
    assert not device.buffers["main"].any()
    with pytest.raises(CameraError, match="cannot be used"):
        next(stream)
    device.capture(200, 1_133_333)
    assert not device.buffers["main"].any()
    camera.close()
    assert device.called == ["cancel_all_and_flush", "detach_preview", "stop", "close"]


def test_a_camera_that_falls_silent_is_said_and_let_go_of(fake):
    camera, stream, device, _ = begun(fake, silent_s=0.01)
    list(islice(stream, 2))
    with pytest.raises(CameraError, match="has been silent"):
        next(stream)
    camera.close()
    assert device.called[-1] == "close"


def test_an_encoder_that_falls_silent_while_the_camera_goes_on_is_said(fake):
    camera, stream, device, _ = begun(fake, hardware=True)
    next(stream)
    device.capture(90, 7_000_000)
    with pytest.raises(EncoderError, match="the encoder has been silent"):
        next(stream)
    camera.close()


def test_a_camera_that_fails_at_each_step_of_its_end_is_closed_all_the_same(fake):
    camera, stream, device, _ = begun(fake)
    next(stream)
    closed = []
    device.stop = lambda: 1 / 0
    device.close = lambda: closed.append(True)
    camera.close()
    assert closed


def test_a_camera_that_is_not_there_is_said_with_how_many_there_are(fake, monkeypatch):
    with pytest.raises(CameraError, match="no camera pi:3: 1 connected"):
        open_camera("pi:3", VIDEO)
    monkeypatch.setattr(fake, "found", 0)
    with pytest.raises(CameraError, match="no camera pi:0: none is connected"):
        open_camera("pi", VIDEO)


def test_without_picamera2_the_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(CameraError) as refused:
        open_camera("pi", VIDEO)
    assert "python3-picamera2" in refused.value.hint


def test_a_picture_that_no_mask_could_be_painted_in_is_refused_and_the_camera_let_go_of(fake, monkeypatch):
    monkeypatch.setattr(fake, "pixel_format", "MJPEG")
    with pytest.raises(CameraError, match="cannot be masked"):
        open_camera("pi", VIDEO)
    assert fake.opened[-1].called[-1] == "close"


def test_a_camera_that_hangs_upside_down_is_turned_by_its_sensor(fake):
    camera = open_camera("pi", VIDEO, rotation=180)
    assert fake.opened[-1].wanted["transform"] == {"hflip": 1, "vflip": 1}
    assert fake.opened[-1].wanted["buffer_count"] <= 4
    camera.close()


@pytest.mark.parametrize("kind", ["YUV420", "NV12"])
def test_a_picture_survives_its_way_through_a_padded_buffer(kind):
    layout = Layout(kind, 64, 32, 96)
    picture = np.random.default_rng(3).integers(0, 255, (48, 64), np.uint8)
    buffer = np.full(96 * 48 + 100, 7, np.uint8)
    layout.write(picture, buffer)
    assert np.array_equal(layout.read(buffer), picture)
    assert (buffer[: 96 * 32].reshape(32, 96)[:, 64:] == 7).all()


def test_only_a_computer_with_the_pi_s_encoder_is_taken_for_one(tmp_path):
    assert not has_encoder(tmp_path)
    for number, name in enumerate(("pispbe-config", "bcm2835-codec-encode")):
        folder = tmp_path / f"video{number}"
        folder.mkdir()
        (folder / "name").write_text(name)
        assert has_encoder(tmp_path) == (number == 1)

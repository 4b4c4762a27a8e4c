"""Masked pixels never exist: not in the stream, not in the small picture, not after a change, not in privacy."""

import io
from itertools import takewhile

import av
import numpy as np
import pytest

from device.camera.errors import CameraError
from device.camera.painter import Painter
from device.camera.protocol import AccessUnit, Captured, Luma, Turned, VideoFormat
from device.camera.sources import open_camera
from device.contract.settings import Settings

VIDEO = VideoFormat(640, 368, 15)
LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
MASKED = Settings(masks=(LEFT,))


def captured(painter: Painter, seconds: float = 1.0) -> list[Captured]:
    camera = open_camera("scene", VIDEO, painter, realtime=False)
    items = list(takewhile(lambda item: item.at_us < seconds * 1e6, camera.captured()))
    camera.stop()
    camera.close()
    return items


def decoded(items: list[Captured]) -> list[np.ndarray]:
    stream = b"".join(item.data for item in items if isinstance(item, AccessUnit))
    with av.open(io.BytesIO(stream), format="h264") as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


def test_masked_pixels_are_constant_in_the_stream_and_in_the_small_picture() -> None:
    items = captured(Painter(VIDEO, MASKED))
    for picture in decoded(items):
        assert np.ptp(picture[:, :300]) <= 2, "black, but for what the codec rounds"
        assert np.ptp(picture[:, 340:]) > 50
    for item in items:
        if isinstance(item, Luma):
            assert (item.plane[:, :159] == 16).all()
            assert np.ptp(item.plane[:, 170:]) > 50


def test_without_masks_nothing_is_hidden() -> None:
    picture = decoded(captured(Painter(VIDEO, Settings())))[0]
    assert np.ptp(picture[:, :300]) > 50


def test_privacy_hides_everything() -> None:
    for picture in decoded(captured(Painter(VIDEO, Settings(privacy=True)))):
        assert np.ptp(picture) <= 2


def test_other_settings_count_from_a_keyframe_on_and_are_told_before_it() -> None:
    painter = Painter(VIDEO, Settings())
    camera = open_camera("scene", VIDEO, painter, realtime=False)
    items: list[Captured] = []
    for item in camera.captured():
        items.append(item)
        if item.at_us > 500_000 and not any(isinstance(each, Turned) for each in items):
            painter.turn(MASKED)
        if item.at_us > 1_000_000:
            camera.stop()
    camera.close()
    place = next(number for number, item in enumerate(items) if isinstance(item, Turned))
    assert items[place] == Turned(MASKED, items[place].at_us)
    after = items[place + 1 :]
    first = next(item for item in after if isinstance(item, AccessUnit))
    assert first.keyframe
    assert first.at_us == items[place].at_us
    assert all((item.plane[:, :159] == 16).all() for item in after if isinstance(item, Luma))


def test_a_mask_that_does_not_hold_ends_the_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails closed: better no picture than the neighbours' window."""
    painter = Painter(VIDEO, MASKED)
    monkeypatch.setattr(painter._masks, "paint", lambda _: None)
    with pytest.raises(CameraError, match="do not hold"):
        captured(painter)


def picture() -> np.ndarray:
    return np.full((VIDEO.height_px * 3 // 2, VIDEO.width_px), 99, np.uint8)


@pytest.mark.parametrize("plane", [0, 1, 2])
def test_a_mask_that_gives_way_later_ends_the_camera_within_a_second_and_stays_ended(plane: int) -> None:
    """One pixel is enough: what is painted by is not what is asked."""
    painter = Painter(VIDEO, MASKED)
    painter.paint(picture(), 0)
    _, hidden = painter._masks._hidden[plane]
    hidden[50, 50] = False
    refused = 0
    for number in range(1, 40):
        try:
            painter.paint(picture(), number * 100_000)
        except CameraError:
            refused += 1
        else:
            assert refused == 0, "a picture passed after one was refused"
    assert refused >= 30


def test_a_mask_that_is_mended_lets_pictures_pass_again() -> None:
    painter = Painter(VIDEO, MASKED)
    _, hidden = painter._masks._hidden[0]
    hidden[50, 50] = False
    with pytest.raises(CameraError):
        painter.paint(picture(), 0)
    hidden[50, 50] = True
    painter.paint(picture(), 1)


def test_a_clock_that_goes_back_has_the_next_picture_looked_at() -> None:
    painter = Painter(VIDEO, MASKED)
    painter.paint(picture(), 5_000_000)
    painter._masks._hidden[0][1][50, 50] = False
    with pytest.raises(CameraError):
        painter.paint(picture(), 4_999_999)


@pytest.mark.parametrize("plane", [0, 1, 2])
def test_privacy_is_looked_at_too(plane: int, monkeypatch: pytest.MonkeyPatch) -> None:
    painter = Painter(VIDEO, Settings(privacy=True))
    real, asked = painter._planes, 0

    def spared(i420: np.ndarray) -> tuple[np.ndarray, ...]:
        nonlocal asked
        asked += 1
        parts = list(real(i420))
        if asked == 1:
            parts[plane] = parts[plane].copy()  # painted beside the picture
        return tuple(parts)

    monkeypatch.setattr(painter, "_planes", spared)
    with pytest.raises(CameraError, match="do not hold"):
        painter.paint(picture(), 0)

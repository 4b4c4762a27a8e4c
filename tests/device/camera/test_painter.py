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

"""A door that finds no camera when it starts goes on without one; whoever starts it by hand is told instead."""

import logging
from pathlib import Path

import pytest

from device.camera.absent import first
from device.camera.errors import CameraError
from device.camera.protocol import Camera, VideoFormat
from device.door.light import Light, LightError
from device.host.systemd import Systemd

VIDEO = VideoFormat(640, 368, 15)
GONE = CameraError("no camera: /dev/video0 is not there", hint="plug it in")


def gone() -> Camera:
    raise GONE


def test_under_a_service_manager_it_fails_once_it_is_asked_for_pictures_and_is_opened_again_then() -> None:
    camera = first(gone, VIDEO, waits=Systemd({"NOTIFY_SOCKET": "@manager"}).listens)
    assert camera.video == VIDEO
    with pytest.raises(CameraError) as told:
        next(camera.captured())
    assert told.value.sentence == "no camera: /dev/video0 is not there; plug it in"
    camera.stop()
    camera.close()


def test_whoever_starts_it_by_hand_is_told_at_once() -> None:
    with pytest.raises(CameraError):
        first(gone, VIDEO, waits=Systemd({}).listens)


def test_a_light_that_is_not_there_is_a_sentence_in_the_journal_and_whoever_would_watch_is_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        light = Light(tmp_path / "brightness")
    [said] = caplog.messages
    assert said.startswith(f"light: {tmp_path}/brightness: the light cannot be switched: No such file")
    assert said.endswith("; name another LED in door.light, or none")
    with pytest.raises(LightError):
        light.switch(on=True)

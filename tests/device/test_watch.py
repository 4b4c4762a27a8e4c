"""What the household set stays set, and whatever goes wrong with it shows less, never more."""

import json
from pathlib import Path

import pytest

from device.camera.protocol import VideoFormat
from device.contract.settings import Quiet, Settings, Zone
from device.watch import FILE, SettingsRefused, Watch

VIDEO = VideoFormat(640, 368, 15)
PATH = ((0.1, 0.1), (0.5, 0.1), (0.5, 0.9), (0.1, 0.9))
SETTINGS = Settings(zones=(Zone("path", PATH),), masks=(PATH,), quiet=(Quiet((0, 1), "22:00", "06:00"),))


def test_nothing_set_means_what_the_configuration_says(tmp_path: Path) -> None:
    assert Watch(tmp_path, SETTINGS, VIDEO).current == SETTINGS
    assert not (tmp_path / FILE).exists()


def test_what_was_set_survives_a_restart_and_stands_above_the_configuration(tmp_path: Path) -> None:
    told: list[Settings] = []
    watch = Watch(tmp_path, Settings(), VIDEO)
    watch.on_set(told.append)
    watch.set(SETTINGS)
    assert told == [SETTINGS]
    assert Watch(tmp_path, Settings(), VIDEO).current == SETTINGS


@pytest.mark.parametrize("content", [b"", b"{", b'{"privacy":"no"}', b'{"zones":[],"extra":1}', b"\xff\xff"])
def test_a_file_that_cannot_be_read_means_privacy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert Watch(tmp_path, Settings(), VIDEO).current == Settings(privacy=True)


def test_a_file_whose_masks_make_no_sense_means_privacy(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps({"masks": [[[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]]]}))
    assert Watch(tmp_path, Settings(), VIDEO).current.privacy


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (Settings(masks=(((0, 0), (1, 0), (1, 1), (0, 1)),)), "cover the whole picture"),
        (Settings(masks=(((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)),)), "crosses itself"),
        (Settings(zones=(Zone("", PATH),)), "cannot be called"),
        (Settings(zones=(Zone("a", PATH), Zone("a", PATH))), "two zones are called"),
        (Settings(zones=(Zone("a", PATH, sensitivity=9),)), "sensitivity"),
        (Settings(zones=(Zone("a", ((0, 0), (1, 0), (1, 1), (0, 1)), ignored=True),)), "count"),
    ],
)
def test_what_cannot_be_meant_so_is_refused_and_changes_nothing(
    tmp_path: Path, settings: Settings, says: str
) -> None:
    watch = Watch(tmp_path, SETTINGS, VIDEO)
    with pytest.raises(SettingsRefused, match=says):
        watch.set(settings)
    assert watch.current == SETTINGS
    assert not (tmp_path / FILE).exists()

"""What the household set stays set, and whatever goes wrong with it shows less, never more."""

import errno
import json
import math
import os
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from device.camera.protocol import VideoFormat
from device.contract.settings import MAX_SETTINGS_BYTES, Quiet, Settings, Zone
from device.disk.durable import write_file
from device.disk.reset import reset
from device.watch.watch import FILE, MARKER, SettingsRefused, Watch

VIDEO = VideoFormat(640, 368, 15)
PATH = ((0.1, 0.1), (0.5, 0.1), (0.5, 0.9), (0.1, 0.9))
ROOF = ((0.6, 0.0), (1.0, 0.0), (1.0, 0.2))
SETTINGS = Settings(zones=(Zone("path", PATH),), masks=(ROOF,), quiet=(Quiet((0, 1), "22:00", "06:00"),))
WHOLE = ((0, 0), (1, 0), (1, 1), (0, 1))
RING = tuple(
    (0.5 + 0.4 * math.cos(turn / 64 * math.tau), 0.5 + 0.4 * math.sin(turn / 64 * math.tau))
    for turn in range(64)
)


def test_nothing_set_means_what_the_configuration_says(tmp_path: Path) -> None:
    watch = Watch(tmp_path, SETTINGS, VIDEO)
    assert (watch.current, watch.trouble) == (SETTINGS, "")
    assert Watch(tmp_path, Settings(), VIDEO).current == Settings(), "and what it says tomorrow"
    assert list(tmp_path.iterdir()) == []


def test_what_was_set_survives_a_restart_and_stands_above_the_configuration(tmp_path: Path) -> None:
    told: list[Settings] = []
    watch = Watch(tmp_path, Settings(), VIDEO)
    watch.on_set(told.append)
    watch.set(SETTINGS)
    assert told == [SETTINGS]
    again = Watch(tmp_path, Settings(), VIDEO)
    assert (again.current, again.trouble) == (SETTINGS, "")


@pytest.mark.parametrize("content", [b"", b"{", b'{"privacy":"no"}', b'{"zones":[],"extra":1}', b"\xff\xff"])
def test_a_file_that_cannot_be_read_means_privacy(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    watch = Watch(tmp_path, Settings(), VIDEO)
    assert watch.current == Settings(privacy=True)
    assert "is damaged" in watch.trouble


def test_a_file_that_the_disk_does_not_give_means_privacy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Watch(tmp_path, Settings(), VIDEO).set(SETTINGS)

    def fails(path: Path, most_bytes: int) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    monkeypatch.setattr("device.watch.watch.read_file", fails)
    watch = Watch(tmp_path, SETTINGS, VIDEO)
    assert watch.current == Settings(privacy=True)
    assert "Input/output error" in watch.trouble


def test_a_file_whose_masks_make_no_sense_means_privacy(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps({"masks": [[[0.1, 0.1], [0.9, 0.9], [0.9, 0.1], [0.1, 0.9]]]}))
    assert Watch(tmp_path, Settings(), VIDEO).current.privacy


def test_a_file_that_is_lost_means_privacy_until_somebody_sets_them_anew(tmp_path: Path) -> None:
    Watch(tmp_path, Settings(), VIDEO).set(SETTINGS)
    (tmp_path / FILE).unlink()
    watch = Watch(tmp_path, Settings(), VIDEO)
    assert watch.current == Settings(privacy=True)
    assert "is gone" in watch.trouble
    watch.set(SETTINGS)
    assert watch.trouble == ""
    again = Watch(tmp_path, Settings(), VIDEO)
    assert (again.current, again.trouble) == (SETTINGS, "")


def test_a_file_from_before_there_was_a_marker_gets_one(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(msgspec.json.encode(SETTINGS))
    assert Watch(tmp_path, Settings(), VIDEO).current == SETTINGS
    (tmp_path / FILE).unlink()
    assert Watch(tmp_path, Settings(), VIDEO).current.privacy


def test_a_marker_that_cannot_be_asked_for_counts_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.stat

    def fails(path: Path, **more: bool) -> os.stat_result:
        if path.name == MARKER:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return real(path, **more)

    monkeypatch.setattr(Path, "stat", fails)
    assert Watch(tmp_path, Settings(), VIDEO).current.privacy


def test_a_disk_that_takes_the_settings_and_not_the_marker_has_taken_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(path: Path, data: bytes) -> None:
        if path.name == MARKER:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        write_file(path, data)

    watch = Watch(tmp_path, Settings(), VIDEO)
    with monkeypatch.context() as full:
        full.setattr("device.watch.watch.write_file", refuses)
        watch.set(SETTINGS)
    assert watch.current == SETTINGS
    assert not (tmp_path / MARKER).exists()
    assert Watch(tmp_path, Settings(), VIDEO).current == SETTINGS
    assert (tmp_path / MARKER).exists()


def test_a_reset_forgets_settings_and_that_there_were_any(tmp_path: Path) -> None:
    Watch(tmp_path, Settings(), VIDEO).set(SETTINGS)
    reset(tmp_path)
    assert Watch(tmp_path, Settings(), VIDEO).current == Settings()


@pytest.mark.parametrize(
    ("settings", "part", "says"),
    [
        (Settings(masks=(WHOLE,)), "masks", "cover the whole picture"),
        (Settings(masks=(((0, 0), (0.97, 0), (0.97, 1), (0, 1)),)), "masks", r"leave 2\.\d% of the picture"),
        (
            Settings(masks=(ROOF, ((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)))),
            "masks[1]",
            "mask 2 crosses itself",
        ),
        (Settings(zones=(Zone("path", PATH),), masks=(PATH,)), "zones", 'leave nothing of the zone "path"'),
        (Settings(zones=(Zone("", PATH),)), "zones[0]", "cannot be called"),
        (Settings(zones=(Zone("a", PATH), Zone("a", PATH))), "zones", "two zones are called"),
        (Settings(zones=(Zone("b", PATH), Zone("a", PATH, sensitivity=9))), "zones[1]", "sensitivity"),
        (Settings(zones=(Zone("a", WHOLE, ignored=True),)), "zones", "count"),
        (Settings(snoozed_until_utc=datetime(2030, 1, 1)), "snoozed_until_utc", "compared"),  # noqa: DTZ001 - what is tried
        (Settings(quiet=(Quiet((0,), "0٣:00", "0x:00"),)), "quiet[0]", "compared"),
        (Settings(zones=tuple(Zone(f"zone {number}", RING) for number in range(6))), "", "384 corners"),
    ],
)
def test_what_cannot_be_meant_so_is_refused_and_changes_nothing(
    tmp_path: Path, settings: Settings, part: str, says: str
) -> None:
    watch = Watch(tmp_path, SETTINGS, VIDEO)
    with pytest.raises(SettingsRefused, match=says) as refused:
        watch.set(settings)
    assert refused.value.part == part
    assert refused.value.hint
    assert watch.current == SETTINGS
    assert not (tmp_path / FILE).exists()


def test_masks_that_leave_some_of_a_zone_and_some_of_the_picture_are_taken(tmp_path: Path) -> None:
    watch = Watch(tmp_path, Settings(), VIDEO)
    most = ((0, 0), (0.9, 0), (0.9, 1), (0, 1))
    watch.set(Settings(zones=(Zone("right", ((0.8, 0), (1, 0), (1, 1), (0.8, 1))),), masks=(most,)))


@pytest.mark.parametrize(
    "text",
    [
        '{"snoozed_until_utc":"2030-01-01T00:00:00"}',
        '{"quiet":[{"days":[0],"from":"0٣:00","to":"04:00"}]}',
        '{"quiet":[{"days":[0],"from":"03:0٣","to":"04:00"}]}',
        '{"quiet":[{"days":[],"from":"03:00","to":"04:00"}]}',
        '{"quiet":[{"days":[0,1,2,3,4,5,6,0],"from":"03:00","to":"04:00"}]}',
        '{"quiet":[{"days":[0],"from":"24:00","to":"04:00"}]}',
    ],
)
def test_times_that_no_clock_shows_are_not_even_read(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=Settings)


def test_the_longest_settings_are_those_that_fit_into_a_message(tmp_path: Path) -> None:
    """That a command with so many bytes fits is held in tests/device/watch/test_setting.py."""
    watch = Watch(tmp_path, Settings(), VIDEO)
    for corners in range(30, 65):
        zone = Zone("a" * 40, RING[:corners])
        settings = Settings(zones=(zone, *(Zone(f"zone {number}", RING) for number in range(3))))
        fits = len(msgspec.json.encode(settings)) <= MAX_SETTINGS_BYTES
        if fits:
            watch.set(settings)
        else:
            with pytest.raises(SettingsRefused, match="fit into one message"):
                watch.set(settings)

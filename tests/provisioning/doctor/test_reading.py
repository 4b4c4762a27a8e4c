"""Each edge reads what a kernel, a disk, a systemd would tell: drawn as files and programs of this test."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from device.config import Camera, Door
from device.door.errors import DoorError
from device.health.card import read_storage
from provisioning.doctor import mounted
from provisioning.doctor.certificates import NoCertificates, read_ends
from provisioning.doctor.kernel import read_computer
from provisioning.doctor.mounted import (
    button_part,
    camera_part,
    chime_part,
    light_part,
    loudspeaker_part,
    microphone_part,
    relay_part,
)
from provisioning.doctor.parts import Unit
from provisioning.doctor.systemd import read_units

NOW_UTC = datetime(2026, 11, 27, 12, tzinfo=UTC)


def draw(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


PI = {
    "sys/devices/platform/soc/soc:firmware/get_throttled": "50005\n",
    "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "sys/class/thermal/thermal_zone0/temp": "61838\n",
    "proc/swaps": "Filename Type Size Used Priority\n/var/swap file 100 0 -2\n/dev/zram0 partition 9 0 100\n"
    "/dev/zram1 partition 9 0 100\n",
    "sys/block/zram0/backing_dev": "none\n",
    "sys/block/zram1/backing_dev": "/dev/loop0\n",
    "proc/42/status": "Name:\tpython3\nVmLck:\t  557004 kB\n",
    "proc/net/wireless": "Inter-| sta\n face | tus\n wlan0: 0000   58.  -52.  -256 0 0 0 0 0 0\n",
    "sys/class/net/lo/operstate": "unknown\n",
    "sys/class/net/eth0/operstate": "down\n",
    "sys/class/net/wlan0/operstate": "up\n",
    "run/systemd/timesync/synchronized": "",
}


def test_a_pi_tells_of_itself_in_files(tmp_path: Path) -> None:
    told = read_computer(42, NOW_UTC, date(2026, 11, 26), draw(tmp_path, PI))
    assert (told.throttled, told.celsius, told.locked_kib) == (0x50005, 61.838, 557_004)
    assert told.swaps == ("/var/swap", "/dev/loop0 (behind zram1)")
    assert told.networks == {"wlan0": -52.0}
    assert told.is_set is True


def test_a_computer_without_any_of_these_files_says_nothing(tmp_path: Path) -> None:
    told = read_computer(None, NOW_UTC, None, tmp_path)
    assert (told.throttled, told.celsius, told.locked_kib, told.is_set) == (None, None, None, None)
    assert (told.swaps, told.networks) == ((), {})


def test_what_a_kernel_file_says_in_another_way_is_not_guessed(tmp_path: Path) -> None:
    name = "sys/devices/platform/soc/soc:firmware/get_throttled"
    assert read_computer(None, NOW_UTC, None, draw(tmp_path, {name: "what?\n"})).throttled is None
    (tmp_path / "run/systemd/timesync").mkdir(parents=True)
    assert read_computer(None, NOW_UTC, None, tmp_path).is_set is False


def test_a_spool_is_counted_by_its_days_and_a_disk_tells_of_errors(tmp_path: Path) -> None:
    state = tmp_path / "state"
    draw(
        state / "spool",
        {
            "2026-11-20/000001/clip.mp4.age": "x" * 100,
            "2026-11-23/000002/clip.mp4.age": "x" * 50,
            "2026-11-25/000003/event": "no film",
            "9999-99-99/000004/clip.mp4.age": "no day",
            "recording/000005/clip.mp4.age": "runs",
        },
    )
    number = state.stat().st_dev
    place = tmp_path / "sys/devices/mmc/block/mmcblk0/mmcblk0p2"
    place.mkdir(parents=True)
    link = tmp_path / f"sys/dev/block/{os.major(number)}:{os.minor(number)}"
    link.parent.mkdir(parents=True)
    link.symlink_to(place)
    draw(
        tmp_path,
        {
            "sys/fs/ext4/mmcblk0p2/errors_count": "7\n",
            "sys/devices/mmc/block/mmcblk0/device/life_time": "0x01 0x0a\n",
        },
    )
    storage, newest_day = read_storage(state, tmp_path)
    assert (storage.used_bytes, storage.days, newest_day) == (150, 4, date(2026, 11, 23))
    assert (storage.errors, storage.worn_tenths, storage.is_read_only) == (7, 10, False)
    assert storage.free_bytes > 0


def test_a_state_without_a_spool_has_no_days(tmp_path: Path) -> None:
    storage, newest_day = read_storage(tmp_path, tmp_path / "nothing")
    assert (storage.used_bytes, storage.days, storage.errors, newest_day) == (0, 0, None, None)


def program(directory: Path, name: str, lines: str) -> None:
    path = directory / name
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(0o755)


def test_systemd_is_asked_for_each_unit_and_its_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    program(
        tmp_path,
        "systemctl",
        'case $2 in *device*) echo "LoadState=loaded"; echo "ActiveState=active"; echo "NRestarts=2";;\n'
        '*) echo "LoadState=not-found"; echo "ActiveState=inactive"; echo "NRestarts=0";; esac',
    )
    program(tmp_path, "systemd-analyze", 'echo "→ Overall exposure level for $2: 0.5 SAFE"')
    assert read_units() == [
        Unit("doorward-device.service", True, "active", 2, 0.5),
        Unit("doorward-server.service", False, "inactive", 0, None),
    ]


def test_a_computer_without_a_systemd_that_answers_has_no_units(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert read_units() is None
    program(tmp_path, "systemctl", "exit 1")
    assert read_units() is None


def test_a_certificate_that_is_none_is_named(tmp_path: Path) -> None:
    assert read_ends(tmp_path, NOW_UTC) == []
    (tmp_path / "leaf-01.pem").write_text("nothing")
    with pytest.raises(NoCertificates, match=r"leaf-01\.pem: cannot be read"):
        read_ends(tmp_path, NOW_UTC)


@pytest.mark.parametrize(
    ("source", "nodes", "trouble"),
    [
        ("usb", [], "there is no camera usb: no /dev/video*"),
        ("usb", ["video0"], ""),
        ("usb:1", ["video0"], "there is no camera usb:1: video0"),
        ("usb:1", ["video0", "video1"], ""),
        ("replay:/nowhere/film.mp4", [], "/nowhere/film.mp4 is not there"),
        ("scene", [], ""),
        ("pi", [], "picamera2 is not installed"),
    ],
)
def test_a_camera_that_is_not_there_is_told_by_what_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, nodes: list[str], trouble: str
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    draw(tmp_path, {f"dev/{name}": "" for name in nodes})
    assert camera_part(Camera(source=source), tmp_path).trouble == trouble


@pytest.mark.parametrize(
    ("source", "trouble"), [("pi", ""), ("pi:0", ""), ("pi:1", "the kernel knows no camera pi:1")]
)
def test_a_pis_cameras_are_the_sensors_that_its_kernel_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, trouble: str
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    names = ["imx708_wide 10-001a", "csi2", "pisp-fe"]
    draw(
        tmp_path,
        {f"sys/class/video4linux/v4l-subdev{number}/name": name for number, name in enumerate(names)},
    )
    assert camera_part(Camera(source=source), tmp_path).trouble == trouble


@pytest.mark.parametrize(
    ("who", "runs", "trouble"),
    [
        ("", False, ""),
        ("", True, "GPIO17: the device runs and does not hold this line"),
        ("doorward", True, ""),
        ("lirc", True, "GPIO17: another program holds this line: lirc"),
        ("lirc", False, "GPIO17: another program holds this line: lirc"),
    ],
)
def test_a_line_belongs_to_the_device_or_to_nobody(
    monkeypatch: pytest.MonkeyPatch, who: str, runs: bool, trouble: str
) -> None:
    monkeypatch.setattr(mounted, "holder", lambda _: who)
    assert button_part(Door(button="GPIO17"), runs=runs).trouble == trouble
    assert relay_part(Door(relay="GPIO17"), runs=runs).trouble == trouble
    assert button_part(Door(), runs=runs).trouble == ""


def test_a_line_that_is_none_says_so_with_its_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(_: str) -> str:
        raise DoorError("GPIO99: no chip has a line of this name", hint="see which there are: gpioinfo")

    monkeypatch.setattr(mounted, "holder", refuses)
    part = button_part(Door(button="GPIO99"), runs=True)
    assert (part.trouble, part.do) == (
        "GPIO99: no chip has a line of this name",
        "see which there are: gpioinfo",
    )


def test_a_clip_that_gives_way_while_the_disk_is_looked_at_is_no_fault_of_it(tmp_path: Path) -> None:
    day = tmp_path / "spool" / "2026-11-27"
    for number in ("000001", "000002"):
        (day / number).mkdir(parents=True)
    (day / "000001" / "clip.mp4.age").symlink_to(tmp_path / "gone")
    (day / "000002" / "clip.mp4.age").write_bytes(bytes(5))
    storage, newest_day = read_storage(tmp_path, tmp_path)
    assert (storage.used_bytes, newest_day) == (5, date(2026, 11, 27))
    gone = Path.lstat

    def gives_way(path: Path) -> os.stat_result:
        if path.name == "clip.mp4.age":
            path.unlink(missing_ok=True)
        return gone(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "lstat", gives_way)
        storage, newest_day = read_storage(tmp_path, tmp_path)
    assert (storage.used_bytes, newest_day) == (0, None)


def test_a_light_is_a_file(tmp_path: Path) -> None:
    brightness = tmp_path / "brightness"
    assert light_part(Door(light=str(brightness))).trouble == f"{brightness} is not there"
    brightness.touch()
    assert light_part(Door(light=str(brightness))).trouble == ""
    assert light_part(Door()).what == ""


def test_a_chime_needs_a_player_a_card_and_a_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    none = tmp_path / "none.wav"
    door = Door(chime=str(none))
    assert chime_part(door, tmp_path).trouble == "aplay is not installed"
    program(tmp_path, "aplay", "exit 0")
    assert chime_part(door, tmp_path).trouble == "this computer has no sound card"
    draw(tmp_path, {"proc/asound/cards": "--- no soundcards ---\n"})
    assert chime_part(door, tmp_path).trouble == "this computer has no sound card"
    draw(tmp_path, {"proc/asound/cards": " 0 [Headphones]: bcm2835\n"})
    assert "none.wav: cannot be read" in chime_part(door, tmp_path).trouble
    assert chime_part(Door(chime="bell"), tmp_path).trouble == ""
    assert chime_part(Door(), tmp_path).what == ""


def test_loudspeaker_and_microphone_need_their_program_and_a_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    door = Door(loudspeaker="default", microphone="default")
    assert loudspeaker_part(door, tmp_path).trouble == "aplay is not installed"
    assert microphone_part(door, tmp_path).trouble == "arecord is not installed"
    for name in ("aplay", "arecord"):
        program(tmp_path, name, "exit 0")
    draw(tmp_path, {"proc/asound/cards": "--- no soundcards ---\n"})
    for part in (loudspeaker_part(door, tmp_path), microphone_part(door, tmp_path)):
        assert part.trouble == "this computer has no sound card"
    draw(tmp_path, {"proc/asound/cards": " 0 [Device]: USB-Audio\n"})
    for part in (loudspeaker_part(door, tmp_path), microphone_part(door, tmp_path)):
        assert (part.what, part.trouble) == ("default", "")
    for part in (loudspeaker_part(Door(), tmp_path), microphone_part(Door(), tmp_path)):
        assert (part.what, part.trouble) == ("", "")

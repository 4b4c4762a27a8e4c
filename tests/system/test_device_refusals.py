"""What the device says when it cannot start: a sentence that names the trouble, what to do, and nothing left behind."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.household import Household
from tests.system.device_process import answers, device, refusal


def tree(directory: Path) -> dict[str, bytes]:
    """Return every file below a directory, but for the empty one that carries the lock."""
    files = {str(path.relative_to(directory)): path for path in directory.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if name != "lock"}


def yaml(tmp_path: Path, text: str) -> str:
    path = tmp_path / "doorward.yaml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(
    ("camera", "sentence"),
    [
        ("usb:63", "error: no camera: /dev/video63 is not there"),
        ("replay:{}/missing.mp4", "missing.mp4: cannot be played: No such file or directory"),
        ("replay:{}/words.mp4", "words.mp4: cannot be played: "),
        ("replay:{}/words.txt", "words.txt: cannot be played: "),
        ("replay:{}/empty.mp4", "empty.mp4: cannot be played: "),
        ("replay:{}", "cannot be played: "),
        ("webcam", "error: command line: camera.source is 'webcam'"),
    ],
)
def test_a_camera_that_is_none_is_refused_and_the_door_stays_as_it_was(
    household: Household, tmp_path: Path, camera: str, sentence: str
) -> None:
    for name in ("words.mp4", "words.txt"):
        (tmp_path / name).write_text("Somebody was at the door.\n" * 50)
    (tmp_path / "empty.mp4").touch()
    before = tree(household.state)
    assert sentence in refusal(household.state, "--camera", camera.format(tmp_path))
    assert tree(household.state) == before


@pytest.mark.parametrize(
    ("text", "wrong", "allowed"),
    [
        ("camra: {source: usb}", "unknown key camra", "allowed here: state, camera, recording"),
        ("camera: {fps: fast}", "camera.fps is 'fast'", "a whole number from 5 to 30"),
        ("camera: {fps: 60}", "camera.fps is 60", "a whole number from 5 to 30"),
        ("retention: {keep_at_most_days: 1}", "retention.keep_at_least_hours is 72", "at most 24 times"),
        ("watch: {masks: [[[0, 0], [1, 0], [1, 1], [0, 1]]]}", "watch.masks is", "leave at least 5%"),
        ("watch: {snoozed_until_utc: 2030-01-01 00:00:00}", "watch.snoozed_until_utc is", "its time zone"),
        ("camera: [", "line 1", "nested keys indented by spaces"),
    ],
)
def test_a_wrong_configuration_names_file_key_value_and_what_is_allowed(
    household: Household, tmp_path: Path, text: str, wrong: str, allowed: str
) -> None:
    path = yaml(tmp_path, text)
    error, hint = refusal(household.state, "--config", path).splitlines()
    assert path in error
    assert wrong in error
    assert allowed in hint


def test_a_configuration_that_is_not_there_is_named(household: Household, tmp_path: Path) -> None:
    assert f"{tmp_path}/none.yaml: cannot be read" in refusal(
        household.state, "--config", f"{tmp_path}/none.yaml"
    )


def test_a_state_directory_that_is_missing_or_no_door_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert f"{tmp_path}/none is not there" in refusal(tmp_path / "none")
    below = tmp_path / "file" / "state"
    assert f"{below} is not there" in refusal(tmp_path / "elsewhere", "--state", str(below))
    (tmp_path / "empty").mkdir()
    assert f"{tmp_path}/empty holds no door" in refusal(tmp_path / "empty")


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Household]:
    """A door on a file system that is mounted read-only: that holds root back as well."""
    place = tmp_path / "mounted"
    place.mkdir()
    mounting = subprocess.run(["mount", "-t", "tmpfs", "none", str(place)], capture_output=True, text=True)
    if mounting.returncode:
        pytest.skip(f"this user may not mount a file system: {mounting.stderr.strip()}")
    try:
        household = Household(place / "state")
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        yield household
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_state_directory_that_cannot_be_written_is_refused(read_only: Household, tmp_path: Path) -> None:
    said = refusal(tmp_path / "elsewhere", "--state", str(read_only.state))
    assert f"{read_only.state} cannot be written: Read-only file system" in said


def test_a_key_of_another_length_and_a_changed_ledger_are_refused(household: Household) -> None:
    ledger = household.state / "ledger"
    genuine = ledger.read_bytes()
    ledger.write_bytes(genuine * 2)
    before = tree(household.state)
    assert "ledger line 1: carries number 0: a line is missing, added or moved" in refusal(household.state)
    assert tree(household.state) == before
    ledger.write_bytes(genuine)
    (household.state / "device.key").write_bytes(bytes(31))
    assert "device.key has 31 bytes instead of 32" in refusal(household.state)


def test_a_socket_on_which_another_door_listens_is_not_taken_from_it(
    household: Household, tmp_path: Path
) -> None:
    other = Household(tmp_path / "other")
    with device(household.state, "--camera", "scene") as first:
        first.until_serving()
        with device(other.state, "--camera", "scene", "--socket", str(first.socket)) as second:
            assert second.exit_code() == 1
            assert f"cannot listen on {first.socket}: Address already in use" in second.said()
        assert answers(first.socket)


def test_a_file_where_the_socket_should_be_is_not_removed(household: Household, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"dear to somebody")
    assert f"cannot listen on {photo}" in refusal(household.state, "--socket", str(photo))
    assert photo.read_bytes() == b"dear to somebody"


def test_of_two_devices_the_second_hears_of_the_first_and_not_of_a_camera_in_use(
    household: Household,
) -> None:
    with device(household.state, "--camera", "scene") as first:
        first.until_serving()
        with device(household.state, "--camera", "usb:63", "--socket", f"{first.socket}2") as second:
            assert second.exit_code() == 1
            assert "another doorward is already running" in second.said()

"""A disk that is really full: what gives way, what stays, and what a ring leaves when nothing may give way."""

import contextlib
import logging
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.config import parse
from device.disk.spool import EVENT, Spool
from device.ledger import Ledger
from device.recording.recorder import Recorder
from device.trust.lines import ClipDeleted, ClipSealed
from device.trust.signed import Context, verify
from device.trust.statement import Statement
from device.upkeep.reserve import RESERVE, RESERVE_BYTES
from tests.support.film import VIDEO, scene, until
from tests.support.household import Household
from tests.system.device_process import device, refusal
from tests.system.reading import read, told, verdict_of

FREE_BYTES = 8_000_000
CONFIG = parse(f"retention: {{free_bytes: {FREE_BYTES}, keep_at_least_hours: 1}}", "test")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounting = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(place)], capture_output=True, text=True
    )
    if mounting.returncode:
        pytest.skip(f"this user may not mount a file system: {mounting.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


class Door:
    """A recorder on that disk, and a clock that the test drives."""

    def __init__(self, disk: Path) -> None:
        self.disk = disk
        self.household = Household(disk / "state")
        self.ledger = Ledger(self.household.state, self.household.device, self.household.clock)
        self.spool = Spool(self.household.state)
        self.recorder = Recorder(CONFIG, VIDEO, self.spool, self.ledger, self.household.clock)

    def visit(self, until_s: float = 9.0) -> None:
        """Somebody comes and rings, and then the camera is taken away, so that the next visit is another's."""
        for item in until(scene(9), until_s):
            self.recorder.take(item)
        self.recorder.camera_lost()

    def leave_bytes(self, free_bytes: int) -> None:
        """Have somebody else fill the disk up to there."""
        with (self.disk / "somebody else's").open("ab") as file:
            taken = file.tell() + self.spool.free_bytes() - free_bytes
            os.truncate(file.fileno(), 0)
            os.posix_fallocate(file.fileno(), 0, taken)

    def fill_up(self) -> None:
        """Have somebody else fill it to the last block."""
        with (self.disk / "more of it").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        assert self.spool.free_bytes() == 0

    def clean_up(self) -> None:
        for path in self.disk.iterdir():
            if path.is_file():
                path.unlink()

    def statement(self, clip: int) -> Statement:
        data = self.spool.sealed(clip, EVENT)
        assert data is not None
        blob = read(self.household).history.open_event(data)
        return verify(self.ledger.roster.device, Context.STATEMENT, blob, Statement)

    def deleted(self) -> list[int]:
        return [body.clip for body in told(read(self.household), ClipDeleted)]

    def kept(self) -> list[int]:
        return [clip.clip for clip in self.spool.kept()]


@pytest.fixture
def door(disk: Path) -> Iterator[Door]:
    made = Door(disk)
    yield made
    made.ledger.close()


def test_the_oldest_clips_give_way_and_none_that_is_too_young(door: Door) -> None:
    for _ in range(3):
        door.visit()
    door.household.clock.pass_s(1800)
    door.visit()
    door.household.clock.pass_s(2 * 3600)
    size_bytes = door.spool.kept()[0].size_bytes
    door.leave_bytes(FREE_BYTES - size_bytes * 3 // 2)
    door.visit()
    assert door.deleted() == [1, 2], "two had to go, and no more"
    assert door.kept() == [3, 4, 5]
    door.leave_bytes(FREE_BYTES - 20 * size_bytes)
    door.visit()
    assert door.deleted() == [1, 2, 3]
    assert door.kept() == [4, 5, 6]
    house = read(door.household)
    assert [verdict_of(house, clip) for clip in (4, 5, 6)] == ["genuine", "genuine", "unrecorded"]


def test_when_nothing_may_give_way_it_says_so_and_each_ring_leaves_a_picture_and_a_line(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    door.visit()
    door.leave_bytes(FREE_BYTES - 4096)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            door.visit()
    # Each visit tries twice: when it moves, and when it rings.
    assert caplog.text.count("the disk is full of clips too young to give way") == 6
    assert door.deleted() == []
    assert door.kept() == [1, 2, 3, 4]
    for clip in (2, 3, 4):
        said = door.statement(clip)
        assert (said.state, [trigger.kind for trigger in said.triggers]) == ("unrecorded", ["ring"])
        assert said.thumbnail.startswith(b"\xff\xd8")
        assert door.spool.open_clip(clip) is None
    assert [body.state for body in told(read(door.household), ClipSealed)] == ["sealed"] + 3 * ["unrecorded"]
    door.clean_up()
    door.visit()
    assert door.statement(5).state == "sealed"


@pytest.mark.parametrize(
    ("reserve", "trouble", "left"),
    [
        (True, "clip ended early: the disk is nearly full", ["genuine", "unrecorded", "genuine"]),
        (False, "the disk refused: [Errno 28] No space left on device", ["interrupted", "genuine"]),
    ],
)
def test_a_disk_that_fills_up_within_a_clip_ends_it_there_and_recording_goes_on_when_it_can(
    door: Door, caplog: pytest.LogCaptureFixture, reserve: bool, trouble: str, left: list[str]
) -> None:
    recorder = Recorder(CONFIG, VIDEO, door.spool, door.ledger, door.household.clock)
    for item in until(scene(9), 4.5):
        recorder.take(item)
    if not reserve:
        (door.household.state / RESERVE).unlink()
    door.fill_up()
    with caplog.at_level(logging.ERROR):
        for item in scene(9):
            if item.at_us >= 4_500_000:
                recorder.take(item)
        recorder.stop()
    assert trouble in caplog.text
    door.clean_up()
    door.visit()
    assert door.statement(max(door.kept())).state == "sealed"
    house = read(door.household)
    assert set(house.facts) <= set(house.clips)
    assert [verdict_of(house, clip) for clip in house.numbers()] == left


def test_on_a_disk_that_somebody_else_filled_each_ring_still_leaves_a_picture_and_a_line(door: Door) -> None:
    door.visit()
    door.fill_up()
    for _ in range(3):
        door.visit()
    assert [door.statement(clip).state for clip in door.kept()] == ["sealed"] + 3 * ["unrecorded"]
    assert all(door.statement(clip).thumbnail for clip in door.kept())
    door.clean_up()
    door.visit()
    assert (door.household.state / RESERVE).stat().st_blocks * 512 == RESERVE_BYTES, "held for the next time"


def test_a_device_starts_on_a_disk_without_a_free_block(door: Door) -> None:
    door.visit()
    door.fill_up()
    with device(door.household.state, "--quiet", "--camera", "scene") as started:
        started.until_serving()
        started.send(signal.SIGTERM)
        assert started.exit_code() == 0


def test_a_device_that_cannot_even_begin_an_epoch_says_what_is_wrong(door: Door) -> None:
    door.fill_up()
    said = refusal(door.disk.parent / "elsewhere", "--state", str(door.household.state), "--camera", "scene")
    assert "No space left on device" in said
    assert read(door.household).numbers() == []

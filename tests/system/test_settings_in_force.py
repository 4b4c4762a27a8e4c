"""What a reader sets reaches the camera of a device that runs; what is damaged or lost shows less, and is told."""

import contextlib
import hashlib
import io
import signal
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from device.contract import commands, replies
from device.contract.masks import canonical
from device.contract.settings import Settings
from device.disk.spool import CLIP
from device.sealing.age_reader import open_bytes
from device.sealing.stream import CHUNK_BYTES
from device.trust.lines import Gap, SettingsChanged
from device.watch.watch import FILE, Watch
from provisioning.house.genuine import read_record
from tests.support.film import VIDEO
from tests.support.household import Household
from tests.system.device_process import DeviceProcess, device, running_bytes
from tests.system.phone import Phone
from tests.system.reading import read, told

RIGHT = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
ONE_CHUNK = CHUNK_BYTES + 16
LONGER_S = 2.0


@pytest.fixture
def small(tmp_path: Path) -> tuple[str, ...]:
    """The scene, small enough for a busy machine; its first visitor enters at 3.0 s and leaves at 12.0 s."""
    path = tmp_path / "doorward.yaml"
    path.write_text(f"camera: {{width_px: {VIDEO.width_px}, height_px: {VIDEO.height_px}}}\n")
    return ("--quiet", "--camera", "scene", "--config", str(path))


def numbers(state: Path) -> set[int]:
    return {int(path.name) for path in state.glob("spool/*/??????")}


def finish(door: DeviceProcess) -> None:
    door.send(signal.SIGINT)
    assert door.exit_code() == 0


def pictures(household: Household, clip: int) -> Iterator[np.ndarray]:
    sealed = (read(household).clips[clip] / CLIP).read_bytes()
    with av.open(io.BytesIO(open_bytes(sealed, [household.card.open]))) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="gray")


def test_privacy_that_a_reader_asks_for_ends_the_clip_at_once_and_begins_no_other(
    household: Household, small: tuple[str, ...]
) -> None:
    with device(household.state, *small) as door:
        door.until_recording(ONE_CHUNK)
        with Phone(household, door) as phone:
            reply = phone.ask(commands.Set(Settings(privacy=True)))
        assert reply.body == replies.Noted()
        door.until(lambda: list(household.state.glob("spool/2*/000001/event")), "its clip is finished")
        with contextlib.suppress(subprocess.TimeoutExpired):
            door.process.wait(LONGER_S)  # the visitor is still there
        assert running_bytes(household.state) == 0
        finish(door)
    house = read(household)
    films = [clip for clip, home in house.clips.items() if (home / CLIP).exists()]
    assert films == [1], "a ring leaves a word and no film"
    said = read_record(house, 1).statement
    assert said is not None
    end_utc = said.begun_utc + timedelta(milliseconds=said.duration_ms)
    assert end_utc < reply.at_utc + timedelta(seconds=1)
    assert told(house, SettingsChanged)[0].what == ("privacy",)


def test_a_mask_that_a_reader_sets_is_in_every_picture_of_the_next_clip(
    household: Household, small: tuple[str, ...]
) -> None:
    masked = Settings(masks=(RIGHT,))
    with device(household.state, *small) as door:
        door.until_serving()
        with Phone(household, door) as phone:
            assert phone.ask(commands.Set(masked)).body == replies.Noted()
        before = numbers(household.state)
        door.until(
            lambda: numbers(household.state) - before and running_bytes(household.state) >= ONE_CHUNK,
            "another clip is running",
        )
        finish(door)
    clip = max(numbers(household.state))
    assert clip not in before
    said = read_record(read(household), clip).statement
    assert said is not None
    assert said.masks_sha256 == hashlib.sha256(canonical(masked.masks)).digest()
    seen = list(pictures(household, clip))
    assert len(seen) > 10
    assert max(int(np.ptp(picture[:, VIDEO.width_px // 2 + 20 :])) for picture in seen) <= 4, (
        "but for the codec"
    )
    assert min(int(np.ptp(picture[:, : VIDEO.width_px // 2 - 20])) for picture in seen) > 50


@pytest.mark.parametrize("how", ["damaged", "lost"])
def test_settings_that_are_damaged_or_lost_mean_privacy_and_the_household_can_read_so(
    household: Household, small: tuple[str, ...], how: str
) -> None:
    Watch(household.state, Settings(), VIDEO).set(Settings(masks=(RIGHT,)))
    if how == "damaged":
        (household.state / FILE).write_bytes(b"{")
    else:
        (household.state / FILE).unlink()
    with device(household.state, *small) as door:
        door.until_serving()
        with Phone(household, door) as phone:
            assert phone.ask(commands.AskSettings()).body == replies.SettingsBody(Settings(privacy=True))
            assert phone.ask(commands.Set(Settings())).body == replies.Noted()
        finish(door)
        assert "nothing is seen until settings are set anew" in door.said()
    assert [gap.reason for gap in told(read(household), Gap)] == ["settings"]
    with device(household.state, *small) as door:
        door.until_serving()
        finish(door)
    assert len(told(read(household), Gap)) == 1, "settings that are sound are nothing to tell"

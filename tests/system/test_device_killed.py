"""kill -9 at every step of a clip: after the next start all that was promised is there, and says itself that it was cut."""

import contextlib
import random
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from device.disk.durable import TEMP_PREFIX
from device.trust.lines import ClipBegun, ClipSealed
from tests.support.household import Household
from tests.system.device_process import THREE_CHUNKS, DeviceProcess, device, running_bytes
from tests.system.reading import frames_of, read, told, verdict_of

SCENE = ("--quiet", "--camera", "scene")  # its first visitor enters at 3.0 s
STEPS_S = 0.03


def start_and_stop(state: Path) -> str:
    """Let a device put things right and return what it said."""
    with device(state, *SCENE) as door:
        door.until_serving()
        door.send(signal.SIGINT)
        assert door.exit_code() == 0
        return door.said()


def test_a_clip_that_kill_9_cut_plays_up_to_its_last_whole_chunk_after_the_next_start(
    household: Household,
) -> None:
    with device(household.state, *SCENE) as door:
        door.until_recording(THREE_CHUNKS)
        door.send(signal.SIGKILL)
        assert door.exit_code() == -signal.SIGKILL
    assert "recovered an interrupted clip clip=1" in start_and_stop(household.state)
    house = read(household)
    assert house.numbers() == [1]
    assert verdict_of(house, 1) == "interrupted"
    assert frames_of(house, 1) > 15
    assert [body.state for body in told(house, ClipSealed)] == ["interrupted"]


def running_file(state: Path, name: str) -> bool:
    return any(state.glob(f"spool/recording/*/{name}"))


Moment = Callable[[DeviceProcess], None]


def soon_after_there_is(name: str) -> Moment:
    """Some milliseconds later: each of the steps that follow takes about one."""

    def moment(door: DeviceProcess) -> None:
        door.until(lambda: running_file(door.state, name), name)
        with contextlib.suppress(subprocess.TimeoutExpired):
            door.process.wait(random.random() * STEPS_S)

    return moment


def at_some_size(door: DeviceProcess) -> None:
    size_bytes = random.randrange(1, THREE_CHUNKS)
    door.until(lambda: running_bytes(door.state) >= size_bytes, f"{size_bytes} bytes")


def while_it_finishes(door: DeviceProcess) -> None:
    door.until_recording(THREE_CHUNKS)
    door.send(signal.SIGINT)
    soon_after_there_is("*")(door)


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_no_kill_9_loses_a_clip_that_was_told_of_or_leaves_one_in_doubt(household: Household) -> None:
    moments: list[Moment] = [
        soon_after_there_is("*"),
        soon_after_there_is("begun"),
        at_some_size,
        while_it_finishes,
    ]
    for moment in moments:
        with device(household.state, *SCENE) as door:
            door.until_serving()
            moment(door)
            door.send(signal.SIGKILL)
            assert door.exit_code() in (-signal.SIGKILL, 0)  # an orderly stop may be faster
    start_and_stop(household.state)
    house = read(household)
    begun = {body.clip for body in told(house, ClipBegun)}
    assert len(begun) >= len(moments) - 2, "the kills came too early to show anything"
    assert begun <= set(house.numbers()) == set(house.clips)
    verdicts = {clip: verdict_of(house, clip) for clip in house.numbers()}
    assert "interrupted" in verdicts.values()
    assert "recording" not in verdicts.values()
    assert list(household.state.glob("spool/recording/*")) == []
    assert list(household.state.glob(f"spool/*/*/{TEMP_PREFIX}*")) == []

"""kill -9 at every step of a clip: after the next start everything that was promised is there and says that it was cut."""

import random
import signal
from collections.abc import Callable

import pytest

from device.trust.lines import ClipBegun, ClipSealed, Gap
from tests.support.household import Household
from tests.system.device_process import DeviceProcess, device, running_bytes
from tests.system.reading import frames_of, read, told

SCENE = ("--quiet", "--camera", "scene")


def test_a_clip_that_kill_9_cut_is_published_by_the_next_start_and_plays_up_to_there(
    household: Household,
) -> None:
    with device(household.state, *SCENE) as door:
        door.until_recording(CHUNKS_3)
        door.send(signal.SIGKILL)
        assert door.exit_code() == -signal.SIGKILL
    with device(household.state, *SCENE) as door:
        door.until_serving()
        assert "recovered an interrupted clip clip=1" in door.said()
        door.send(signal.SIGINT)
        assert door.exit_code() == 0
    house = read(household)
    assert house.numbers() == [1]
    assert frames_of(house, 1, "interrupted") > 15
    assert [body.state for body in told(house, ClipSealed)] == ["interrupted"]

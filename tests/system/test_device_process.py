"""The device as the Pi runs it, a process of its own: how it stops, refuses, and what it leaves when it is killed."""

import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path

from device.camera.protocol import AccessUnit, Captured
from device.recording.fmp4 import Fragmenter
from device.trust.lines import Stopped
from tests.support.film import VIDEO, scene
from tests.support.household import Household
from tests.system.device_process import PATIENCE_S, ROOT, THREE_CHUNKS, answers, device
from tests.system.reading import frames_of, read, told, verdict_of

SCENE = ("--quiet", "--camera", "scene")  # its first visitor enters at 3.0 s, rings, and leaves at 12.0 s


def test_ctrl_c_in_the_middle_of_a_clip_finishes_and_seals_it(household: Household) -> None:
    with device(household.state, *SCENE) as door:
        door.until_recording(THREE_CHUNKS)
        door.send(signal.SIGINT)
        assert door.exit_code() == 0
        assert door.said() == ""
        assert not door.socket.exists()
    house = read(household)
    assert house.numbers() == [1]
    assert verdict_of(house, 1) == "genuine"
    assert frames_of(house, 1) > 3 * 15
    assert len(told(house, Stopped)) == 1
    assert list(household.state.glob("spool/recording/*")) == []


def test_a_second_ctrl_c_does_not_disturb_an_orderly_stop(household: Household) -> None:
    with device(household.state, *SCENE) as door:
        door.until_serving()
        door.send(signal.SIGINT)
        while door.process.poll() is None:
            door.send(signal.SIGINT)
        assert door.exit_code() == 0
        assert door.said() == ""
    assert len(told(read(household), Stopped)) == 1


def test_a_second_device_on_the_same_door_is_refused_and_the_first_goes_on(household: Household) -> None:
    with device(household.state, *SCENE) as first:
        first.until_serving()
        second = subprocess.run(first.command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S)
        assert second.returncode == 1
        assert "another doorward is already running on" in second.stderr
        assert "\nhint: " in second.stderr
        assert answers(first.socket)
        first.send(signal.SIGINT)
        assert first.exit_code() == 0


def test_a_film_that_ends_in_a_visit_leaves_a_sealed_clip_and_a_door_that_serves(
    household: Household, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    write_film(film, (item for item in scene(6) if item.at_us >= 2_000_000))
    with device(household.state, "--quiet", "--camera", f"replay:{film}") as door:
        door.until(lambda: list(household.state.glob("spool/2*/*/event")), "its clip is finished")
        assert answers(door.socket)
        door.send(signal.SIGTERM)
        assert door.exit_code() == 0
        assert door.said() == ""
    house = read(household)
    assert len(told(house, Stopped)) == 1
    assert verdict_of(house, 1) == "genuine"


def write_film(path: Path, items: Iterable[Captured]) -> None:
    """Write what a camera captured as an ordinary MP4."""
    units = [item for item in items if isinstance(item, AccessUnit)]
    fragments = Fragmenter(units[0], VIDEO.frame_us)
    path.write_bytes(fragments.init_segment() + b"".join(fragments.fragment(unit) for unit in units))

"""The device as the Pi runs it, a process of its own: how it stops, refuses, and what it leaves when it is killed."""

import io
import signal
import socket
import subprocess

import av

from device.sealing.stream import CHUNK_BYTES
from device.trust.lines import Stopped
from provisioning.checking import check_film, read_record
from provisioning.house import House
from tests.support.household import Household
from tests.system.device_process import PATIENCE_S, ROOT, device

SCENE = ("--quiet", "--camera", "scene")  # its first visitor enters at 3.0 s, rings, and leaves at 12.0 s
CHUNKS_3 = 3 * (CHUNK_BYTES + 16)


def read(household: Household) -> House:
    """Return the door as the card reads it, nothing in it being amiss."""
    house = House(household.state, [household.card.open])
    assert house.troubles == []
    return house


def frames_of(house: House, clip: int, verdict: str) -> int:
    """Return how many pictures of a clip play, up to where it was cut."""
    film = io.BytesIO()
    finding = check_film(house, read_record(house, clip), film)
    assert (finding.verdict, finding.is_sound) == (verdict, True), finding.reason
    film.seek(0)
    count = 0
    with av.open(film) as container:
        try:
            for _ in container.decode(video=0):
                count += 1
        except av.InvalidDataError:
            assert verdict == "interrupted"
    return count


def told(house: House, kind: type) -> list[object]:
    return [entry.private for entry in house.entries if isinstance(entry.private, kind)]


def test_ctrl_c_in_the_middle_of_a_clip_finishes_and_seals_it(household: Household) -> None:
    with device(household.state, *SCENE) as door:
        door.until_recording(CHUNKS_3)
        door.send(signal.SIGINT)
        assert door.exit_code() == 0
        assert door.said() == ""
        assert not door.socket.exists()
    house = read(household)
    assert house.numbers() == [1]
    assert frames_of(house, 1, "genuine") > 3 * 15
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
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as link:
            link.connect(str(first.socket))
        first.send(signal.SIGINT)
        assert first.exit_code() == 0

"""The whole device and its bell: whoever is at the Pi rings, with everything that could be mounted broken."""

import signal
from pathlib import Path

from device.contract.local import beside
from device.trust.lines import ClipBegun, Rang
from provisioning.cli import run
from tests.support.household import Household
from tests.system.device_process import device
from tests.system.reading import read, told, verdict_of
from tests.system.test_device_process import scene, write_film

BROKEN = """
door:
  button: GPIO17
  chime: /nowhere/own.wav
  relay: /dev/gpiochip99:4
"""


def test_a_bell_that_is_pressed_at_the_pi_is_told_filmed_and_sealed_with_all_else_broken(
    household: Household, tmp_path: Path
) -> None:
    film, config = tmp_path / "film.mp4", tmp_path / "doorward.yaml"
    write_film(film, (item for item in scene(40) if item.at_us >= 14_000_000))  # nobody is there to ring
    config.write_text(BROKEN)
    with device(household.state, "--config", str(config), "--camera", f"replay:{film}") as door:
        door.until_serving()

        def rings() -> bool:
            """Press as somebody does who came when the door was starting: until something happens."""
            assert run(["ring", "--socket", str(door.socket)]) == 0
            return any(household.state.glob("spool/recording/*/clip.mp4.age"))

        door.until(rings, "it films")
        door.send(signal.SIGTERM)
        assert door.exit_code() == 0
        said = door.said()
    assert "ERROR device.door.panel button: GPIO17: " in said
    assert (
        "ERROR device.door.panel chime: /nowhere/own.wav: cannot be read: No such file or directory" in said
    )
    assert "Traceback" not in said
    assert not beside(door.socket).exists()
    house = read(household)
    assert told(house, Rang)
    [begun] = told(house, ClipBegun)
    assert begun.trigger == "ring"
    assert verdict_of(house, begun.clip) == "genuine"


def test_where_no_door_runs_the_command_says_what_to_do(tmp_path: Path, capsys) -> None:
    assert run(["ring", "--socket", str(tmp_path / "link")]) == 1
    told = capsys.readouterr().err
    assert "no door answers here" in told
    assert "hint: run it where the door runs, as root" in told
    assert list(tmp_path.iterdir()) == []

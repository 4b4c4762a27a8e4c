"""A ring and bell mode in all three engines, each with what it can do and what it says that it cannot."""

from collections.abc import Iterator

import pytest

from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import free_port
from tests.browser.engines.opening import NAMES, Opener
from tests.browser.test_every_engine import People
from tests.support.belled import press, with_a_button

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

every_engine = pytest.mark.parametrize("name", NAMES)
LISTEN = """
  window.heard = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) { window.heard += 1; return start.apply(this, when); };
"""
RINGS, MUTE = "It rings while this page is open", "This device gives the page no sound"
PICTURE = "document.querySelector('.ringing img')?.naturalWidth === 320"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch:
        with_a_button(patch)
        with staged(Options("scene", False, tmp_path_factory.mktemp("door") / "state", free_port())) as stage:
            yield stage


@pytest.fixture(scope="module")
def people(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    opener = Opener()
    yield People(opener, stage, tmp_path_factory)
    opener.close()


@every_engine
def test_it_rings_with_a_picture_and_takes_the_answer(people: People, stage: Stage, name: str) -> None:
    person = people[name]
    person.engine.run(LISTEN)
    person.presses("Door")
    person.presses("Ring on this device")
    person.until(f"says('{RINGS}') || says('{MUTE}')")
    # Firefox starts no sound where there is no sound card, and the page says so; the others play to nobody.
    sounds = person.engine.run(f"return says('{RINGS}')")
    assert sounds or name == "firefox"
    tested = person.engine.run("return window.heard")
    assert (tested > 0) == sounds, "set-up ends with a sound, or says that there is none"
    press(stage)
    person.until(PICTURE)
    assert (person.engine.run("return window.heard") > tested) == sounds
    person.keeps_a_picture("ring")
    for somebody in people.present():  # it rings on every page that is open
        somebody.presses("Not now")
        somebody.no_longer_reads("Somebody is at the door")


@every_engine
def test_the_wall_rings_too_and_says_whether_it_stays_awake(people: People, stage: Stage, name: str) -> None:
    person = people[name]
    person.presses("Use this device as the bell")
    person.until("document.querySelector('.wall-clock')")
    can = person.engine.run("return 'wakeLock' in navigator")
    if not can:
        person.reads("This browser cannot keep the screen on")
    person.keeps_a_picture("wall")
    person.presses("Leave bell mode")
    person.reads("This device as a bell")


@every_engine
def test_nothing_went_wrong_in_any_of_them(people: People, name: str) -> None:
    assert people[name].engine.faults() == []

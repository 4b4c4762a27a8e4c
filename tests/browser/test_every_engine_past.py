"""From the middle of it, in all three engines: a recording that goes on is watched from its start until it is the finished one,
and one tap leads from live to what happened a minute ago and back.
"""

from collections.abc import Iterator

import pytest

from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import NEXT_VISIT_MS, free_port
from tests.browser.engines.opening import NAMES, Opener
from tests.browser.engines.person import Person
from tests.browser.test_every_engine import People
from tests.browser.test_every_engine_live import MOVES
from tests.support.belled import press, with_a_button

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

every_engine = pytest.mark.parametrize("name", NAMES)
RUNNING = "document.querySelector('button.clip.running')"
IS_LIVE = "document.querySelector('.live .sign')?.textContent === 'Live'"
STILL = "Still being recorded."
WHOLE = "Verified This is exactly what your door recorded."


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


def watches(person: Person) -> None:
    """Watch live, with the page at rest: who looks is told, and the picture has its size."""
    person.presses("Live")
    person.until(
        f"{IS_LIVE} && says('Watching live now') && document.querySelector('.live video').videoWidth"
    )


def rings_and_waits(person: Person, people: People, stage: Stage) -> None:
    """Ring once nothing is recorded, wave everybody's bell away, and wait until the recording is in the list."""
    person.until(f"!{RUNNING}", within_s=NEXT_VISIT_MS / 1000)
    press(stage)
    for somebody in people.present():
        somebody.presses("Not now")
    # What is said above the list moves it: a finger would wait for that, too.
    person.until(f"{RUNNING} && says('Nobody has looked yet')")


@every_engine
def test_one_tap_from_live_says_plainly_that_nothing_was_recorded(people: People, name: str) -> None:
    """Whoever has just joined can open nothing from before."""
    person = people[name]
    watches(person)
    person.presses("A minute ago")
    person.until("says('Nothing was recorded yet that you can open') || document.querySelector('dialog')")
    person.engine.run("document.querySelector('dialog')?.close()")
    person.presses("Recordings")


@every_engine
def test_a_running_recording_is_watched_from_its_start_until_it_is_the_finished_one(
    people: People, stage: Stage, name: str
) -> None:
    person = people[name]
    rings_and_waits(person, people, stage)
    person.engine.click(RUNNING)
    person.until(f"says('{STILL}') && document.querySelector('video').currentTime > 1")
    assert person.engine.run("return document.querySelector('video').played.start(0)") < 0.5
    assert not person.engine.run("return says('Verified')"), (
        "nothing is said of the whole before there is one"
    )
    person.keeps_a_picture("running")
    person.until(f"says('{WHOLE}')", within_s=NEXT_VISIT_MS / 1000)
    assert not person.engine.run(f"return says('{STILL}')")
    person.until("document.querySelector('video').ended", within_s=NEXT_VISIT_MS / 1000)
    length_s, shown_s = person.engine.run(
        "const video = document.querySelector('video'); return [video.duration, video.currentTime];"
    )
    assert shown_s == pytest.approx(length_s, abs=0.5), "to the last picture"
    person.leaves_the_film()


@every_engine
def test_one_tap_leads_from_live_to_a_minute_ago_and_back(people: People, name: str) -> None:
    person = people[name]
    person.until("document.querySelector('button.clip:not(.running)')", within_s=NEXT_VISIT_MS / 1000)
    watches(person)
    person.presses("A minute ago")
    person.until("document.querySelector('dialog') && !document.querySelector('.live')")
    person.until(f"(() => {{ const video = document.querySelector('video'); return {MOVES}; }})()")
    person.plays()
    person.keeps_a_picture("a-minute-ago")
    person.presses("Back to live")
    person.until(IS_LIVE)
    person.until("!document.querySelector('dialog')")
    person.presses("Recordings")


@every_engine
def test_nothing_went_wrong_in_any_of_them(people: People, name: str) -> None:
    assert people[name].engine.faults() == []

"""A door that did not keep up, in all three engines: its films begin, and are played to their last picture."""

from collections.abc import Iterator

import pytest

from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import NEXT_VISIT_MS, free_port
from tests.browser.engines.opening import NAMES, Opener
from tests.browser.test_every_engine import People
from tests.browser.test_every_engine_past import RUNNING, WHOLE, rings_and_waits
from tests.support.belled import too_busy

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch:
        too_busy(patch)
        with staged(Options("scene", False, tmp_path_factory.mktemp("door") / "state", free_port())) as stage:
            yield stage


@pytest.fixture(scope="module")
def people(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    opener = Opener()
    yield People(opener, stage, tmp_path_factory)
    opener.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_film_of_a_door_that_did_not_keep_up_is_played_to_its_end(
    people: People, stage: Stage, name: str
) -> None:
    person = people[name]
    rings_and_waits(person, people, stage)
    person.engine.click(RUNNING)
    person.until(f"says('{WHOLE}')", within_s=NEXT_VISIT_MS / 1000)
    person.until("document.querySelector('video').ended", within_s=NEXT_VISIT_MS / 1000)
    person.leaves_the_film()
    assert person.engine.faults() == []

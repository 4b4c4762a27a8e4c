"""Live in all three engines: pictures that move, within the page's own player."""

from collections.abc import Iterator

import pytest

from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import free_port
from tests.browser.engines.opening import NAMES, Opener
from tests.browser.test_every_engine import People

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

MOVES = "(window.began ??= video.currentTime) + 2 < video.currentTime && video.videoWidth > 0"


@pytest.fixture(scope="module")
def people(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    opener = Opener()
    yield People(opener, stage, tmp_path_factory)
    opener.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(Options("scene", False, tmp_path_factory.mktemp("door") / "state", free_port())) as stage:
        yield stage


@pytest.mark.parametrize("name", NAMES)
def test_the_door_moves_live(people: People, name: str) -> None:
    person = people[name]
    person.presses("Live")
    person.until("document.querySelector('.live .sign')?.textContent === 'Live'")
    person.until(
        f"(() => {{ const video = document.querySelector('.live video'); return video && {MOVES}; }})()"
    )
    person.keeps_a_picture("live")
    person.presses("What happened before")
    person.until("document.querySelector('.live') === null")

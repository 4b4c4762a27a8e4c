"""Talk in all three engines: what a page hears, sealed and sent by that engine, is what the door's loudspeaker plays.

A microphone is where the hardware ends: the page is given a tone of a known pitch in its place, by the engine's own audio graph.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.door.player import PROGRAM
from device.door.voice import RATE_HZ
from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import free_port
from tests.browser.engines.opening import NAMES, Opener
from tests.browser.test_every_engine import People
from tests.browser.test_talk import heard, pitch
from tests.support.sound_server import is_there, sound_server
from tests.support.voiced import with_a_loudspeaker
from tests.support.waiting import wait_for

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(400),
    pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="alsa-utils is not installed"),
    pytest.mark.skipif(not is_there(), reason="pulseaudio is not installed"),
]

TONE_HZ = 900
TONE = f"""
  const context = new AudioContext();
  const [tone, end] = [context.createOscillator(), context.createMediaStreamDestination()];
  tone.frequency.value = {TONE_HZ};
  tone.connect(end);
  tone.start();
  addEventListener("click", () => void context.resume(), true);
  MediaDevices.prototype.getUserMedia = () => Promise.resolve(end.stream);
"""
HOLDS = """
  document.querySelector(".talk .action").dispatchEvent(new KeyboardEvent(args[0], { key: " ", bubbles: true }));
"""
STATUS = "document.querySelector('.talk [role=status]')?.textContent"


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sound") / "card.raw"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, card: Path) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch:
        with_a_loudspeaker(patch, card)
        state = tmp_path_factory.mktemp("door") / "state"
        with staged(Options("scene", False, state, free_port())) as stage:
            yield stage


@pytest.fixture(scope="module")
def people(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """Browsers on a computer with a sound card: without one, not all of them let their audio run."""
    with (
        tempfile.TemporaryDirectory() as place,  # its path is short, as a socket's must be
        sound_server(Path(place), "silence") as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("PULSE_SERVER", server)
        opener = Opener()
        yield People(opener, stage, tmp_path_factory)
        opener.close()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_is_heard_at_the_door(people: People, card: Path, name: str) -> None:
    person = people[name]
    person.engine.run(TONE)
    person.presses("Live")
    person.until("document.querySelector('.live .sign')?.textContent === 'Live'")
    person.presses("Hold to talk")  # the first time, the microphone is opened
    person.until(f"{STATUS}?.startsWith('Hold it and speak')")
    card.unlink(missing_ok=True)
    person.engine.run(HOLDS, "keydown")
    person.until(f"{STATUS} === 'Speak now: you are heard at the door.'")
    person.keeps_a_picture("talk")
    wait_for(lambda: len(heard(card)) > RATE_HZ)
    person.engine.run(HOLDS, "keyup")
    person.until(f"{STATUS}?.startsWith('Hold it and speak')")
    assert abs(pitch(heard(card)[RATE_HZ // 2 : RATE_HZ]) - TONE_HZ) < 15
    person.presses("What happened before")

"""The household's days in all three engines, at one door whose record is longer than one reply.

Everybody joins, sees who came, keeps a film; then each in turn is sent away, invited by the second and let in by the third.
"""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.clock import SystemClock
from device.contract.pages import PAGE_BYTES
from device.ledger import Ledger
from device.sealing.age_reader import open_bytes
from device.trust.lines import ClipDeleted
from provisioning.card.birth import birth, write_state
from provisioning.card.card import write_card_file
from provisioning.cli import run
from provisioning.demo.demo import CARD_FILE, DOOR, Options, Stage, staged
from provisioning.house.genuine import read_record
from provisioning.house.house import House
from provisioning.house.proof import check_proof
from provisioning.house.words import film_words, words
from provisioning.places import private_directory
from tests.browser.conftest import NEXT_VISIT_MS, free_port
from tests.browser.engines.opening import NAMES, Opener
from tests.browser.engines.person import Person
from tests.browser.engines.protocol import Setting

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

every_engine = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def old_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A running door that has written down much: no reply holds all of it."""
    state = tmp_path_factory.mktemp("door") / "state"
    home = state.parent / f"{state.name}-card"
    private_directory(home)
    new = birth(DOOR)
    write_state(new, state)
    write_card_file(home / CARD_FILE, new.card, new.born_sha256)
    clock = SystemClock()
    ledger = Ledger(state, Ed25519PrivateKey.from_private_bytes(new.device_seed), clock)
    while (state / "ledger").stat().st_size < 2 * PAGE_BYTES:
        ledger.note(ClipDeleted(at_utc=clock.utc(), clip=1_000_000, reason="age"))
    ledger.close()
    with staged(Options(camera="scene", lan=False, state=state, port=free_port())) as stage:
        yield stage


class People:
    """One person for each engine, met when a test first asks for it."""

    def __init__(self, opener: Opener, door: Stage, factory: pytest.TempPathFactory) -> None:
        self._opener, self._door, self._factory = opener, door, factory
        self._met: dict[str, Person] = {}

    def __getitem__(self, name: str) -> Person:
        if name not in self._met:
            person = self._opener.open(name, Setting(self._factory.mktemp(name), dark=name == "firefox"))
            person.joins(self._door)
            self._met[name] = person
        return self._met[name]

    def present(self) -> list[Person]:
        return list(self._met.values())

    def beside(self, name: str) -> tuple[Person, Person]:
        """Return the two others, in turn."""
        place = NAMES.index(name)
        first, second = (self[NAMES[(place + step) % len(NAMES)]] for step in (1, 2))
        return first, second


@pytest.fixture(scope="module")
def people(old_door: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    opener = Opener()
    yield People(opener, old_door, tmp_path_factory)
    opener.close()


UNFORESEEN = "made by a test"
CLIPS = "button.clip:not(.running) img"


def sees_a_recording(person: Person) -> None:
    """Wait for one that can be played; the first visitor may have come before everybody was in."""
    person.until(f"document.querySelector('{CLIPS}')?.naturalWidth === 320", within_s=NEXT_VISIT_MS / 1000)


def people_of(person: Person) -> None:
    person.presses("Who can see")
    person.reads("This door")


@every_engine
def test_the_cards_link_lets_a_device_in_and_leaves_the_address_bar(
    people: People, old_door: Stage, name: str
) -> None:
    person = people[name]
    where = person.engine.run("return location.href + JSON.stringify(history.state)")
    assert "card" not in where
    assert where.startswith(old_door.url)
    readers = House(old_door.state, []).chain.roster.readers
    assert person.name in [reader.label for reader in readers]


@every_engine
def test_everybody_reads_which_kind_of_key_they_have(people: People, name: str) -> None:
    people_of(people[name])
    kind = "P-256" if name == "webkit" else "X25519"
    people[name].reads(f"opens with ML-KEM-768 and {kind}")
    people[name].keeps_a_picture("people")
    people[name].presses("Recordings")


@every_engine
def test_the_recording_comes_with_its_picture_plays_to_its_end_and_back(people: People, name: str) -> None:
    person = people[name]
    sees_a_recording(person)
    person.keeps_a_picture("recordings")
    person.engine.click(f"document.querySelector('{CLIPS}').closest('button')")
    person.plays()
    person.reads("Verified This is exactly what your door recorded.")
    person.keeps_a_picture("film")
    length_s = person.engine.run("return document.querySelector('video').duration")
    assert 3 < length_s < 90, "the film's own length, not for ever"
    person.engine.run(
        "const video = document.querySelector('video'); video.currentTime = video.duration - 1;"
    )
    person.until("document.querySelector('video').ended")
    person.engine.run(
        "const video = document.querySelector('video'); video.currentTime = 0; await video.play();"
    )
    person.plays()
    person.leaves_the_film()


@every_engine
def test_a_film_is_saved_with_the_proof_that_it_is_the_doors(people: People, name: str) -> None:
    person = people[name]
    person.engine.click(f"document.querySelector('{CLIPS}').closest('button')")
    person.reads("Verified This is exactly")
    person.presses("Save the film")
    film = person.is_given(".mp4")
    person.presses("Save its proof")
    proof = person.is_given(".mp4.proof")
    assert proof.name == f"{film.name}.proof"
    with film.open("rb") as content:
        held, said = check_proof(proof.read_bytes(), hashlib.file_digest(content, "sha256").digest())
    assert said.state == "sealed"
    person.leaves_the_film()
    people_of(person)
    person.reads(words(held.device))
    person.reads("You fetched the recording of")
    person.presses("Recordings")


@every_engine
def test_after_a_reload_it_still_belongs_to_the_household(people: People, name: str) -> None:
    person = people[name]
    person.engine.reload()
    person.reads("Door is well")
    sees_a_recording(person)


@every_engine
def test_everything_is_checked_and_nothing_is_wrong(people: People, name: str) -> None:
    people_of(people[name])
    people[name].presses("Check everything")
    people[name].reads("Nothing is wrong.")
    people[name].presses("Recordings")


@every_engine
def test_who_was_sent_away_is_invited_let_in_by_a_third_and_given_what_is_older(
    people: People, name: str
) -> None:
    person = people[name]
    inviting, confirming = people.beside(name)
    people_of(inviting)
    inviting.presses(f"Remove: {person.name}")
    inviting.presses(f"Remove “{person.name}”")
    person.reads("This device was removed from the household")
    person.reads(f"“{inviting.name}” removed it")
    person.keeps_a_picture("removed")

    inviting.presses("Make an invitation")
    link = inviting.until("field('Open this link on the new device')?.value")
    person.engine.go(link)
    person.fills("What should the others call this device?", person.name)
    person.presses("Ask to join")
    person.reads("Waiting for a second yes")
    inviting.presses("Done")
    confirming.presses(f"Let “{person.name}” in")
    person.reads("Door is well")

    person.reads("Sealed before you joined")
    playable = person.engine.run(f"return document.querySelectorAll('{CLIPS}').length")
    inviting.presses(f"Give older recordings: {person.name}")
    inviting.presses("Give them")
    inviting.until("/[1-9]\\d* of \\d+ given/.test(document.body.innerText)")
    person.until(f"document.querySelectorAll('{CLIPS}').length > args[0]", playable)
    person.engine.click(f"[...document.querySelectorAll('{CLIPS}')].at(-1).closest('button')")
    person.plays()
    person.reads("Verified This is")
    person.leaves_the_film()
    inviting.presses("Recordings")


@every_engine
def test_a_refused_clipboard_leaves_the_link_selected_and_the_page_as_it_was(
    people: People, name: str
) -> None:
    person = people[name]
    people_of(person)
    person.presses("Make an invitation")
    person.engine.run(
        "Object.defineProperty(navigator, 'clipboard', { value: { writeText: () => Promise.reject(new Error('no')) } });"
    )
    person.presses("Copy the link")
    person.reads("The link is marked: copy it yourself.")
    whole = "const { selectionStart, selectionEnd, value } = document.querySelector('textarea.code');"
    assert person.engine.run(f"{whole} return selectionStart === 0 && selectionEnd === value.length;")
    person.presses("Done")
    person.presses("Recordings")


@every_engine
def test_what_nobody_foresaw_costs_a_sentence_and_not_the_page(people: People, name: str) -> None:
    person = people[name]
    person.engine.run(f"setTimeout(() => Promise.reject(new Error('{UNFORESEEN}')));")
    person.reads("for a reason that nobody foresaw")
    sees_a_recording(person)
    person.presses("All right")
    person.no_longer_reads("for a reason that nobody foresaw")


@every_engine
def test_nothing_went_wrong_in_any_of_them(people: People, name: str) -> None:
    assert [fault for fault in people[name].engine.faults() if UNFORESEEN not in fault] == []


def test_everybody_reads_that_the_door_is_away_and_that_it_is_back(people: People, old_door: Stage) -> None:
    old_door.processes.stop()
    for person in people.present():
        person.reads("Door not reachable")
        sees_a_recording(person)
    old_door.processes.start()
    for person in people.present():
        person.reads("Door is well")


def is_whole(house: House, clip: int) -> bool:
    said = read_record(house, clip).statement
    return said is not None and said.state == "sealed"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "open.html"
    assert run(["page", "--out", str(path)]) == 0
    return path


@every_engine
def test_the_saved_page_shows_a_recording_in_its_whole_length_and_checks_a_saved_film(
    people: People, old_door: Stage, page: Path, name: str, tmp_path: Path
) -> None:
    person = people[name]
    film = next(path for path in person.downloads.glob("*.mp4"))
    sealed = tmp_path / "recording.mp4.age"
    house = House(old_door.state, [old_door.card.open])
    clip = max(number for number in house.numbers() if is_whole(house, number))
    shutil.copyfile(next(old_door.state.glob(f"spool/*/{clip:06d}/clip.mp4.age")), sealed)
    person.engine.go(page.as_uri())
    person.until("field('The sealed recording')")
    person.engine.attach("field('The sealed recording')", [sealed])
    person.fills("The lower half of the card", old_door.card.open.secret_text())
    person.presses("Open")
    person.reads("This card opens your recordings.")
    opened = hashlib.sha256(open_bytes(sealed.read_bytes(), [old_door.card.open])).digest()
    person.reads(film_words(opened))
    person.until("document.querySelector('video').readyState >= 3")
    assert 3 < person.engine.run("return document.querySelector('video').duration") < 90
    person.engine.run(
        "const video = document.querySelector('video'); video.muted = true; await video.play();"
    )
    person.plays()
    person.keeps_a_picture("saved")
    person.engine.attach("field('The film')", [film])
    person.engine.attach("field('Its proof')", [film.with_name(f"{film.name}.proof")])
    person.presses("Check")
    person.reads("This film is unchanged since it was sealed.")

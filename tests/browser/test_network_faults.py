"""The wire between a browser and its door is held, left half open, cut, squeezed, or the door is started anew behind it.

The page says what it is doing and recovers by itself, in live, on the wall, in a film and while it waits to be let in; nothing
comes twice or is lost.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, expect

from provisioning.demo.demo import Options, Stage, staged
from provisioning.house.house import House
from tests.browser.conftest import Visitor, free_port, newest_clip, pair, visit
from tests.browser.test_bell_mode import CLOCK
from tests.browser.test_joining import apply, invitation
from tests.browser.test_live import MOVES
from tests.browser.test_ring import come, ringing
from tests.support.belled import press, with_a_button
from tests.support.wire import Wire, beside, wired

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

RECOVERED_MS = 90_000
"""A half-open connection is given up when an answer is missing for 12 s; then it is tried again, at most 15 s later."""


@dataclass
class Scene:
    """A door, the wire that leads to it, and what a test does to them."""

    stage: Stage
    wire: Wire

    def start_anew(self) -> None:
        self.stage.processes.stop()
        self.stage.processes.start()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        with_a_button(patch)
        beside(patch)
        state = tmp_path_factory.mktemp("door") / "state"
        with staged(Options("scene", False, state, port)) as stage, wired(port) as wire:
            yield Scene(stage, wire)


@pytest.fixture(scope="module")
def phone(chromium: Browser, scene: Scene) -> Iterator[Visitor]:
    visitor = come(chromium, scene.stage, "Hallway phone", phone=True)
    yield visitor
    visitor.context.close()  # a connection that was cut is an error to a browser's console


@pytest.fixture
def at_rest(scene: Scene) -> Iterator[None]:
    """Whatever a test did to the wire ends with it."""
    yield
    scene.wire.flow()


Fault = tuple[Callable[[Scene], None], Callable[[Scene], None]]


def flow(scene: Scene) -> None:
    scene.wire.flow()


FAULTS: dict[str, Fault] = {
    "held": (lambda scene: scene.wire.stall(), flow),
    "half open": (lambda scene: scene.wire.die(), lambda _: None),
    "cut": (lambda scene: scene.wire.refuse(), flow),
    "slow": (lambda scene: scene.wire.squeeze(30), flow),
    "started anew": (Scene.start_anew, lambda _: None),
}
WILL_SAY = """words => {
  window.said = new Promise(done => {
    const look = () => document.body.textContent.includes(words) && (watcher.disconnect(), done(true));
    const watcher = new MutationObserver(look);
    watcher.observe(document.body, { subtree: true, childList: true, characterData: true });
    setTimeout(done, %d, false);
    look();
  });
}"""


def will_say(visitor: Visitor, words: str) -> Callable[[], bool]:
    """Return what waits until the page has said it, be it for less than a look takes: a page may recover at once."""
    visitor.page.evaluate(WILL_SAY % RECOVERED_MS, words)
    return lambda: bool(visitor.page.evaluate("() => window.said"))


every_fault = pytest.mark.parametrize("fault", FAULTS)


def sign_of(visitor: Visitor) -> Locator:
    return visitor.page.locator(".live .sign")


@every_fault
@pytest.mark.usefixtures("at_rest")
def test_live_says_that_it_does_not_come_and_goes_on_by_itself(
    scene: Scene, phone: Visitor, fault: str
) -> None:
    begin, end = FAULTS[fault]
    page = phone.page
    page.get_by_role("button", name="Live", exact=True).click()
    expect(sign_of(phone)).to_have_text("Live", timeout=RECOVERED_MS)
    page.evaluate(
        "said = []; new MutationObserver(() => said.push(document.querySelector('.live .sign')?.textContent))"
        ".observe(document.querySelector('.live .sign'), { characterData: true, subtree: true, childList: true });"
    )
    begin(scene)
    said = page.evaluate(
        "() => new Promise(done => { const look = () => said[0] ? done(said[0]) : setTimeout(look, 40); look(); })"
    )
    assert re.fullmatch(r"No picture comes just now\. Trying again…|Delayed by \d+ s|Out of reach: .*", said)
    end(scene)
    expect(sign_of(phone)).to_have_text("Live", timeout=RECOVERED_MS)
    assert page.evaluate(MOVES)
    expect(page.locator(".live video")).to_have_count(1)
    page.get_by_role("button", name="What happened before").click()
    expect(page.locator(".looking")).to_have_count(0, timeout=RECOVERED_MS)


@every_fault
@pytest.mark.usefixtures("at_rest")
def test_a_film_goes_on_where_it_broke_off_until_all_of_it_is_checked(
    scene: Scene, phone: Visitor, fault: str
) -> None:
    begin, end = FAULTS[fault]
    clip = newest_clip(phone.page)
    scene.wire.squeeze(200)
    clip.click()
    expect(phone.page.get_by_text("Every picture is checked before it is shown.")).to_be_visible()
    says = will_say(phone, "cannot be fetched just now. Trying again…")
    begin(scene)
    if fault in ("half open", "cut"):
        assert says()
    end(scene)
    scene.wire.flow()
    expect(phone.page.get_by_text("This is exactly what your door recorded.")).to_be_visible(
        timeout=RECOVERED_MS
    )
    expect(phone.page.get_by_text("cannot be fetched just now")).to_have_count(0)
    phone.page.keyboard.press("Escape")


@pytest.mark.parametrize("fault", ["half open", "cut"])
@pytest.mark.usefixtures("at_rest")
def test_who_waits_to_be_let_in_is_let_in_once(
    chromium: Browser, scene: Scene, phone: Visitor, fault: str
) -> None:
    begin, end = FAULTS[fault]
    laptop, newcomer = visit(chromium), visit(chromium)
    pair(laptop.page, scene.stage, f"Laptop {fault}")
    phone.page.get_by_role("button", name="Who can see").click()
    apply(newcomer.page, invitation(phone.page), f"Tablet {fault}")
    expect(newcomer.page.get_by_text("Waiting for a second yes")).to_be_visible()
    says = will_say(laptop, "Door not reachable")
    begin(scene)
    assert says()
    expect(newcomer.page.get_by_text("Waiting for a second yes")).to_be_visible()
    end(scene)
    laptop.page.get_by_role("button", name="Who can see").click()
    expect(laptop.page.get_by_text("Door is well")).to_be_visible(timeout=RECOVERED_MS)
    laptop.page.get_by_role("button", name=f"Let “Tablet {fault}” in").click(timeout=RECOVERED_MS)
    expect(newcomer.page.get_by_text("Door is well")).to_be_visible(timeout=RECOVERED_MS)
    readers = [reader.label for reader in House(scene.stage.state, []).chain.roster.readers]
    assert readers.count(f"Tablet {fault}") == 1
    phone.page.get_by_role("button", name="Recordings", exact=True).click()
    for visitor in (laptop, newcomer):
        visitor.context.close()


@pytest.mark.usefixtures("at_rest")
def test_the_wall_says_that_it_lost_the_door_finds_it_and_each_press_rings_once(
    scene: Scene, phone: Visitor
) -> None:
    page = phone.page
    page.get_by_role("button", name="Door", exact=True).click()
    page.get_by_role("button", name="Use this device as the bell").click()
    expect(page.get_by_role("heading", name=CLOCK)).to_be_visible()
    for fault in ("held", "half open", "cut", "started anew"):
        begin, end = FAULTS[fault]
        says = will_say(phone, "This bell has lost the door")
        begin(scene)
        if fault != "started anew":
            assert says()
        end(scene)
        expect(page.get_by_text("this bell is ready")).to_be_visible(timeout=RECOVERED_MS)
        press(scene.stage)
        ringing(phone)
        expect(page.get_by_role("alertdialog")).to_have_count(1)
        page.get_by_role("button", name="Not now").click()
        expect(page.get_by_role("alertdialog")).to_have_count(0)
    page.get_by_role("button", name="Leave bell mode").click()

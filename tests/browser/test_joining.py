"""Joining in a real browser in which something fails: whoever is let in has keys that are kept, and nobody is let in twice."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from device.trust.ledger import split
from provisioning.demo.demo import Stage
from tests.browser.conftest import PLAYS, Visitor, newest_clip, pair, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(360)]

# A browser that copies and keeps no X25519 key, as WebKit does.
NO_X25519 = """
const copy = structuredClone;
const refuse = value => { if (value instanceof CryptoKey && value.algorithm.name === "X25519") throw new TypeError("no"); };
globalThis.structuredClone = value => { refuse(value); return copy(value); };
const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (value, ...key) {
  Object.values(value?.keys ?? value ?? {}).forEach(refuse);
  return put.call(this, value, ...key);
};
"""
CANNOT_LAST = {
    "missing": "Object.defineProperty(Navigator.prototype, 'storage', { value: undefined });",
    "without the word": "delete StorageManager.prototype.persist;",
    "throwing": "StorageManager.prototype.persist = () => { throw new TypeError('no'); };",
    "refusing": "StorageManager.prototype.persist = () => Promise.reject(new TypeError('no'));",
    "silent": "StorageManager.prototype.persist = () => new Promise(() => undefined);",
}


def refuses_to_keep(name: str) -> str:
    """Return what makes the browser's storage refuse one entry, until the tab is closed or `mended` is set."""
    return f"""
      const put = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = function (value, key) {{
        if (key === "{name}" && sessionStorage.mended !== "yes") throw new DOMException("full", "QuotaExceededError");
        return put.call(this, value, key);
      }};"""


@pytest.fixture
def newcomer(chromium: Browser) -> Iterator[Visitor]:
    visitor = visit(chromium)
    yield visitor
    visitor.close()


def ask_to_join(page: Page, door: Stage, name: str) -> None:
    page.goto(door.card.link(door.url, door.born_sha256))
    page.get_by_label("What should the others call this device?").fill(name)
    page.get_by_role("button", name="Join the household").click()


def admitted(door: Stage) -> int:
    """Return how often somebody was let in, ever."""
    lines, _ = split((door.state / "ledger").read_bytes())
    return sum(b'"type":"reader_added"' in line for line in lines)


@pytest.mark.parametrize(("number", "script"), list(enumerate(CANNOT_LAST.values())), ids=CANNOT_LAST)
def test_a_browser_that_promises_nothing_joins_all_the_same(
    newcomer: Visitor, door: Stage, number: int, script: str
) -> None:
    newcomer.page.add_init_script(script)
    pair(newcomer.page, door, f"Old phone {number}")
    newcomer.page.reload()
    expect(newcomer.page.get_by_text("Door is well")).to_be_visible()


def test_a_browser_that_cannot_write_down_its_keys_is_not_let_in(newcomer: Visitor, door: Stage) -> None:
    before = admitted(door)
    newcomer.page.add_init_script(refuses_to_keep("joining"))
    ask_to_join(newcomer.page, door, "Full phone")
    expect(newcomer.page.get_by_text("could not write down")).to_be_visible()
    assert admitted(door) == before
    newcomer.page.evaluate("sessionStorage.mended = 'yes'")
    newcomer.page.get_by_role("button", name="Join the household").click()
    expect(newcomer.page.get_by_text("Door is well")).to_be_visible()
    assert admitted(door) == before + 1


def test_a_browser_that_fails_to_write_after_it_was_let_in_goes_on_from_there(
    newcomer: Visitor, door: Stage
) -> None:
    before = admitted(door)
    newcomer.page.add_init_script(refuses_to_keep("member"))
    ask_to_join(newcomer.page, door, "Nearly full phone")
    expect(newcomer.page.get_by_text("could not write down")).to_be_visible()
    newcomer.page.reload()
    expect(newcomer.page.get_by_text("could not write down")).to_be_visible()
    newcomer.page.evaluate("sessionStorage.mended = 'yes'")
    newcomer.page.get_by_role("button", name="Try again").click()
    expect(newcomer.page.get_by_text("Door is well")).to_be_visible()
    newcomer.page.reload()
    expect(newcomer.page.get_by_text("Door is well")).to_be_visible()
    assert admitted(door) == before + 1


class Wire:
    """The page's connection to the door, on which messages of one kind are lost while it is `cut`."""

    def __init__(self, page: Page, lost: str) -> None:
        self.page, self.cut = page, True
        self._lost, self._losses = f'"{lost}"', 0
        page.route_web_socket("**/door", self._join)

    def _join(self, route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        route.on_message(lambda message: self._pass(message, server))
        server.on_message(lambda message: self._pass(message, route))

    def _pass(self, message: str | bytes, there: WebSocketRoute) -> None:
        if self.cut and self._lost in str(message):
            self._losses += 1
        else:
            there.send(message)

    def wait_for_a_loss(self) -> None:
        """Return once something was lost; whoever lost it shows nothing of it, so the page is asked meanwhile."""
        while not self._losses:
            self.page.evaluate("() => new Promise(requestAnimationFrame)")


def test_a_page_that_is_reloaded_before_the_answer_came_finds_that_it_was_let_in(
    newcomer: Visitor, door: Stage
) -> None:
    before = admitted(door)
    wire = Wire(newcomer.page, lost="reply")
    ask_to_join(newcomer.page, door, "Hasty phone")
    wire.wait_for_a_loss()
    assert admitted(door) == before + 1
    wire.cut = False
    newcomer.page.reload()
    expect(newcomer.page.get_by_text("Door is well")).to_be_visible()
    assert admitted(door) == before + 1


def test_a_page_whose_admission_never_arrived_joins_with_the_keys_that_it_kept(
    newcomer: Visitor, door: Stage
) -> None:
    before = admitted(door)
    wire = Wire(newcomer.page, lost="command")
    ask_to_join(newcomer.page, door, "Unlucky phone")
    wire.wait_for_a_loss()
    wire.cut = False
    newcomer.page.reload()
    expect(newcomer.page.get_by_role("heading", name="Not joined yet")).to_be_visible()
    assert admitted(door) == before
    newcomer.page.get_by_role("button", name="Join the household").click()
    expect(newcomer.page.get_by_text("Door is well")).to_be_visible()
    assert admitted(door) == before + 1


@pytest.fixture(scope="module")
def inside(chromium: Browser, door: Stage) -> Iterator[tuple[Page, Page]]:
    """Who invites, and somebody else of the household."""
    phone, laptop = visit(chromium, phone=True), visit(chromium)
    for visitor, name in ((phone, "Inviter"), (laptop, "Confirmer")):
        pair(visitor.page, door, name)
        visitor.page.get_by_role("button", name="Who can see").click()
    yield phone.page, laptop.page
    phone.close()
    laptop.close()


def invitation(page: Page) -> str:
    page.get_by_role("button", name="Make an invitation").click()
    link = page.get_by_label("Open this link on the new device").input_value()
    page.get_by_role("button", name="Done").click()
    return link


def apply(page: Page, link: str, name: str) -> None:
    page.goto(link)
    page.get_by_label("What should the others call this device?").fill(name)
    page.get_by_role("button", name="Ask to join").click()


def test_one_invitation_in_two_tabs_asks_once_outlives_a_reload_and_lets_both_in(
    newcomer: Visitor, door: Stage, inside: tuple[Page, Page]
) -> None:
    before = admitted(door)
    inviting, confirming = inside
    link, tabs = invitation(inviting), [newcomer.page, newcomer.context.new_page()]
    for number, tab in enumerate(tabs):
        tab.goto(link)
        tab.get_by_label("What should the others call this device?").fill(f"Twin {number}")
    for tab in tabs:
        tab.evaluate("document.querySelector('form').requestSubmit()")
    for tab in tabs:
        expect(tab.get_by_text("Waiting for a second yes")).to_be_visible()
    tabs[0].reload()
    expect(tabs[0].get_by_text("Waiting for a second yes")).to_be_visible()
    expect(confirming.get_by_role("button", name=re.compile("^Let “Twin"))).to_have_count(1)
    confirming.get_by_role("button", name=re.compile("^Let “Twin")).click()
    for tab in tabs:
        expect(tab.get_by_text("Door is well")).to_be_visible()
    assert admitted(door) == before, "nobody came by the card"


@pytest.mark.parametrize("by", [0, 1], ids=["who invited", "another"])
def test_whoever_asks_can_be_turned_away_is_told_by_whom_and_may_ask_again_when_invited(
    newcomer: Visitor, inside: tuple[Page, Page], by: int
) -> None:
    name, who = f"Salesman {by}", ["Inviter", "Confirmer"][by]
    apply(newcomer.page, invitation(inside[0]), name)
    expect(newcomer.page.get_by_text("Waiting for a second yes")).to_be_visible()
    inside[by].get_by_role("button", name=f"Turn “{name}” away").click()
    expect(newcomer.page.get_by_text(f"“{who}” turned this device away, on ")).to_be_visible()
    expect(inside[1 - by].get_by_text(f"“{name}” was turned away by {who}").first).to_be_visible()
    newcomer.page.reload()
    expect(newcomer.page.get_by_role("heading", name="Welcome to your door")).to_be_visible()

    apply(newcomer.page, invitation(inside[0]), f"{name} again")
    expect(newcomer.page.get_by_text("Waiting for a second yes")).to_be_visible()
    inside[1].get_by_role("button", name=f"Turn “{name} again” away").click()
    expect(newcomer.page.get_by_text("“Confirmer” turned this device away, on ")).to_be_visible()


def test_a_browser_that_keeps_no_x25519_key_joins_with_the_other_kind_and_opens_recordings(
    newcomer: Visitor, door: Stage
) -> None:
    newcomer.page.add_init_script(NO_X25519)
    pair(newcomer.page, door, "iPhone")
    newcomer.page.get_by_role("button", name="Who can see").click()
    expect(newcomer.page.get_by_text("opens with ML-KEM-768 and P-256")).to_be_visible()
    newcomer.page.get_by_role("button", name="Recordings", exact=True).click()
    newcomer.page.reload()
    newest_clip(newcomer.page).click()
    newcomer.page.locator("video").evaluate(PLAYS, timeout=30_000)
    expect(newcomer.page.get_by_text("Verified")).to_be_visible(timeout=30_000)


# Puts what is kept back into a database of an earlier version, with the keys alone in a form that can still be read.
AGE_DATABASE = """async () => {
  const done = request => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result); request.onerror = () => reject(request.error);
  });
  const open = await done(indexedDB.open("doorward"));
  const member = await done(open.transaction("membership").objectStore("membership").get("member"));
  open.close();
  await done(indexedDB.deleteDatabase("doorward"));
  const opening = indexedDB.open("doorward", 2);
  opening.onupgradeneeded = () => {
    for (const name of ["membership", "epochs", "old"]) opening.result.createObjectStore(name);
    opening.transaction.objectStore("membership").put(member, "member");
    opening.transaction.objectStore("membership").put({ form: "of yesterday" }, "verified");
  };
  (await done(opening)).close();
}"""


def test_a_member_keeps_its_keys_when_the_page_keeps_other_things_in_another_form(
    newcomer: Visitor, door: Stage
) -> None:
    pair(newcomer.page, door, "Faithful phone")
    before = admitted(door)
    # A place of the door's origin where no page holds the database; that there is nothing is no fault of this test.
    newcomer.page.goto(f"{door.url}/nowhere")
    newcomer.page.evaluate(AGE_DATABASE)
    newcomer.faults.clear()
    newcomer.page.goto(door.url)
    expect(newcomer.page.get_by_text("Door is well")).to_be_visible()
    newcomer.page.get_by_role("button", name="Who can see").click()
    expect(newcomer.page.locator("li", has_text="This one")).to_contain_text("Faithful phone")
    assert admitted(door) == before


def test_the_cards_link_open_in_two_tabs_makes_one_reader(newcomer: Visitor, door: Stage) -> None:
    before = admitted(door)
    tabs = [newcomer.page, newcomer.context.new_page()]
    for number, tab in enumerate(tabs):
        tab.goto(door.card.link(door.url, door.born_sha256))
        tab.get_by_label("What should the others call this device?").fill(f"Tab {number}")
    # Both are past looking for keys, and press before either can have been let in.
    for tab in tabs:
        tab.evaluate("document.querySelector('form').requestSubmit()")
    for tab in tabs:
        expect(tab.get_by_text("Door is well")).to_be_visible()
    assert admitted(door) == before + 1
    for tab in tabs:
        tab.reload()
        expect(tab.get_by_text("Door is well")).to_be_visible()
    newcomer.page.get_by_role("button", name="Who can see").click()
    expect(newcomer.page.get_by_text("Tab 0", exact=True)).to_have_count(1)
    expect(newcomer.page.get_by_text("Tab 1", exact=True)).to_have_count(0)

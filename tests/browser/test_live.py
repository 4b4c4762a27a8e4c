"""Live in Chromium: two readers at once see the drawn doorstep move, and each sees who looks."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import Visitor, free_port, pair, shots, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

SOCKETS = """
  window.sockets = [];
  window.WebSocket = class extends WebSocket {
    constructor(...how) { super(...how); window.sockets.push(this); }
  };
"""
MOVES = """async () => {
  const video = document.querySelector('.live video');
  const pixels = () => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [64, 36];
    const drawing = canvas.getContext('2d');
    drawing.drawImage(video, 0, 0, 64, 36);
    return [...drawing.getImageData(0, 0, 64, 36).data].join();
  };
  const first = video.currentTime, seen = new Set();
  while (seen.size < 3) {
    await new Promise((next) => video.requestVideoFrameCallback(next));
    seen.add(pixels());
  }
  return video.currentTime > first;
}"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(Options("scene", False, tmp_path_factory.mktemp("door") / "state", free_port())) as stage:
        yield stage


@pytest.fixture(scope="module")
def phone(chromium: Browser, stage: Stage) -> Iterator[Visitor]:
    visitor = visit(chromium, phone=True)
    visitor.page.add_init_script(SOCKETS)
    pair(visitor.page, stage, "Hallway phone")
    yield visitor
    visitor.close()


@pytest.fixture(scope="module")
def laptop(chromium: Browser, stage: Stage, phone: Visitor) -> Iterator[Visitor]:
    visitor = visit(chromium, dark=True)
    pair(visitor.page, stage, "Laptop")
    yield visitor
    visitor.close()


def look(page: Page) -> None:
    page.get_by_role("button", name="Live", exact=True).click()
    expect(page.locator(".live .sign")).to_have_text("Live", timeout=30_000)
    assert page.evaluate(MOVES)


def keep(visitor: Visitor, name: str) -> None:
    if (place := shots()) is not None:
        visitor.page.screenshot(path=place / f"{name}.png")


def test_two_readers_see_the_door_move_and_who_looks(phone: Visitor, laptop: Visitor) -> None:
    look(phone.page)
    expect(laptop.page.get_by_text("Watching live now: Hallway phone.")).to_be_visible()
    look(laptop.page)
    for visitor in (phone, laptop):
        expect(visitor.page.locator(".live video")).to_have_count(1)
        assert visitor.page.evaluate(MOVES), "a key that turned is no gap"
        expect(visitor.page.locator(".live .looking")).to_contain_text("you")
    keep(phone, "live-phone")
    keep(laptop, "live-desktop-dark")
    laptop.page.get_by_role("button", name="How late is this?").click()
    expect(laptop.page.locator(".delay")).to_contain_text("ms")


def test_a_door_without_a_loudspeaker_offers_no_talk(phone: Visitor) -> None:
    look(phone.page)
    expect(phone.page.get_by_role("button", name="Hold to talk")).to_have_count(0)
    phone.page.get_by_role("button", name="Door", exact=True).click()
    expect(phone.page.get_by_role("heading", name="Privacy")).to_be_visible()
    expect(phone.page.get_by_role("heading", name="Quick replies")).to_have_count(0)
    look(phone.page)


def test_one_tap_leads_to_what_happened_before_and_back(phone: Visitor, laptop: Visitor) -> None:
    phone.page.get_by_role("button", name="What happened before").click()
    expect(phone.page.locator(".live")).to_have_count(0)
    expect(phone.page.locator(".looking")).to_have_text("Watching live now: Laptop.")
    look(phone.page)
    phone.page.get_by_role("button", name="What happened before").click()
    laptop.page.get_by_role("button", name="What happened before").click()
    expect(laptop.page.locator(".looking")).to_have_count(0)


def test_a_connection_that_breaks_is_got_over_without_a_hand(phone: Visitor) -> None:
    look(phone.page)
    phone.page.evaluate("window.sockets.forEach((socket) => socket.close())")
    assert phone.page.evaluate(MOVES)
    expect(phone.page.locator(".live .sign")).to_have_text("Live", timeout=30_000)


def test_pictures_that_are_changed_repeated_or_swapped_on_the_way_are_never_shown(
    chromium: Browser, stage: Stage, phone: Visitor
) -> None:
    """Between this reader and the door stands somebody who relays what the test says."""
    way: dict[str, Callable[[bytes], list[bytes]]] = {"goes": lambda data: [data]}
    held: list[bytes] = []

    def changed(data: bytes) -> list[bytes]:
        return [data[:-1] + bytes([data[-1] ^ 1])]

    def swapped(data: bytes) -> list[bytes]:
        held.append(data)
        if len(held) < 2:
            return []
        pair_of_them = [held.pop(), held.pop()]
        return pair_of_them + pair_of_them

    def stand_between(page: WebSocketRoute) -> None:
        door = page.connect_to_server()

        def down(message: str | bytes) -> None:
            for each in way["goes"](message) if isinstance(message, bytes) else [message]:
                page.send(each)

        door.on_message(down)

    visitor = visit(chromium)
    visitor.page.route_web_socket("**/door", stand_between)
    pair(visitor.page, stage, "Tablet")
    try:
        look(visitor.page)
        way["goes"] = changed
        sign = visitor.page.locator(".live .sign")
        expect(sign).to_have_text("What came is not from your door, so it is not shown.", timeout=30_000)
        shown = visitor.page.evaluate("document.querySelector('.live video').buffered.end(0)")
        visitor.page.wait_for_function("document.querySelector('.live .sign').textContent !== 'Live'")
        assert visitor.page.evaluate("document.querySelector('.live video').buffered.end(0)") == shown
        way["goes"] = swapped
        expect(sign).to_have_text("Live", timeout=30_000)
        way["goes"] = lambda data: [data]
        assert visitor.page.evaluate(MOVES)
    finally:
        visitor.close()

"""Every view fits a narrow phone and letters of twice the size, and axe finds nothing on any, in light and dark."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from provisioning.cli import run
from provisioning.demo.demo import Stage
from tests.browser.conftest import Visitor, newest_clip, pair, shots, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(360)]

AXE = Path(__file__).parents[2] / "server/web/node_modules/axe-core/axe.min.js"
# Name, width in CSS pixels, size of the letters.
SIZES = [
    ("narrow", 320, "100%"),
    ("phone", 390, "100%"),
    ("large letters", 390, "200%"),
    ("desktop", 1280, "100%"),
]
WIDER = """() => {
  const wide = [...document.querySelectorAll("body *")].filter(element => {
    const { right, width } = element.getBoundingClientRect();
    return width > 0 && right > innerWidth + 1 && !element.closest(".announcement");
  });
  const over = document.documentElement.scrollWidth - innerWidth;
  return over > 0 ? [over, ...wide.slice(-3).map(element => element.outerHTML.slice(0, 120))] : [];
}"""


def look(page: Page, name: str) -> list[str]:
    """Return what is wrong with a view, in every size and both themes."""
    wrong: list[str] = []
    for size, width, letters in SIZES:
        page.set_viewport_size({"width": width, "height": 780})
        page.evaluate("size => { document.documentElement.style.fontSize = size }", letters)
        if wide := page.evaluate(WIDER):
            wrong.append(f"{name}, {size}: wider than the window by {wide}")
        if (place := shots()) is not None:
            page.screenshot(path=place / f"every-{name}-{size}.png".replace(" ", "-"))
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size({"width": 390, "height": 780})
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        wrong += [f"{name}, {theme}: {fault}" for fault in axe(page)]
    return wrong


def axe(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(
        """() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
             rules: { "label-content-name-mismatch": { enabled: true } } })"""
    )
    return [
        f"{fault['id']}: {fault['help']}: {[node['html'][:160] for node in fault['nodes'][:3]]}"
        for fault in found["violations"]
    ]


@pytest.fixture(scope="module")
def phone(chromium: Browser, door: Stage) -> Iterator[Visitor]:
    visitor = visit(chromium, phone=True)
    pair(visitor.page, door, "Hallway phone with a rather long name")
    yield visitor
    visitor.close()


def test_joining(chromium: Browser, door: Stage) -> None:
    visitor = visit(chromium)
    visitor.page.goto(door.url)
    visitor.page.get_by_role("heading").first.wait_for()
    wrong = look(visitor.page, "welcome")
    visitor.page.goto(door.card.link(door.url, door.born_sha256))
    visitor.page.get_by_label("What should the others call this device?").wait_for()
    assert "\n".join([*wrong, *look(visitor.page, "naming")]) == ""
    visitor.close()


def test_recordings_and_a_film(phone: Visitor) -> None:
    clip = newest_clip(phone.page)
    wrong = look(phone.page, "recordings")
    clip.click()
    expect(phone.page.get_by_text("Verified")).to_be_visible(timeout=20_000)
    wrong += look(phone.page, "film")
    phone.page.keyboard.press("Escape")
    assert "\n".join(wrong) == ""


def test_the_door(phone: Visitor) -> None:
    phone.page.get_by_role("button", name="Door", exact=True).click()
    assert "\n".join(look(phone.page, "door")) == ""


def test_who_can_see(phone: Visitor) -> None:
    phone.page.get_by_role("button", name="Who can see").click()
    phone.page.get_by_role("button", name="Check everything").click()
    expect(phone.page.get_by_text(re.compile("Nothing is wrong|recording"))).not_to_have_count(0)
    phone.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert "\n".join(look(phone.page, "people")) == ""


def test_the_saved_page(chromium: Browser, tmp_path: Path) -> None:
    saved = tmp_path / "page.html"
    assert run(["page", "--out", str(saved)]) == 0
    visitor = visit(chromium)
    visitor.page.goto(saved.as_uri())
    visitor.page.get_by_role("heading").first.wait_for()
    assert "\n".join(look(visitor.page, "saved")) == ""
    visitor.close()

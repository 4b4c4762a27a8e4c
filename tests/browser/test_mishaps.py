"""What a browser refuses, and what nobody foresaw: said where it happened, and the page stays."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from provisioning.demo.demo import Stage
from tests.browser.conftest import Visitor, pair, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def laptop(chromium: Browser, door: Stage) -> Iterator[Visitor]:
    """One of two devices, so that it may invite a third."""
    phone, laptop = visit(chromium, phone=True), visit(chromium)
    pair(phone.page, door, "Phone")
    pair(laptop.page, door, "Laptop")
    yield laptop
    phone.close()
    laptop.close()


REFUSING = """Object.defineProperty(navigator, "clipboard", { configurable: true, value: %s })"""


@pytest.mark.parametrize(
    "clipboard",
    ["undefined", "{ writeText: () => Promise.reject(new DOMException('no', 'NotAllowedError')) }", "{}"],
    ids=["none", "refused", "half"],
)
def test_a_clipboard_that_is_refused_says_so_marks_the_link_and_leaves_the_page(
    laptop: Visitor, clipboard: str
) -> None:
    page = laptop.page
    page.get_by_role("button", name="Who can see").click()
    page.evaluate(REFUSING % clipboard)
    page.get_by_role("button", name="Make an invitation").click()
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_text("The link is marked: copy it yourself.")).to_be_visible()
    link = page.get_by_label("Open this link on the new device").input_value()
    assert (
        page.evaluate(
            "document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)"
        )
        == link
    )
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text("Door is well")).to_be_visible()


def test_what_nobody_foresaw_is_said_and_takes_nothing_away(laptop: Visitor) -> None:
    page = laptop.page
    page.evaluate("void Promise.reject(new Error('unforeseen'))")
    expect(page.get_by_role("alert").filter(has_text="for a reason that nobody foresaw")).to_be_visible()
    expect(page.get_by_text("Door is well")).to_be_visible()
    page.get_by_role("button", name="All right").click()
    expect(page.get_by_text("for a reason that nobody foresaw")).to_have_count(0)
    laptop.faults[:] = [fault for fault in laptop.faults if "unforeseen" not in fault]

"""What a page shows to whoever was removed."""

import re

from playwright.sync_api import Page, expect


def says_farewell(page: Page, by: re.Pattern[str]) -> None:
    """The one thing that is said, and nothing beside it: no button, no room, no state of a door that is out of reach."""
    expect(page.get_by_role("alert")).to_contain_text(
        "This device was removed from the household", timeout=5_000
    )
    expect(page.get_by_role("alert").get_by_role("paragraph")).to_have_text(by)
    for role in ("button", "link", "navigation", "status", "note"):
        expect(page.get_by_role(role)).to_have_count(0)
    expect(page.get_by_text("not reachable")).to_have_count(0)

"""Health on the page: what the door finds of itself, each with its level and what to do."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import Visitor, free_port, pair, shots, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(Options("scene", False, tmp_path_factory.mktemp("door") / "state", free_port())) as stage:
        yield stage


@pytest.fixture(scope="module")
def phone(chromium: Browser, stage: Stage) -> Visitor:
    visitor = visit(chromium, phone=True)
    pair(visitor.page, stage, "Hallway phone")
    return visitor


def test_what_the_door_finds_of_itself_stands_under_the_door_with_what_to_do(phone: Visitor) -> None:
    page = phone.page
    page.get_by_role("button", name="Door", exact=True).click()
    health = page.locator("section", has=page.get_by_role("heading", name="Health", exact=True))
    lines = health.locator("li")
    expect(lines.filter(has_text=re.compile("^Self-test not known"))).to_have_count(1, timeout=30_000)
    expect(lines.filter(has_text=re.compile("^Camera well"))).to_have_count(1)
    expect(lines.filter(has_text="GB are free")).to_have_count(1)
    expect(lines.filter(has_text=re.compile("^Clock"))).to_contain_text("the clock says", ignore_case=True)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        if (place := shots()) is not None:
            health.screenshot(path=Path(place) / f"health-{scheme}.png")

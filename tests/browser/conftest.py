"""A real door (both processes) and a real Chromium."""

import re
import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect, sync_playwright

from provisioning.demo.demo import Options, Stage, staged
from tests.support.belled import without_a_bell

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]


CLIP = re.compile("^(?!.*Recording now).*(Rang the bell|Movement)")
"""The name of a finished recording that the page can open, a button; what is locked is none."""
NEXT_VISIT_MS = 240_000
"""After this, a door has hung. Who joins once a visitor is there is sealed to from the next one on: that is a minute later,
three if the two after it are cats, and more on a busy machine."""


# What a page shows late on a busy machine is shown all the same; what it never shows fails a test a little later.
expect.set_options(timeout=30_000)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session", autouse=True)
def _nobody_is_called_to_the_door() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        without_a_bell(patch)
        # Nor is a sound server begun for a browser, or heard on somebody's desk; a test that wants one has its own.
        patch.setenv("PULSE_SERVER", "unix:/nowhere")
        yield


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    if shutil.which("chromium") is None:
        pytest.skip("Debian's Chromium is not installed; scripts/test installs it")
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A running door with the drawn doorstep, its page on loopback."""
    state = tmp_path_factory.mktemp("door") / "state"
    with staged(Options(camera="scene", lan=False, state=state, port=free_port())) as stage:
        yield stage


@dataclass
class Visitor:
    """A browser context with a page, and everything that went wrong in it."""

    page: Page
    context: BrowserContext
    faults: list[str]

    def close(self) -> None:
        self.context.close()
        assert self.faults == []


def visit(
    browser: Browser, *, phone: bool = False, ignore_https_errors: bool = False, dark: bool = False
) -> Visitor:
    """Return a fresh browser: no keys, no history."""
    context = browser.new_context(
        viewport={"width": 375, "height": 740} if phone else {"width": 1100, "height": 800},
        device_scale_factor=2 if phone else 1,
        color_scheme="dark" if dark else "light",
        ignore_https_errors=ignore_https_errors,
        service_workers="block",
    )
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    return Visitor(page, context, faults)


# Resolves once the video has played for a second. (The page's policy forbids Playwright's own wait_for_function.)
PLAYS = """video => new Promise(done => {
  const look = () => video.currentTime > 1 && done(video.currentTime);
  video.addEventListener("timeupdate", look); look();
})"""


def pair(page: Page, door: Stage, name: str) -> None:
    """Join the household by the card's link."""
    page.goto(door.card.link(door.url, door.born_sha256))
    page.get_by_role("heading", name="Demo door").wait_for()
    page.get_by_label("What should the others call this device?").fill(name)
    page.get_by_role("button", name="Join the household").click()
    expect(page.get_by_text("Door is well")).to_be_visible()


def newest_clip(page: Page) -> Locator:
    """Return the newest recording that this device can open, as soon as there is one."""
    clip = page.get_by_role("button", name=CLIP).first
    clip.wait_for(timeout=NEXT_VISIT_MS)
    return clip


def shots() -> Path | None:
    """Return where to leave screenshots, if somebody wants to look (DOORWARD_SHOTS)."""
    import os

    place = os.environ.get("DOORWARD_SHOTS")
    return Path(place) if place else None

"""A tablet on the wall: it keeps awake, rings with the picture, goes back to its clock, and says so when it would not ring."""

import re
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import Visitor, free_port, shots
from tests.browser.test_for_everybody import axe
from tests.browser.test_ring import come, ringing
from tests.support.belled import press, with_a_button

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

CLOCK = re.compile(r"^\d\d:\d\d$")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch:
        with_a_button(patch)
        with staged(Options("scene", False, tmp_path_factory.mktemp("door") / "state", free_port())) as stage:
            yield stage


@pytest.fixture(scope="module")
def tablet(chromium: Browser, stage: Stage) -> Iterator[Visitor]:
    visitor = come(chromium, stage, "Wall tablet")
    visitor.page.get_by_role("button", name="Door", exact=True).click()
    visitor.page.get_by_role("button", name="Use this device as the bell").click()
    yield visitor
    visitor.close()


def keep(visitor: Visitor, name: str) -> None:
    if (place := shots()) is not None:
        for size, (width, height) in {"tablet": (1100, 800), "phone": (390, 780)}.items():
            visitor.page.set_viewport_size({"width": width, "height": height})
            visitor.page.screenshot(path=place / f"{name}-{size}.png")


def test_the_wall_shows_a_clock_and_was_heard_when_it_was_set_up(tablet: Visitor) -> None:
    page = tablet.page
    expect(page.get_by_role("heading", name=CLOCK)).to_be_visible()
    expect(page.get_by_text("this bell is ready")).to_be_visible()
    assert page.evaluate("heard") > 0
    keep(tablet, "wall")
    assert axe(page) == []


def test_a_ring_takes_the_whole_wall_and_gives_it_back_to_the_clock(stage: Stage, tablet: Visitor) -> None:
    page, before = tablet.page, tablet.page.evaluate("heard")
    press(stage)
    ringing(tablet)
    box = page.get_by_role("alertdialog").bounding_box()
    window = page.viewport_size
    assert box is not None
    assert window is not None
    assert (box["width"], box["height"]) == (window["width"], window["height"])
    assert page.evaluate("heard") > before
    keep(tablet, "wall-ring")
    assert axe(page) == []
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("heading", name=CLOCK)).to_be_visible()
    expect(page.get_by_text("Nobody has looked yet.")).to_be_visible()
    press(stage)
    ringing(tablet)
    page.get_by_role("button", name="I have it").click()
    page.get_by_role("button", name="All right").click()
    expect(page.get_by_text("Nobody has looked yet.")).to_have_count(0)


def test_a_look_from_the_wall_is_live_and_leads_back_to_the_clock(stage: Stage, tablet: Visitor) -> None:
    page = tablet.page
    press(stage)
    ringing(tablet)
    page.get_by_role("button", name="Look").click()
    expect(page.locator(".live .sign", has_text=re.compile("^Live$"))).to_be_visible()
    keep(tablet, "wall-live")
    assert axe(page) == []
    page.get_by_role("button", name="Back to the clock").click()
    expect(page.get_by_role("heading", name=CLOCK)).to_be_visible()
    expect(page.get_by_text("Nobody has looked yet.")).to_have_count(0)


def test_it_hangs_there_again_after_a_restart_and_says_that_it_is_silent_until_it_is_touched(
    tablet: Visitor,
) -> None:
    page = tablet.page
    page.add_init_script(
        "AudioContext.prototype.resume = function () {"
        "  if (navigator.userActivation.isActive) window.touched = true; return Promise.resolve(); };"
        "Object.defineProperty(AudioContext.prototype, 'state', { get: () => window.touched ? 'running' : 'suspended' });"
    )
    page.reload()
    silent = page.get_by_role("button", name="This bell is silent")
    expect(silent).to_be_visible()
    expect(page.get_by_text("this bell is ready")).to_have_count(0)
    keep(tablet, "wall-silent")
    silent.click()
    expect(silent).to_have_count(0)


def test_a_bell_that_lost_its_door_says_so_on_the_whole_wall_and_finds_it_again(
    stage: Stage, tablet: Visitor
) -> None:
    device = stage.processes._running["device"]
    device.send_signal(signal.SIGSTOP)
    try:
        sign = tablet.page.get_by_role("alert").filter(has_text="This bell has lost the door")
        expect(sign).to_be_visible(timeout=25_000)
        expect(tablet.page.get_by_text("this bell is ready")).to_have_count(0)
        keep(tablet, "wall-lost")
        tablet.page.emulate_media(reduced_motion="reduce")
        assert axe(tablet.page) == []
    finally:
        device.send_signal(signal.SIGCONT)
    expect(tablet.page.get_by_role("heading", name=CLOCK)).to_be_visible(timeout=30_000)


def test_a_wall_that_nobody_touches_dims_and_a_touch_lights_it(tablet: Visitor) -> None:
    page = tablet.page
    page.clock.install()
    page.reload()
    expect(page.get_by_role("heading", name=CLOCK)).to_be_visible()
    page.clock.run_for(61_000)
    expect(page.locator(".wall.dim")).to_have_count(1)
    page.get_by_role("heading", name=CLOCK).click()
    expect(page.locator(".wall.dim")).to_have_count(0)
    page.clock.resume()


def test_a_browser_that_cannot_stay_awake_is_told_of(tablet: Visitor) -> None:
    tablet.page.add_init_script("delete Navigator.prototype.wakeLock")
    tablet.page.reload()
    expect(tablet.page.get_by_text("This browser cannot keep the screen on.")).to_be_visible()
    tablet.page.get_by_role("button", name="Leave bell mode").click()
    expect(tablet.page.get_by_role("button", name="Recordings")).to_be_visible()

"""Somebody rings: every open page of the household rings, shows who, and knows who has it; until then it stays on top."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import Visitor, free_port, pair, shots, visit
from tests.support.belled import press, with_a_button

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

# Counts the strokes that are struck on a running context, so that a test hears.
EARS = """
  window.heard = 0;
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    if (this.context.state === "running") window.heard += 1;
    return start.apply(this, when);
  };
"""
RINGS = "Somebody is at the door"
NOBODY = re.compile(r"^Rang .*\d\d:\d\d")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch:
        with_a_button(patch)
        with staged(Options("scene", False, tmp_path_factory.mktemp("door") / "state", free_port())) as stage:
            yield stage


def come(chromium: Browser, stage: Stage, name: str, *, phone: bool = False, dark: bool = False) -> Visitor:
    visitor = visit(chromium, phone=phone, dark=dark)
    visitor.page.add_init_script(EARS)
    pair(visitor.page, stage, name)
    return visitor


@pytest.fixture(scope="module")
def phone(chromium: Browser, stage: Stage) -> Iterator[Visitor]:
    visitor = come(chromium, stage, "Hallway phone", phone=True)
    yield visitor
    visitor.close()


@pytest.fixture(scope="module")
def laptop(chromium: Browser, stage: Stage, phone: Visitor) -> Iterator[Visitor]:
    visitor = come(chromium, stage, "Laptop", dark=True)
    yield visitor
    visitor.close()


def keep(visitor: Visitor, name: str) -> None:
    if (place := shots()) is not None:
        visitor.page.screenshot(path=place / f"{name}.png")


def ringing(visitor: Visitor) -> None:
    expect(visitor.page.get_by_role("alertdialog", name=RINGS)).to_be_visible()


def test_a_press_rings_on_every_page_with_the_picture_and_the_others_read_who_has_it(
    stage: Stage, phone: Visitor, laptop: Visitor
) -> None:
    laptop.page.get_by_role("button", name="Door", exact=True).click()
    keep(laptop, "bell-here-off")
    laptop.page.get_by_role("button", name="Ring on this device").click()
    expect(laptop.page.get_by_text("It rings while this page is open")).to_be_visible()
    expect(laptop.page.get_by_text("You should have heard it")).to_be_visible()
    tested = laptop.page.evaluate("heard")
    assert tested > 0, "set-up ends with a sound"
    keep(laptop, "bell-here-on")
    press(stage)
    for page in (phone, laptop):
        ringing(page)
        seen = page.page.get_by_alt_text("What the door saw when it rang")
        assert seen.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") == 320
    assert laptop.page.evaluate("heard") > tested, "it can be heard"
    assert phone.page.evaluate("heard") == 0, "nobody asked that one to"
    keep(phone, "ring-phone")
    keep(laptop, "ring-desktop-dark")
    phone.page.get_by_role("alertdialog").get_by_role("button", name="I have it").click()
    expect(laptop.page.get_by_role("alertdialog")).to_contain_text("Hallway phone has it.")
    expect(phone.page.get_by_role("alertdialog")).to_contain_text("You have it.")
    keep(laptop, "ring-taken-desktop-dark")
    for page in (phone, laptop):
        page.page.get_by_role("button", name="All right").click()
        expect(page.page.get_by_role("alertdialog")).to_have_count(0)
    expect(laptop.page.get_by_text(re.compile(r"Rang .*: Hallway phone has it\."))).to_be_visible()
    laptop.page.get_by_role("button", name="Who can see").click()
    expect(laptop.page.get_by_text(re.compile("Hallway phone saw to who rang at"))).to_be_visible()


def test_a_ring_that_nobody_saw_to_stays_on_top_everywhere_until_somebody_has_looked(
    stage: Stage, phone: Visitor, laptop: Visitor
) -> None:
    # The recording of the ring before has to end, or this one is part of the same visit, which somebody has.
    expect(phone.page.locator("button.clip:not(.running)")).not_to_have_count(0, timeout=60_000)
    expect(phone.page.locator(".clip .length.now")).to_have_count(0, timeout=60_000)
    press(stage)
    for page in (phone, laptop):
        ringing(page)
        page.page.get_by_role("button", name="Not now").click()
        expect(page.page.locator(".visit").filter(has_text=NOBODY)).to_be_visible()
    keep(phone, "rang-phone")
    phone.page.reload()
    ringing(phone)  # whoever opens the page within half a minute is still told
    phone.page.get_by_role("button", name="Not now").click()
    waiting = phone.page.locator(".visit").filter(has_text="Nobody has looked yet.")
    expect(waiting).to_be_visible()
    expect(phone.page.locator(".clip .length.now")).to_have_count(1, timeout=60_000)
    expect(phone.page.locator(".clip .length.now")).to_have_count(0, timeout=60_000)
    look = waiting.get_by_role("button", name="Look")
    keep(phone, "rang-phone-look")
    keep(laptop, "rang-desktop-dark")
    look.click()
    expect(phone.page.get_by_text("Verified")).to_be_visible(timeout=20_000)
    phone.page.keyboard.press("Escape")
    for page in (phone, laptop):
        expect(page.page.locator(".visit")).to_have_count(0)


def test_a_look_at_a_ring_is_one_at_what_happens_now_and_everybody_reads_how_long(
    stage: Stage, phone: Visitor, laptop: Visitor
) -> None:
    expect(phone.page.locator(".clip .length.now")).to_have_count(0, timeout=60_000)
    press(stage)
    ringing(laptop)
    ringing(phone)
    phone.page.get_by_role("alertdialog").get_by_role("button", name="Look").click()
    expect(phone.page.get_by_role("alertdialog")).to_have_count(0)
    expect(phone.page.locator(".live .sign", has_text=re.compile("^Live$"))).to_be_visible()
    laptop.page.get_by_role("button", name="Not now").click()
    expect(laptop.page.get_by_text("Watching live now: Hallway phone.")).to_be_visible()
    expect(laptop.page.locator(".visit")).to_have_count(0)
    phone.page.get_by_role("button", name="What happened before").click()
    laptop.page.get_by_role("button", name="Who can see").click()
    expect(laptop.page.get_by_text(re.compile(r"Hallway phone watched live, for \d+ second"))).to_be_visible()
    laptop.page.get_by_role("button", name="Recordings", exact=True).click()


def test_privacy_and_a_snooze_are_one_tap_each_and_everybody_reads_whose(
    phone: Visitor, laptop: Visitor
) -> None:
    phone.page.get_by_role("button", name="Door", exact=True).click()
    phone.page.get_by_role("button", name="Turn privacy on").click()
    expect(laptop.page.locator("header .link")).to_have_text("Privacy is on", timeout=20_000)
    expect(laptop.page.get_by_role("note").filter(has_text="Hallway phone set it")).to_be_visible()
    keep(phone, "door-privacy-phone")
    phone.page.get_by_role("button", name="Turn privacy off").click()
    expect(laptop.page.locator("header .link")).to_have_text("Door is well", timeout=20_000)
    phone.page.get_by_role("button", name="For an hour", exact=True).click()
    expect(
        phone.page.get_by_text(re.compile(r"Snoozed until (\w+ \d+ \w+, )?\d\d:\d\d\. Who rings"))
    ).to_be_visible()
    expect(laptop.page.locator("header .link")).to_have_text(
        re.compile(r"Snoozed until (\d\d:\d\d|\w+day)"), timeout=20_000
    )
    keep(phone, "door-snoozed-phone")
    phone.page.get_by_role("button", name="End the snooze").click()
    expect(laptop.page.locator("header .link")).to_have_text("Door is well", timeout=20_000)


def test_the_chime_is_silent_for_an_hour_by_one_tap_and_everybody_reads_it(
    phone: Visitor, laptop: Visitor
) -> None:
    phone.page.get_by_role("button", name="Door", exact=True).click()
    phone.page.get_by_role("button", name="Silent for an hour").click()
    told = re.compile(
        r"The chime is silent until (\w+ \d+ \w+, )?\d\d:\d\d\. Who rings is recorded, and every page rings\."
    )
    expect(phone.page.get_by_text(told)).to_be_visible()
    expect(laptop.page.locator("header .link")).to_have_text(
        re.compile(r"Chime is silent until (\d\d:\d\d|\w+day)"), timeout=20_000
    )
    keep(phone, "door-silent-phone")
    phone.page.get_by_role("button", name="Let it sound again").click()
    expect(laptop.page.locator("header .link")).to_have_text("Door is well", timeout=20_000)


def test_a_page_out_of_sight_notifies_and_says_nothing_of_who_came(
    chromium: Browser, stage: Stage, phone: Visitor
) -> None:
    hidden = come(chromium, stage, "Hidden laptop")
    hidden.page.evaluate("""() => {
      window.told = Promise.withResolvers();
      Object.defineProperty(document, "hidden", { get: () => true });
      window.Notification = class {
        static permission = "granted";
        constructor(title, { body, tag }) { window.told.resolve([title, body, tag]); }
        addEventListener() {}
      };
    }""")
    press(stage)
    title, body, tag = hidden.page.evaluate("window.told.promise")
    assert (title, tag) == ("Demo door", "ring")
    assert re.fullmatch(r"Somebody is at the door · \d\d:\d\d", body)
    ringing(phone)
    phone.page.get_by_role("alertdialog").get_by_role("button", name="I have it").click()
    phone.page.get_by_role("button", name="All right").click()
    hidden.close()


def test_a_device_that_wanted_to_ring_says_after_a_reload_that_it_is_silent_until_it_is_touched(
    chromium: Browser, laptop: Visitor
) -> None:
    laptop.page.add_init_script(
        "Object.defineProperty(AudioContext.prototype, 'state', {"
        " get() { return this.touched ? 'running' : 'suspended'; } });"
        "AudioContext.prototype.resume = async function () { this.touched = navigator.userActivation.isActive; };"
    )
    laptop.page.reload()
    expect(laptop.page.get_by_text("This device stays silent until you touch the page.")).to_be_visible()
    laptop.page.get_by_role("heading", name="Demo door").click()
    expect(laptop.page.get_by_text("This device stays silent")).to_have_count(0)

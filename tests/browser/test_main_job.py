"""The main job in a real browser: pair by the card's link, see the clip arrive, play it, come back tomorrow."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from provisioning.card.card import Card
from provisioning.demo.demo import Stage
from tests.browser.conftest import CLIP, PLAYS, Visitor, newest_clip, pair, shots, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(360)]

# Draws the video's present frame and returns its spread of brightness and its mean colour.
LOOK = """video => {
  const canvas = document.createElement("canvas");
  canvas.width = 64; canvas.height = 36;
  const at = canvas.getContext("2d");
  at.drawImage(video, 0, 0, 64, 36);
  const { data } = at.getImageData(0, 0, 64, 36);
  const luma = [];
  for (let i = 0; i < data.length; i += 4) luma.push(0.2126 * data[i] + 0.7152 * data[i + 1] + 0.0722 * data[i + 2]);
  return { low: Math.min(...luma), high: Math.max(...luma), width: video.videoWidth, height: video.videoHeight };
}"""


def keep(page: Page, name: str) -> None:
    if (place := shots()) is not None:
        page.screenshot(path=place / f"{name}.png")


@pytest.fixture(scope="module")
def phone(chromium: Browser, door: Stage) -> Visitor:
    visitor = visit(chromium, phone=True)
    pair(visitor.page, door, "Hallway phone")
    return visitor


def test_the_cards_link_leaves_the_address_bar_at_once(phone: Visitor, door: Stage) -> None:
    assert phone.page.url.rstrip("/") == door.url
    assert "card" not in phone.page.evaluate("location.href + JSON.stringify(history.state)")


def test_the_clip_arrives_by_itself_with_its_picture(phone: Visitor) -> None:
    clip = newest_clip(phone.page)
    picture = clip.locator("img").first
    picture.wait_for()
    assert picture.evaluate("image => image.naturalWidth") == 320
    keep(phone.page, "list-phone")


def test_it_plays_shows_the_scene_and_is_verified(phone: Visitor) -> None:
    phone.page.get_by_role("button", name=CLIP).first.click()
    video = phone.page.locator("video")
    expect(phone.page.get_by_role("dialog")).to_be_visible()
    video.evaluate(PLAYS, timeout=20_000)
    expect(phone.page.get_by_text("Verified")).to_be_visible(timeout=20_000)
    seen = video.evaluate(LOOK)
    assert (seen["width"], seen["height"]) == (1280, 720)
    assert seen["high"] - seen["low"] > 60, "a decoded frame shows the drawn doorstep, not one colour"
    keep(phone.page, "play-phone")
    phone.page.keyboard.press("Escape")
    expect(phone.page.get_by_role("dialog")).to_be_hidden()


def test_the_household_sees_who_looked(phone: Visitor) -> None:
    phone.page.get_by_role("button", name="Who can see").click()
    expect(phone.page.get_by_text("Hallway phone").first).to_be_visible()
    expect(phone.page.get_by_text(re.compile("opened the recording|opened"))).not_to_have_count(0)
    keep(phone.page, "people-phone")
    phone.page.get_by_role("button", name="Recordings").click()


def test_after_a_reload_it_is_still_paired(phone: Visitor) -> None:
    phone.page.reload()
    expect(phone.page.get_by_text("Door is well")).to_be_visible()
    expect(phone.page.get_by_role("button", name=CLIP).first).to_be_visible()


def test_no_key_can_be_carried_away_by_script(phone: Visitor) -> None:
    exported = phone.page.evaluate(
        """async () => {
          const open = name => new Promise((done, fail) => {
            const request = indexedDB.open(name);
            request.onsuccess = () => done(request.result); request.onerror = () => fail(request.error);
          });
          const keys = [];
          const walk = value => {
            if (value instanceof CryptoKey) keys.push(value);
            else if (value && typeof value === "object" && !(value instanceof ArrayBuffer) && !ArrayBuffer.isView(value))
              Object.values(value).forEach(walk);
          };
          for (const { name } of await indexedDB.databases()) {
            const db = await open(name);
            for (const store of db.objectStoreNames) {
              const all = db.transaction(store).objectStore(store).getAll();
              await new Promise(done => { all.onsuccess = done; });
              walk(all.result);
            }
            db.close();
          }
          const secret = keys.filter(key => key.type !== "public");
          return { secret: secret.length, extractable: secret.filter(key => key.extractable).length,
                   names: secret.map(key => key.algorithm.name).sort() };
        }"""
    )
    assert exported["extractable"] == 0
    assert {"Ed25519", "X25519"} <= set(exported["names"])


def test_a_second_device_is_seen_by_the_first_at_once(phone: Visitor, door: Stage, chromium: Browser) -> None:
    tablet = visit(chromium, dark=True)
    pair(tablet.page, door, "Kitchen tablet")
    keep(tablet.page, "list-desktop-dark")
    phone.page.get_by_role("button", name="Who can see").click()
    expect(phone.page.get_by_text("Kitchen tablet").first).to_be_visible()
    tablet.close()


def test_a_wrong_card_is_refused_with_a_sentence(chromium: Browser, door: Stage) -> None:
    stranger = visit(chromium)
    stranger.page.goto(Card().link(door.url, door.born_sha256))
    stranger.page.get_by_role("button", name="Join the household").click()
    expect(stranger.page.get_by_text("The door does not accept this code.")).to_be_visible()
    stranger.close()


def test_another_door_than_the_cards_is_refused(chromium: Browser, door: Stage) -> None:
    stranger = visit(chromium)
    stranger.page.goto(door.card.link(door.url, bytes(32)))
    expect(stranger.page.get_by_text("This is not the door the card belongs to.")).to_be_visible()
    stranger.close()


def test_nothing_went_wrong_on_the_phone(phone: Visitor) -> None:
    phone.close()

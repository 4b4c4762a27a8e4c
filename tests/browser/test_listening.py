"""What is said at the door, in Chromium: heard live by whoever asks, and in the film; and the page says that the door listens."""

import shutil
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from device.hearing.microphone import PROGRAM
from device.hearing.sound import RATE
from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import CLIP, PLAYS, Visitor, free_port, newest_clip, pair, shots, visit
from tests.browser.test_live import look
from tests.support.listening import with_a_microphone

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="alsa-utils is not installed"),
]

TONE_HZ = 700
SPOKEN_S = 1_200

# Keeps what the page gives its loudspeaker: each moment's samples, and when it is to begin.
OVERHEAR = """
window.overheard = [];
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (at) {
  window.overheard.push({ at, now: this.context.currentTime, samples: [...this.buffer.getChannelData(0)] });
  return start.call(this, at);
};
"""
HEARD = "count => window.overheard.length >= count"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    spoken = tmp_path_factory.mktemp("sound") / "spoken.raw"
    at = np.arange(SPOKEN_S * RATE) / RATE
    spoken.write_bytes((16_000 * np.sin(2 * np.pi * TONE_HZ * at)).astype("<i2").tobytes())
    with pytest.MonkeyPatch.context() as patch:
        with_a_microphone(patch, spoken)
        state = tmp_path_factory.mktemp("door") / "state"
        with staged(Options("scene", False, state, free_port())) as stage:
            yield stage


@pytest.fixture(scope="module")
def phone(chromium: Browser, stage: Stage) -> Iterator[Visitor]:
    visitor = visit(chromium, phone=True)
    visitor.page.add_init_script(OVERHEAR)
    pair(visitor.page, stage, "Hallway phone")
    yield visitor
    visitor.close()


def keep(page: Page, name: str) -> None:
    if (place := shots()) is not None:
        page.screenshot(path=place / f"{name}.png")


def test_the_page_says_that_the_door_listens_and_is_silent_until_somebody_asks(phone: Visitor) -> None:
    look(phone.page)
    expect(
        phone.page.get_by_text("The door listens: what is said in front of it is recorded")
    ).to_be_visible()
    assert phone.page.evaluate("window.overheard.length") == 0
    keep(phone.page, "listen-phone")


def test_who_asks_by_a_touch_hears_what_is_said_and_never_late(phone: Visitor) -> None:
    phone.page.get_by_role("button", name="Sound").click()
    phone.page.wait_for_function(HEARD, arg=50, timeout=30_000)
    moments = phone.page.evaluate("window.overheard")
    assert max(moment["at"] - moment["now"] for moment in moments) < 0.3
    heard = np.array(moments[-1]["samples"])
    power = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    assert abs(power.argmax() * RATE / len(heard) - TONE_HZ) < RATE / len(heard)
    assert np.abs(heard).max() == pytest.approx(0.49, abs=0.02)


def test_one_touch_more_and_nothing_is_heard(phone: Visitor) -> None:
    phone.page.get_by_role("button", name="Sound is on").click()
    expect(phone.page.get_by_role("button", name="Sound", exact=True)).to_be_visible()
    before = phone.page.evaluate("window.overheard.length")
    video = phone.page.locator(".live video")
    begun = video.evaluate("video => video.currentTime")
    phone.page.wait_for_function(
        "begun => document.querySelector('.live video').currentTime > begun + 1", arg=begun, timeout=30_000
    )
    assert phone.page.evaluate("window.overheard.length") == before


def test_a_film_has_the_sound_beside_its_picture(phone: Visitor) -> None:
    phone.page.get_by_role("button", name="Recordings").click()
    newest_clip(phone.page).wait_for()
    phone.page.get_by_role("button", name=CLIP).first.click()
    video = phone.page.locator("dialog video")
    video.evaluate(PLAYS, timeout=30_000)
    expect(phone.page.get_by_text("Verified")).to_be_visible(timeout=30_000)
    assert video.evaluate("video => video.webkitAudioDecodedByteCount") > 0
    assert video.evaluate("video => video.videoWidth") == 1280
    assert not video.evaluate("video => video.muted")
    video.evaluate("video => { video.currentTime = video.duration / 2; }")
    video.evaluate(PLAYS, timeout=30_000)
    keep(phone.page, "listen-film")


def test_a_browser_without_aac_shows_the_picture_and_says_so(phone: Visitor) -> None:
    phone.page.keyboard.press("Escape")
    phone.page.evaluate(
        """() => {
          const knows = MediaSource.isTypeSupported.bind(MediaSource);
          MediaSource.isTypeSupported = (type) => !type.includes("mp4a") && knows(type);
        }"""
    )
    phone.page.get_by_role("button", name=CLIP).first.click()
    video = phone.page.locator("dialog video")
    video.evaluate(PLAYS, timeout=30_000)
    expect(phone.page.get_by_text("It has sound, which this browser cannot play.")).to_be_visible()
    expect(phone.page.get_by_text("Verified")).to_be_visible(timeout=30_000)
    video.evaluate("video => { video.currentTime = video.duration / 2; }")
    video.evaluate(PLAYS, timeout=30_000)
    assert video.evaluate("video => video.webkitAudioDecodedByteCount") == 0

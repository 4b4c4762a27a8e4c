"""A word at the door, in Chromium: what the microphone hears is what the loudspeaker plays, and everybody sees who speaks."""

import base64
import shutil
import wave
from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from device.door.player import PROGRAM
from device.door.voice import FRAME_BYTES, RATE_HZ
from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import ARGUMENTS, CHROMIUM, Visitor, free_port, pair, shots, visit
from tests.browser.test_live import look
from tests.support.voiced import with_a_loudspeaker
from tests.support.waiting import wait_for

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(240),
    pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="alsa-utils is not installed"),
]

MELODY_HZ = [500, 900, 1_300, 700, 1_100]
"""What the microphone hears, again and again: tones of half a second."""
TONE_S = 0.5
MICROPHONE_HZ = 48_000

SENTENCE = """async () => {
  const opening = indexedDB.open("doorward-sentences");
  await new Promise((done) => { opening.onsuccess = done; });
  const all = opening.result.transaction("sentences").objectStore("sentences").getAll();
  await new Promise((done) => { all.onsuccess = done; });
  opening.result.close();
  return btoa(Array.from(all.result[0].sound, (byte) => String.fromCharCode(byte)).join(""));
}"""


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sound") / "card.raw"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, card: Path) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch:
        with_a_loudspeaker(patch, card)
        state = tmp_path_factory.mktemp("door") / "state"
        with staged(Options("scene", False, state, free_port())) as stage:
            yield stage


@pytest.fixture(scope="module")
def hearing(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium whose microphone hears the melody."""
    file = tmp_path_factory.mktemp("microphone") / "melody.wav"
    at = np.arange(round(TONE_S * MICROPHONE_HZ)) / MICROPHONE_HZ
    tones = [0.5 * np.sin(2 * np.pi * hz * at) for hz in MELODY_HZ]
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(MICROPHONE_HZ)
        sound.writeframes((np.concatenate(tones) * 32_767).astype("<i2").tobytes())
    fake = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={file}"]
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *fake])
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def phone(hearing: Browser, stage: Stage) -> Iterator[Visitor]:
    visitor = visit(hearing, phone=True)
    visitor.context.grant_permissions(["microphone"])
    pair(visitor.page, stage, "Hallway phone")
    yield visitor
    visitor.close()


@pytest.fixture(scope="module")
def laptop(hearing: Browser, stage: Stage, phone: Visitor) -> Iterator[Visitor]:
    visitor = visit(hearing, dark=True)
    visitor.context.grant_permissions(["microphone"])
    pair(visitor.page, stage, "Laptop")
    yield visitor
    visitor.close()


def heard(card: Path) -> np.ndarray:
    """Return what the card played since it was opened the last time, or since the file was removed."""
    data = card.read_bytes() if card.exists() else b""
    return np.frombuffer(data[: len(data) // 2 * 2], "<i2")


def pitch(samples: np.ndarray) -> float:
    """Return the loudest tone in samples, in Hz."""
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(power.argmax() * RATE_HZ / len(samples))


def tones(samples: np.ndarray) -> list[int]:
    """Return the tones that are in samples, one behind another, each to the next that is in the melody; silence is none."""
    window = round(0.1 * RATE_HZ)
    found = []
    for at in range(0, len(samples) - window, window):
        piece = samples[at : at + window].astype(float)
        if np.abs(piece).max() < 500:
            continue
        hz = pitch(piece)
        found.append(min(MELODY_HZ, key=lambda tone: abs(tone - hz)))
    return [tone for tone, _ in groupby(found)]


def talk(page: Page) -> None:
    """Begin to hold the button, by keyboard, so that nothing else on the page can take the pointer."""
    page.get_by_role("button", name="Hold to talk").focus()
    page.keyboard.down("Space")
    expect(page.locator(".talk [role=status]")).to_have_text("Speak now: you are heard at the door.")


def keep(visitor: Visitor, name: str) -> None:
    if (place := shots()) is not None:
        visitor.page.screenshot(path=place / f"{name}.png")


def test_what_the_microphone_hears_is_played_at_the_door_and_everybody_sees_who_speaks(
    phone: Visitor, laptop: Visitor, card: Path
) -> None:
    look(phone.page)
    look(laptop.page)
    wait_for(lambda: len(heard(card)) > 0)  # it was tried at the start
    card.unlink()
    talk(phone.page)
    expect(laptop.page.locator(".talk [role=status]")).to_have_text("Hallway phone speaks at the door.")
    expect(laptop.page.get_by_role("button", name="Hold to talk")).to_be_disabled()
    keep(phone, "talk-phone")
    keep(laptop, "talk-desktop-dark")
    wait_for(lambda: len(heard(card)) > 4 * RATE_HZ)
    phone.page.keyboard.up("Space")
    expect(laptop.page.get_by_role("button", name="Hold to talk")).to_be_enabled()
    order = tones(heard(card))
    assert len(order) >= 6, order
    follows = dict(zip(MELODY_HZ, [*MELODY_HZ[1:], MELODY_HZ[0]], strict=True))
    in_turn = sum(follows[tone] == later for tone, later in pairwise(order))
    assert in_turn >= len(order) - 2, f"the melody in its order: {order}"


def test_it_can_be_held_with_a_finger_and_nothing_is_heard_after_it_is_lifted(
    phone: Visitor, laptop: Visitor, card: Path
) -> None:
    button = phone.page.get_by_role("button", name="Hold to talk")
    button.scroll_into_view_if_needed()
    button.hover()
    card.unlink()
    phone.page.mouse.down()
    wait_for(lambda: len(heard(card)) > RATE_HZ)
    phone.page.mouse.up()
    expect(laptop.page.get_by_role("button", name="Hold to talk")).to_be_enabled()
    card.unlink()
    talk(laptop.page)
    wait_for(lambda: len(heard(card)) > RATE_HZ)
    laptop.page.keyboard.up("Space")
    expect(phone.page.get_by_role("button", name="Hold to talk")).to_be_enabled()


def test_the_record_says_who_spoke_and_for_how_long(phone: Visitor, laptop: Visitor) -> None:
    laptop.page.get_by_role("button", name="Who can see").click()
    expect(laptop.page.get_by_text("Hallway phone spoke at the door, for")).to_be_visible()
    laptop.page.get_by_role("button", name="Live", exact=True).click()


def test_a_sentence_of_ones_own_is_played_as_it_was_spoken_by_one_tap(
    phone: Visitor, laptop: Visitor, card: Path
) -> None:
    phone.page.get_by_role("button", name="Door", exact=True).click()
    phone.page.get_by_label("What do you say?").fill("One moment, please")
    phone.page.get_by_role("button", name="Speak it").click()
    expect(phone.page.get_by_text("Speak now.")).to_be_visible()
    phone.page.evaluate("new Promise((done) => setTimeout(done, 1500))")
    phone.page.get_by_role("button", name="Stop").click()
    keep(phone, "sentences-phone")
    phone.page.get_by_role("button", name="Keep it").click()
    expect(phone.page.get_by_role("button", name="Forget: One moment, please")).to_be_visible()
    spoken = base64.b64decode(phone.page.evaluate(SENTENCE))
    assert len(tones(np.frombuffer(spoken, "<i2"))) >= 2
    look(phone.page)
    card.unlink()
    phone.page.get_by_role("button", name="Say “One moment, please”").click()
    expect(phone.page.locator(".talk [role=status]")).to_have_text(
        "“One moment, please” is played at the door."
    )
    phone.page.evaluate("dispatchEvent(new Event('blur'))")  # somebody looks at another window meanwhile
    expect(phone.page.get_by_role("button", name="Hold to talk")).to_be_enabled()
    expect(laptop.page.get_by_role("button", name="Hold to talk")).to_be_enabled()
    wait_for(lambda: spoken in heard(card).tobytes(), "byte by byte")
    before, _, after = heard(card).tobytes().partition(spoken)
    assert not any(before + after), "and nothing but silence around it"
    assert len(spoken) % FRAME_BYTES == 0


def test_whoever_may_not_speak_is_told_so_and_by_whom_it_was_said(phone: Visitor, laptop: Visitor) -> None:
    laptop.page.get_by_role("button", name="Who can see").click()
    laptop.page.get_by_role("button", name="Do not let it speak: Hallway phone").click()
    expect(laptop.page.get_by_role("button", name="Let it speak: Hallway phone")).to_be_visible()
    expect(phone.page.get_by_text("Laptop changed who may speak at the door")).to_be_visible()
    phone.page.get_by_role("button", name="Hold to talk").focus()
    phone.page.keyboard.down("Space")
    expect(phone.page.locator(".talk .fault")).to_contain_text("the household wants you not to speak")
    phone.page.keyboard.up("Space")
    laptop.page.get_by_role("button", name="Let it speak: Hallway phone").click()
    expect(laptop.page.get_by_role("button", name="Do not let it speak: Hallway phone")).to_be_visible()
    talk(phone.page)
    phone.page.keyboard.up("Space")


def test_a_browser_that_refuses_the_microphone_says_what_to_do(hearing: Browser, stage: Stage) -> None:
    visitor = visit(hearing)
    visitor.context.clear_permissions()
    pair(visitor.page, stage, "Tablet")
    try:
        look(visitor.page)
        visitor.page.get_by_role("button", name="Hold to talk").focus()
        visitor.page.keyboard.down("Space")
        expect(visitor.page.locator(".talk .fault")).to_contain_text("Allow the microphone for this address")
        visitor.page.keyboard.up("Space")
    finally:
        visitor.close()

"""A browser with less room for film than a film needs, as a small phone has: what it let go of is fetched and checked again.

Chromium takes one megabyte for such a source at the least; the film here has several.
"""

import math
from collections.abc import Iterator

import av
import cv2
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Playwright, Route, expect

from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import ARGUMENTS, CHROMIUM, CLIP, Visitor, free_port, pair, visit
from tests.system.device_process import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

MEMORY_BYTES = 1 << 20

# Resolves once a moment is on the screen and the film goes on from there.
PLAYS_FROM = """(video, at) => new Promise(done => {
  video.currentTime = at;
  const look = () => video.currentTime > at + 0.3 && video.currentTime < at + 3 && video.readyState > 2 && done();
  video.addEventListener("timeupdate", look);
  video.play();
})"""
ENDS = "(video, rate) => new Promise(done => { video.playbackRate = rate; video.addEventListener('ended', done); video.play(); })"
HELD = "video => Array.from({length: video.buffered.length}, (_, i) => [video.buffered.start(i), video.buffered.end(i)])"


@pytest.fixture(scope="module")
def restless_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A door before which somebody walks up and down for twenty seconds, in grain that takes many bytes to say."""
    place = tmp_path_factory.mktemp("door")
    film = place / "restless.mkv"
    dice = np.random.default_rng(3)
    wall = cv2.resize(
        dice.integers(60, 200, (45, 80, 3), np.uint8), (1280, 720), interpolation=cv2.INTER_CUBIC
    )
    coat = cv2.resize(
        dice.integers(0, 255, (25, 10, 3), np.uint8), (200, 500), interpolation=cv2.INTER_NEAREST
    )
    grain = dice.integers(0, 24, (740, 1300, 3), np.uint8)
    with av.open(str(film), "w") as container:
        stream = container.add_stream("libx264", rate=15, options={"crf": "20", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for number in range(45 * 15):
            picture = wall.copy()
            if 20 * 15 <= number < 40 * 15:
                left = round(540 + 500 * math.sin(number / 20))
                picture[150:650, left : left + 200] = coat
            down, right = dice.integers(0, 20, 2)
            picture = cv2.add(picture, grain[down : down + 720, right : right + 1280])
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            container.mux(stream.encode(frame.reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    options = Options(camera=f"replay:{film}", lan=False, state=place / "state", port=free_port())
    with staged(options) as stage:
        yield stage


@pytest.fixture(scope="module")
def small_phone(playwright: Playwright, restless_door: Stage) -> Iterator[Visitor]:
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=[*ARGUMENTS, "--mse-video-buffer-size-limit-mb=1"]
    )
    visitor = visit(browser, phone=True)
    pair(visitor.page, restless_door, "Small phone")
    wait_for(lambda: list((restless_door.state / "spool").rglob("event")), "a clip", within_s=90)
    yield visitor
    visitor.close()
    browser.close()


@pytest.fixture
def parts(small_phone: Visitor) -> list[str]:
    """The ranges that the page asks for."""
    asked: list[str] = []
    small_phone.page.on(
        "request",
        lambda request: asked.append(request.headers["range"]) if "range" in request.headers else None,
    )
    return asked


@pytest.fixture
def film(small_phone: Visitor, restless_door: Stage) -> Iterator[Locator]:
    """The film, opened and verified, however little of it the player holds."""
    sealed = next((restless_door.state / "spool").rglob("clip.mp4.age"))
    assert sealed.stat().st_size > 3 * MEMORY_BYTES
    page = small_phone.page
    page.get_by_role("button", name=CLIP).first.click()
    video = page.locator("video")
    video.evaluate("video => { video.autoplay = false; video.pause(); }")
    expect(page.get_by_text("This is exactly what your door recorded.")).to_be_visible(timeout=30_000)
    yield video
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def held_s(video: Locator) -> float:
    return sum(end - start for start, end in video.evaluate(HELD))


def test_a_film_is_verified_while_its_player_is_paused_and_full(film: Locator) -> None:
    assert 0 < held_s(film) < 15, "the player holds a part of it"


def test_it_plays_to_its_end_again_from_the_start_and_from_wherever_somebody_seeks(
    film: Locator, parts: list[str]
) -> None:
    film.evaluate(ENDS, 4)
    for at in (0, 15, 6.5, 0.2):
        film.evaluate(PLAYS_FROM, at)
    film.evaluate(ENDS, 4)
    assert parts, "what was let go of was asked for by its range"
    assert held_s(film) < 15


def test_a_part_that_does_not_come_is_told_and_asked_for_until_it_does(
    film: Locator, small_phone: Visitor
) -> None:
    page = small_phone.page
    film.evaluate(ENDS, 8)
    broken: list[str] = []

    def refuse(route: Route) -> None:
        broken.append(route.request.url)
        route.abort()

    page.route("**/sealed/*", refuse)
    film.evaluate("video => { video.currentTime = 0; }")
    expect(page.get_by_text("A part of it cannot be fetched just now. Trying again…")).to_be_visible()
    page.unroute("**/sealed/*")
    film.evaluate(PLAYS_FROM, 0)
    expect(page.get_by_text("cannot be fetched")).to_have_count(0)
    small_phone.faults[:] = [fault for fault in small_phone.faults if "ERR_FAILED" not in fault]


def test_a_part_that_comes_changed_is_not_shown(film: Locator, small_phone: Visitor) -> None:
    page = small_phone.page
    film.evaluate(ENDS, 8)
    _change_parts(page)
    film.evaluate("video => { video.currentTime = 0; }")
    expect(page.get_by_text("Changed since it was checked")).to_be_visible()
    assert film.evaluate("video => video.readyState") < 2
    page.unroute("**/sealed/*")


def test_nothing_went_wrong_on_the_small_phone(small_phone: Visitor) -> None:
    assert small_phone.faults == []


def _change_parts(page: Page) -> None:
    def change(route: Route) -> None:
        answer = route.fetch()
        body = bytearray(answer.body())
        body[len(body) // 2] ^= 1
        route.fulfill(response=answer, body=bytes(body))

    page.route("**/sealed/*", change)

"""The page that people save: from disk, without a network, it opens what the card opens and believes no forged proof."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, Page, expect

from device.sealing.identities import HybridIdentity
from device.trust.signed import Context, sign
from provisioning.cli import run
from provisioning.house.house import House
from provisioning.house.proof import Proof, read_proof
from provisioning.house.words import words
from server.routes.page import load_page
from tests.browser.conftest import shots
from tests.browser.test_main_job import LOOK
from tests.provisioning.conftest import Furnished, furnish

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

BEGINS = """video => new Promise(done => {
  const look = () => video.currentTime > 0 && done();
  video.addEventListener("timeupdate", look); look();
})"""


@dataclass
class Saved:
    """The page, open in a browser without a network, and what it asked for."""

    page: Page
    asked: list[str]
    faults: list[str]

    def open(self, file: Path, half: str) -> None:
        self.page.get_by_label("The sealed recording").set_input_files(file)
        self.page.get_by_label("The lower half of the card").fill(half)
        self.page.get_by_role("button", name="Open", exact=True).click()

    def check(self, film: Path, proof: Path) -> None:
        self.page.get_by_label("The film").set_input_files(film)
        self.page.get_by_label("Its proof").set_input_files(proof)
        self.page.get_by_role("button", name="Check").click()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "open.html"
    assert run(["page", "--out", str(path)]) == 0
    return path


@pytest.fixture
def saved(chromium: Browser, file: Path) -> Iterator[Saved]:
    context = chromium.new_context(
        viewport={"width": 390, "height": 800}, service_workers="block", locale="en-GB"
    )
    context.set_offline(True)
    page = context.new_page()
    saved = Saved(page, [], [])
    page.on("request", lambda request: saved.asked.append(request.url))
    page.on("pageerror", lambda error: saved.faults.append(str(error)))
    page.on("console", lambda message: saved.faults.append(message.text) if message.type == "error" else None)
    page.goto(file.as_uri())
    yield saved
    context.close()
    assert [url for url in saved.asked if not url.startswith(("file:", "blob:"))] == []
    assert saved.faults == []


@pytest.fixture
def furnished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Furnished:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    return furnish(tmp_path / "state")


@pytest.fixture
def sealed(furnished: Furnished, tmp_path: Path) -> Path:
    path = tmp_path / "recording-1.mp4.age"
    shutil.copyfile(furnished.clip(1) / "clip.mp4.age", path)
    return path


def test_it_opens_and_plays_a_recording_with_the_card_and_names_the_film(
    saved: Saved, furnished: Furnished, sealed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved.open(sealed, furnished.household.card.open.secret_text())
    expect(saved.page.get_by_text("This card opens your recordings.")).to_be_visible()
    expect(saved.page.get_by_text("It is sealed to 1 key:")).to_be_visible()
    out = tmp_path / "by-the-tool.mp4"
    assert (
        run(["clips", "open", str(furnished.state), "1", "-i", str(furnished.card_file), "-o", str(out)]) == 0
    )
    told = re.search(r"Words of this film: (\w+ \w+)", capsys.readouterr().out)
    assert told is not None
    expect(saved.page.get_by_text(told[1])).to_be_visible()
    video = saved.page.locator("video")
    video.evaluate("video => { video.muted = true; return video.play(); }")
    video.evaluate(BEGINS)
    seen = video.evaluate(LOOK)
    assert seen["width"] > 0
    assert seen["high"] - seen["low"] > 30, "a decoded picture, not one colour"
    with saved.page.expect_download() as download:
        saved.page.get_by_role("button", name="Save the open film").click()
    assert Path(download.value.path()).read_bytes() == out.read_bytes()
    if (place := shots()) is not None:
        saved.page.screenshot(path=place / "saved-open.png", full_page=True)


def test_the_half_is_taken_from_the_cards_file_too(saved: Saved, furnished: Furnished, sealed: Path) -> None:
    saved.page.get_by_label("The sealed recording").set_input_files(sealed)
    saved.page.get_by_label("or a file that the card was saved to").set_input_files(furnished.card_file)
    saved.page.get_by_role("button", name="Open", exact=True).click()
    expect(saved.page.get_by_text("This card opens your recordings.")).to_be_visible()


def test_a_cut_recording_opens_to_its_last_whole_part(
    saved: Saved, furnished: Furnished, sealed: Path
) -> None:
    whole = sealed.read_bytes()
    cut = sealed.with_name("cut.mp4.age")
    cut.write_bytes(whole[:-40])
    saved.open(cut, furnished.household.card.open.secret_text())
    expect(saved.page.get_by_text(re.compile("cut short|Nothing of this recording"))).to_be_visible()
    changed = bytearray(whole)
    changed[-20] ^= 1
    broken = sealed.with_name("broken.mp4.age")
    broken.write_bytes(changed)
    saved.open(broken, furnished.household.card.open.secret_text())
    expect(saved.page.get_by_text(re.compile("cut short|changed or damaged|Nothing of this"))).to_be_visible()


def test_another_card_another_file_and_the_wrong_half_are_told_apart(
    saved: Saved, furnished: Furnished, sealed: Path, tmp_path: Path
) -> None:
    saved.open(sealed, HybridIdentity.generate().secret_text())
    expect(
        saved.page.get_by_text("This half does not open this recording, which is sealed to 1 key.")
    ).to_be_visible()
    expect(saved.page.get_by_text("somebody else was put in its place")).to_be_visible()
    other = tmp_path / "holiday.mp4.age"
    other.write_bytes(b"\x00" * 1000)
    saved.open(other, furnished.household.card.open.secret_text())
    expect(saved.page.get_by_text("This is not a sealed recording.")).to_be_visible()
    saved.page.get_by_label("The lower half of the card").fill("ADMIT1QQQ")
    expect(saved.page.get_by_text("This is the half that says “Admit”.")).to_be_visible()
    half = furnished.household.card.open.secret_text()
    saved.open(sealed, half[:-1] + ("P" if half.endswith("Q") else "Q"))
    expect(saved.page.get_by_text("These are not the letters")).to_be_visible()


@pytest.fixture
def exported(furnished: Furnished, tmp_path: Path) -> tuple[Path, Path]:
    out = tmp_path / "visit.mp4"
    assert (
        run(["clips", "export", str(furnished.state), "1", "-i", str(furnished.card_file), "-o", str(out)])
        == 0
    )
    return out, out.with_name("visit.mp4.proof")


def test_a_film_with_its_proof_holds_and_says_exactly_what_that_proves(
    saved: Saved, furnished: Furnished, exported: tuple[Path, Path]
) -> None:
    saved.check(*exported)
    expect(saved.page.get_by_text("This film is unchanged since it was sealed.")).to_be_visible()
    key = words(House(furnished.state, []).chain.roster.device)
    expect(
        saved.page.get_by_text(f"Sealed by the device whose key reads {key}; this page cannot know")
    ).to_contain_text("whose door that is, nor the true time")
    if (place := shots()) is not None:
        saved.page.screenshot(path=place / "saved-check.png", full_page=True)


def test_a_changed_film_a_changed_proof_and_another_doors_proof_do_not_hold(
    saved: Saved, furnished: Furnished, exported: tuple[Path, Path], tmp_path: Path
) -> None:
    film, proof = exported
    edited = tmp_path / "edited.mp4"
    edited.write_bytes(film.read_bytes()[:-1] + b"\x00")
    saved.check(edited, proof)
    expect(saved.page.get_by_text("The film is not the one that the proof is of.")).to_be_visible()
    held, said = read_proof(proof.read_bytes())
    later = msgspec.structs.replace(said, duration_ms=said.duration_ms + 1)
    forged = held.statement[:64] + msgspec.json.encode(later)
    saved.check(film, write(tmp_path / "1.proof", msgspec.json.encode(Proof(held.form, held.device, forged))))
    expect(saved.page.get_by_text("The signature in this proof does not hold")).to_be_visible()
    stranger = Ed25519PrivateKey.generate()
    theirs = Proof(
        held.form, stranger.public_key().public_bytes_raw(), sign(stranger, Context.STATEMENT, said)
    )
    saved.check(film, write(tmp_path / "2.proof", msgspec.json.encode(theirs)))
    expect(saved.page.get_by_text("The proof contradicts itself")).to_be_visible()
    saved.check(film, write(tmp_path / "3.proof", b"[]"))
    expect(saved.page.get_by_text("This is no proof.")).to_be_visible()
    saved.page.get_by_label("Its proof").set_input_files(proof)
    proof.write_bytes(b"changed after it was chosen")
    saved.page.get_by_role("button", name="Check").click()
    expect(saved.page.get_by_text("The file could not be read")).to_be_visible()


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_a_copy_that_somebody_serves_does_not_ask_for_the_card(chromium: Browser, file: Path) -> None:
    context = chromium.new_context(service_workers="block")
    page = context.new_page()
    page.route(
        "http://elsewhere.example/*",
        lambda route: route.fulfill(body=file.read_text(), content_type="text/html"),
    )
    page.goto("http://elsewhere.example/open.html")
    expect(page.get_by_text("it does not ask for your card")).to_be_visible()
    assert page.get_by_label("The lower half of the card").count() == 0
    context.close()


def test_the_door_never_serves_the_page_that_asks_for_the_open_half(file: Path) -> None:
    served = load_page()
    assert not any(path.endswith(file.name) or "saved" in path for path in served)
    assert all(b"AGE-SECRET-KEY-PQ-1\xe2\x80\xa6" not in asset.body for asset in served.values())
    policy = re.search(rb'Security-Policy" content="([^"]+)"', file.read_bytes())
    assert policy is not None
    assert policy[1].startswith(b"default-src 'none'; script-src 'sha256-")
    assert b"connect-src" not in policy[1]

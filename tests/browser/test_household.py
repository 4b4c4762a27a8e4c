"""A household in real browsers: it grows by two voices, gives, renames, exports, checks itself, and sends somebody away."""

import hashlib
import re
import shlex
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from device.sealing.age_reader import open_bytes
from provisioning.card.card import Card
from provisioning.demo.demo import Stage
from provisioning.house.genuine import check_film, read_record
from provisioning.house.house import House
from provisioning.house.proof import check_proof
from provisioning.house.words import film_words, words
from tests.browser.conftest import CLIP, PLAYS, Visitor, newest_clip, pair, shots, visit
from tests.browser.drilling import by_the_saved_page, by_the_tool
from tests.browser.parting import says_farewell

pytestmark = [pytest.mark.browser, pytest.mark.timeout(360)]

SOCKETS: list[WebSocket] = []
"""The tablet's connections to the door."""


def keep(page: Page, name: str) -> None:
    if (place := shots()) is not None:
        page.screenshot(path=place / f"{name}.png", full_page=True)


def people(page: Page) -> None:
    page.get_by_role("button", name="Who can see").click()


def recordings(page: Page) -> None:
    page.get_by_role("button", name="Recordings", exact=True).click()


@pytest.fixture(scope="module")
def phone(chromium: Browser, door: Stage) -> Visitor:
    visitor = visit(chromium, phone=True)
    pair(visitor.page, door, "Hallway phone")
    return visitor


@pytest.fixture(scope="module")
def laptop(chromium: Browser, door: Stage, phone: Visitor) -> Visitor:
    # The first recording is sealed to the phone alone, before anybody else comes.
    newest_clip(phone.page)
    visitor = visit(chromium)
    pair(visitor.page, door, "Laptop")
    return visitor


@pytest.fixture(scope="module")
def tablet(chromium: Browser, phone: Visitor, laptop: Visitor) -> Visitor:
    """A tablet that the phone invited, and that waits for the laptop."""
    people(phone.page)
    phone.page.get_by_role("button", name="Make an invitation").click()
    link = phone.page.get_by_label("Open this link on the new device").input_value()
    visitor = visit(chromium, dark=True)
    visitor.page.on("websocket", lambda socket: SOCKETS.append(socket))
    visitor.page.goto(link)
    visitor.page.get_by_label("What should the others call this device?").fill("Tablet")
    visitor.page.get_by_role("button", name="Ask to join").click()
    expect(visitor.page.get_by_text("Waiting for a second yes")).to_be_visible()
    assert "invite" not in visitor.page.url
    return visitor


def test_the_page_asks_for_a_second_device_and_for_the_drill(phone: Visitor) -> None:
    expect(phone.page.get_by_text("Still to do:")).to_contain_text("add a second device")
    expect(phone.page.get_by_text("Still to do:")).to_contain_text("try once whether the card opens")


def test_a_sole_device_is_told_that_it_cannot_replace_a_lost_card_before_it_is_lost(phone: Visitor) -> None:
    expect(phone.page.get_by_text("Still to do:")).to_contain_text("can never replace a lost card")
    people(phone.page)
    expect(phone.page.get_by_text("This is the only device")).to_contain_text("begin again with a new card")
    expect(phone.page.get_by_role("button", name="Replace the card")).to_have_count(0)
    recordings(phone.page)


def test_everybody_hears_at_once_that_somebody_joined_with_the_card(phone: Visitor, laptop: Visitor) -> None:
    expect(phone.page.get_by_text("Laptop was added with the card").first).to_be_visible()
    keep(phone.page, "household-news")
    phone.page.get_by_role("button", name="I have seen this").click()
    expect(phone.page.get_by_role("heading", name="Your household changed")).to_be_hidden()


def test_an_invited_tablet_waits_for_a_second_voice_and_not_for_the_first(
    phone: Visitor, laptop: Visitor, tablet: Visitor
) -> None:
    expect(phone.page.get_by_text("Somebody else in the household now has to let it in")).to_be_visible()
    assert phone.page.get_by_role("button", name="Let “Tablet” in").count() == 0
    keep(laptop.page, "household-asking")
    laptop.page.get_by_role("button", name="Let “Tablet” in").click()
    expect(tablet.page.get_by_text("Door is well")).to_be_visible()
    people(tablet.page)
    expect(tablet.page.get_by_text("You were let in by Laptop, invited by Hallway phone")).to_be_visible()


def test_a_name_can_be_changed_and_everybody_sees_by_whom(phone: Visitor, tablet: Visitor) -> None:
    people(tablet.page)
    tablet.page.get_by_role("button", name="Rename: Tablet").click()
    tablet.page.get_by_label("Name", exact=True).fill("Kitchen tablet")
    tablet.page.get_by_role("button", name="Save the name").click()
    people(phone.page)
    expect(
        phone.page.get_by_text("Kitchen tablet gave “Tablet” the name “Kitchen tablet”").first
    ).to_be_visible()


def test_the_tablet_cannot_play_what_is_older_until_the_phone_gives_it(
    phone: Visitor, tablet: Visitor
) -> None:
    recordings(tablet.page)
    expect(tablet.page.get_by_text("Sealed before you joined").first).to_be_visible(timeout=30_000)
    people(phone.page)
    phone.page.get_by_role("button", name="Give older recordings: Kitchen tablet").click()
    keep(phone.page, "household-people")
    phone.page.get_by_role("button", name="Give them").click()
    expect(phone.page.get_by_text(re.compile(r"^(\d+) of \1 given$"))).to_be_visible(timeout=20_000)
    expect(tablet.page.get_by_text("Sealed before you joined")).to_have_count(0, timeout=20_000)
    tablet.page.get_by_role("button", name=CLIP).last.click()
    tablet.page.locator("video").evaluate(PLAYS, timeout=20_000)
    expect(tablet.page.get_by_text("Verified")).to_be_visible(timeout=20_000)
    tablet.page.keyboard.press("Escape")


def test_an_exported_film_comes_with_a_proof_that_holds(phone: Visitor, door: Stage, tmp_path: Path) -> None:
    recordings(phone.page)
    phone.page.get_by_role("button", name=CLIP).first.click()
    expect(phone.page.get_by_text("Verified")).to_be_visible(timeout=40_000)
    files = []
    for button in ("Save the film", "Save its proof"):
        with phone.page.expect_download() as download:
            phone.page.get_by_role("button", name=button).click()
        files.append(tmp_path / download.value.suggested_filename)
        download.value.save_as(files[-1])
    film, proof = files
    assert proof.name == f"{film.name}.proof"
    with film.open("rb") as content:
        held, said = check_proof(proof.read_bytes(), hashlib.file_digest(content, "sha256").digest())
    assert said.state == "sealed"
    phone.page.keyboard.press("Escape")
    people(phone.page)
    expect(phone.page.get_by_text(words(held.device))).to_be_visible()
    expect(phone.page.get_by_text(re.compile("You fetched the recording of .* as a file"))).to_be_visible()


def test_check_everything_agrees_with_doorward_verify(phone: Visitor, door: Stage) -> None:
    people(phone.page)
    phone.page.get_by_role("button", name="Check everything").click()
    expect(phone.page.get_by_text("Nothing is wrong.")).to_be_visible(timeout=60_000)
    house = House(door.state, [door.card.open])
    findings = [check_film(house, read_record(house, clip)) for clip in house.numbers()]
    assert all(finding.is_sound for finding in findings)
    assert house.troubles == []
    assert findings
    keep(phone.page, "household-checked")


def test_a_check_says_at_once_how_far_it_is_and_where_it_was_stopped(phone: Visitor) -> None:
    held = []
    phone.page.route("**/sealed/*", lambda route: held.append(route))
    try:
        people(phone.page)
        check = phone.page.get_by_role("region", name="Check everything")
        said = check.get_by_role("status")
        check.get_by_role("button", name="Check everything").click()
        expect(said).to_have_text(re.compile(r"^(Reading line \d|0 of \d)"))
        expect(said).to_have_text(re.compile(r"^0 of \d+…$"), timeout=30_000)
        check.get_by_role("button", name="Stop").click()
        expect(said).to_have_text(re.compile(r"^Stopped after 0 of \d+\.$"))
        expect(check.locator(".fault")).to_have_text("")
    finally:
        phone.page.unroute("**/sealed/*")


def test_a_recording_that_was_changed_on_the_disk_is_found_by_both(phone: Visitor, door: Stage) -> None:
    film = next(door.state.glob("spool/*/000001/clip.mp4.age"))
    kept = film.read_bytes()
    spoiled = bytearray(kept)
    spoiled[len(spoiled) // 2] ^= 1
    film.write_bytes(spoiled)
    try:
        people(phone.page)
        phone.page.get_by_role("button", name="Check everything").click()
        expect(phone.page.get_by_text("1 recording was destroyed.")).to_be_visible(timeout=60_000)
        expect(phone.page.get_by_text("Recording 1 is destroyed:")).to_be_visible()
        house = House(door.state, [door.card.open])
        findings = [check_film(house, read_record(house, clip)) for clip in house.numbers()]
        assert [finding.record.clip for finding in findings if finding.verdict == "destroyed"] == [1]
    finally:
        film.write_bytes(kept)


def test_a_recording_that_was_removed_from_the_disk_is_missing_in_the_list_too(
    phone: Visitor, door: Stage, tmp_path: Path
) -> None:
    """The device lists what lies there; the record says what ought to."""
    home = next(door.state.glob("spool/*/000001"))
    kept = tmp_path / home.name
    home.rename(kept)
    try:
        people(phone.page)
        phone.page.get_by_role("button", name="Check everything").click()
        expect(phone.page.get_by_text("1 recording is missing.")).to_be_visible(timeout=60_000)
        phone.page.get_by_role("button", name="Recordings", exact=True).click()
        expect(phone.page.get_by_text("It did not give way to newer ones")).to_be_visible(timeout=60_000)
    finally:
        kept.rename(home)
    phone.page.reload()
    expect(phone.page.locator("button.clip:not(.running)").first).to_be_visible()
    expect(phone.page.get_by_text("It did not give way to newer ones")).to_have_count(0)


def test_the_drill_by_the_pages_own_steps_is_told_to_everybody_and_ends_the_nagging(
    phone: Visitor,
    laptop: Visitor,
    door: Stage,
    tmp_path: Path,
    chromium: Browser,
    capfd: pytest.CaptureFixture[str],
) -> None:
    people(phone.page)
    with phone.page.expect_download() as saved:
        phone.page.get_by_role("button", name="Save a sealed recording").click()
    sealed = tmp_path / saved.value.suggested_filename
    saved.value.save_as(sealed)
    (tmp_path / "card.txt").write_text(door.card.open.secret_text())
    expect(phone.page.locator(".steps code").nth(1)).to_contain_text(sealed.name)
    makes_a_page, opens = map(shlex.split, phone.page.locator(".steps code").all_inner_texts())
    words = {by_the_tool(opens, tmp_path, capfd), by_the_saved_page(makes_a_page, sealed, door, chromium)}
    film = open_bytes(sealed.read_bytes(), [door.card.open])
    assert words == {film_words(hashlib.sha256(film).digest())}
    phone.page.get_by_label("Which two?").fill("wrong words")
    phone.page.get_by_role("button", name="The film opened").click()
    expect(phone.page.get_by_text("These are not the words")).to_be_visible()
    phone.page.get_by_label("Which two?").fill(words.pop().title())
    phone.page.get_by_role("button", name="The film opened").click()
    expect(phone.page.get_by_text("Still to do:")).to_be_hidden()
    people(laptop.page)
    expect(laptop.page.get_by_text("Hallway phone tried the card: it opens recordings")).to_be_visible()


def test_a_new_card_needs_two_voices_and_anybody_can_object(
    phone: Visitor, laptop: Visitor, door: Stage
) -> None:
    people(phone.page)
    for answer in ("Object", "Agree to the new card"):
        new = Card()
        phone.page.get_by_role("button", name="Replace the card").click()
        phone.page.get_by_label("Make a new card on a computer").fill(new.newcard())
        phone.page.get_by_role("button", name="Ask for the new card").click()
        expect(laptop.page.get_by_text("A new card is asked for")).to_be_visible()
        laptop.page.get_by_role("button", name=answer).click()
        expect(phone.page.get_by_text("A new card is asked for")).to_be_hidden()
    expect(phone.page.get_by_text("The card was replaced by you and Laptop").first).to_be_visible()
    expect(phone.page.get_by_text("Still to do:")).to_contain_text(
        "try once whether the card opens a recording"
    )


def test_whoever_is_removed_is_out_at_once(phone: Visitor, tablet: Visitor, door: Stage) -> None:
    people(phone.page)
    phone.page.get_by_role("button", name="Remove: Kitchen tablet").click()
    expect(phone.page.get_by_text("What it has opened or saved before, it may still have.")).to_be_visible()
    phone.page.get_by_role("button", name="Remove “Kitchen tablet”").click()
    expect(phone.page.get_by_text("Kitchen tablet was removed by you").first).to_be_visible()
    says_farewell(tablet.page, re.compile("^“Hallway phone” removed it, on .* 2026, .*:"))
    keep(tablet.page, "household-removed")
    for socket in SOCKETS:
        if not socket.is_closed():
            socket.wait_for_event("close")
    sockets = len(SOCKETS)
    tablet.page.reload()
    says_farewell(tablet.page, re.compile("^“Hallway phone” removed it, on .* 2026, .*:"))
    assert len(SOCKETS) == sockets, "it does not ask the door again"
    house = House(door.state, [])
    assert "Kitchen tablet" not in [reader.label for reader in house.chain.roster.readers]
    phone.page.get_by_role("button", name="Remove: Laptop").click()
    expect(phone.page.get_by_text("Only the card can add a device after that")).to_be_visible()


def test_whoever_removes_their_own_device_sees_that_too(laptop: Visitor) -> None:
    people(laptop.page)
    laptop.page.get_by_role("button", name="Remove: Laptop").click()
    laptop.page.get_by_role("button", name="Remove this device").click()
    says_farewell(laptop.page, re.compile("^You removed it yourself, on .* 2026, .*:"))
    keep(laptop.page, "household-removed-itself")


def test_nothing_went_wrong_in_any_of_them(phone: Visitor, laptop: Visitor, tablet: Visitor) -> None:
    for visitor in (phone, laptop, tablet):
        visitor.close()

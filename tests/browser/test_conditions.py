"""The header says that the door is well only while it sees: what is in its way is there for everybody, with who and when."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from device.contract.settings import Quiet, Settings
from device.watch.watch import FILE
from provisioning.cli import run
from provisioning.demo.demo import CARD_FILE, Options, Stage, staged
from provisioning.reader.member import Member
from tests.browser.conftest import Visitor, free_port, pair, shots, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

WELL = "Door is well"
EVERY_DAY = tuple(range(7))


def header(visitor: Visitor, words: str | re.Pattern[str]) -> None:
    """Wait for the header's words; a poll of ten seconds may lie before them."""
    expect(visitor.page.locator("header .link")).to_have_text(words, timeout=30_000)


def keep(visitor: Visitor, name: str) -> None:
    if (place := shots()) is not None:
        visitor.page.screenshot(path=place / f"{name}.png", full_page=True)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(Options("scene", False, tmp_path_factory.mktemp("door") / "state", free_port())) as stage:
        yield stage


@pytest.fixture(scope="module")
def phone(chromium: Browser, stage: Stage) -> Visitor:
    visitor = visit(chromium, phone=True)
    pair(visitor.page, stage, "Hallway phone")
    return visitor


@pytest.fixture(scope="module")
def laptop(stage: Stage, phone: Visitor, tmp_path_factory: pytest.TempPathFactory) -> Member:
    """A computer of the household that sets things."""
    key = tmp_path_factory.mktemp("key") / "laptop.key"
    card = stage.state.parent / f"{stage.state.name}-card" / CARD_FILE
    join = ["join", "--url", stage.url, "--card", str(card), "--name", "Laptop", "-o", str(key)]
    assert apart(lambda: run(join)) == 0
    return Member.read(key, stage.url, None)


def apart(work: Callable[[], object]) -> object:
    """Do what needs an event loop of its own: the browser's driver has one in this thread."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(work).result()


def put(member: Member, **changed: object) -> None:
    apart(lambda: member.change(lambda held: msgspec.structs.replace(held, **changed)))


def test_privacy_stands_in_the_header_with_who_and_when_also_for_who_comes_later(
    chromium: Browser, stage: Stage, phone: Visitor, laptop: Member
) -> None:
    header(phone, WELL)
    put(laptop, privacy=True)
    header(phone, "Privacy is on")
    note = phone.page.get_by_role("note").filter(has_text="Privacy is on")
    expect(note).to_contain_text(re.compile(r"Nothing is seen\..*Laptop set it, \d\d:\d\d\."))
    expect(phone.page.get_by_text(WELL)).to_have_count(0)
    keep(phone, "privacy")
    later = visit(chromium, dark=True)
    later.page.goto(stage.card.link(stage.url, stage.born_sha256))
    later.page.get_by_label("What should the others call this device?").fill("Tablet")
    later.page.get_by_role("button", name="Join the household").click()
    header(later, "Privacy is on")
    expect(later.page.get_by_role("note").filter(has_text="Laptop set it")).to_be_visible()
    keep(later, "privacy-dark")
    phone.page.get_by_role("button", name="Who can see").click()
    expect(phone.page.get_by_text("Laptop turned privacy on").first).to_be_visible()
    put(laptop, privacy=False)
    header(phone, WELL)
    header(later, WELL)
    expect(phone.page.get_by_text("Laptop turned privacy off").first).to_be_visible()
    later.close()


def test_a_snooze_and_quiet_hours_say_until_when(phone: Visitor, laptop: Member) -> None:
    put(laptop, snoozed_until_utc=(datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0))
    header(phone, re.compile(r"^Snoozed until \w+day$"))
    until = re.compile(r"Snoozed until \w+ \d+ \w+, \d\d:\d\d")
    expect(phone.page.get_by_role("heading", name=until)).to_be_visible()
    keep(phone, "snoozed")
    put(laptop, snoozed_until_utc=None, quiet=(Quiet(EVERY_DAY, "12:00", "12:00"),))
    header(phone, re.compile("^Quiet hours"))
    put(laptop, quiet=())
    header(phone, WELL)


def test_lost_settings_are_no_wish_for_privacy(phone: Visitor, laptop: Member, stage: Stage) -> None:
    put(laptop, masks=(((0.0, 0.0), (0.1, 0.0), (0.1, 0.1)),))
    stage.processes.stop()
    (stage.state / FILE).write_text("{")
    header(phone, re.compile("Connecting…|Door not reachable"))
    expect(phone.page.get_by_text(WELL)).to_have_count(0)
    stage.processes.start()
    header(phone, "Settings are lost")
    keep(phone, "settings-lost")
    put(laptop, **{name: getattr(Settings(), name) for name in Settings.__struct_fields__})
    header(phone, WELL)
    # It was stopped: what the page asked meanwhile was refused, or cut off.
    cut = re.compile("^WebSocket connection to .* failed: .*net::ERR_CONNECTION_(REFUSED|RESET)")
    phone.faults[:] = [fault for fault in phone.faults if not cut.search(fault)]
    phone.close()


def test_a_covered_camera_is_not_well(chromium: Browser, tmp_path: Path) -> None:
    film = tmp_path / "covered.mp4"
    with av.open(str(film), "w") as out:
        stream = out.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for _ in range(15 * 60):
            frame = av.VideoFrame.from_ndarray(np.zeros((540, 640), np.uint8) + 128, format="yuv420p")
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    with staged(Options(f"replay:{film}", False, tmp_path / "state", free_port())) as dark:
        visitor = visit(chromium)
        visitor.page.goto(dark.card.link(dark.url, dark.born_sha256))
        visitor.page.get_by_label("What should the others call this device?").fill("Phone")
        visitor.page.get_by_role("button", name="Join the household").click()
        header(visitor, re.compile("Camera sees nothing|Picture stands still"))
        keep(visitor, "covered")
        visitor.close()

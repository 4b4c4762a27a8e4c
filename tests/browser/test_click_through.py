"""What the page can do where the house CA is trusted, and what remains when its warning was clicked through.

The click is real: the browser shows its own warning, and the word that Chromium takes for a click is typed. No option that
ignores certificates is set.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Playwright, expect

from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import ARGUMENTS, CHROMIUM, PLAYS, free_port, newest_clip, pair

pytestmark = [pytest.mark.browser, pytest.mark.timeout(360)]

DISTRUST = "This device does not trust your door’s certificate."
WORKERS = "navigator.serviceWorker.getRegistrations().then(all => all.map(each => each.scope))"


@pytest.fixture
def tls_door(tmp_path: Path) -> Iterator[Stage]:
    """A running door whose page is served over TLS; a test may stop it."""
    with staged(Options(camera="scene", lan=True, state=tmp_path / "state", port=free_port())) as stage:
        yield stage


def launched(playwright: Playwright, door: Stage, home: Path) -> BrowserContext:
    """Return a Chromium with a profile of its own, as a phone has: trust, workers and decisions last."""
    name = door.url.removeprefix("https://").partition(":")[0]
    return playwright.chromium.launch_persistent_context(
        home / "profile",
        executable_path=CHROMIUM,
        args=[*ARGUMENTS, f"--host-resolver-rules=MAP {name} 127.0.0.1"],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        service_workers="allow",
    )


def trust(authority: Path, home: Path) -> None:
    """Do what installing the certificate on a phone does."""
    if shutil.which("certutil") is None:
        pytest.skip("certutil is not installed; scripts/test installs libnss3-tools")
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    for arguments in (["-N", "--empty-password"], ["-A", "-n", "house", "-t", "C,,", "-i", str(authority)]):
        subprocess.run(["certutil", "-d", f"sql:{database}", *arguments], check=True)


def click_through(page: Page, door: Stage) -> None:
    """Meet Chromium's warning at the door's address, and go on."""
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        page.goto(door.url)
    page.locator("body.ssl").wait_for()
    with page.expect_navigation(url=f"{door.url}/"):
        page.keyboard.type("thisisunsafe")


def this_door(page: Page) -> None:
    page.get_by_role("button", name="Who can see").click()
    expect(page.get_by_role("heading", name="This door")).to_be_visible()


def play(page: Page) -> None:
    newest_clip(page).click()
    page.locator("video").evaluate(PLAYS, timeout=20_000)
    expect(page.get_by_text("Verified")).to_be_visible(timeout=20_000)


def test_with_the_house_ca_trusted_the_page_opens_again_when_the_door_is_gone(
    playwright: Playwright, tls_door: Stage, tmp_path: Path
) -> None:
    assert tls_door.authority is not None
    trust(tls_door.authority, tmp_path)
    browser = launched(playwright, tls_door, tmp_path)
    page = browser.pages[0]
    pair(page, tls_door, "Hallway phone")
    page.evaluate("navigator.serviceWorker.ready.then(() => 'ready')")
    assert page.evaluate(WORKERS) == [f"{tls_door.url}/"]
    this_door(page)
    expect(page.get_by_text(DISTRUST)).to_have_count(0)

    tls_door.processes.stop()
    page.goto(tls_door.url)
    expect(page.get_by_role("heading", name="Demo door")).to_be_visible()
    expect(page.get_by_text("Door is well")).to_have_count(0)
    browser.close()


def test_after_a_click_through_everything_works_but_the_worker_and_the_page_says_so(
    playwright: Playwright, tls_door: Stage, tmp_path: Path
) -> None:
    browser = launched(playwright, tls_door, tmp_path)
    page = browser.pages[0]
    click_through(page, tls_door)
    pair(page, tls_door, "Tablet")
    play(page)
    page.keyboard.press("Escape")
    this_door(page)
    expect(page.get_by_role("note").filter(has_text=DISTRUST)).to_be_visible()
    assert page.evaluate(WORKERS) == []

    tls_door.processes.stop()
    with pytest.raises(Error, match="ERR_CONNECTION_REFUSED"):
        page.goto(tls_door.url)
    browser.close()

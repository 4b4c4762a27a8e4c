"""The same page over TLS: with the house CA trusted, and with the warning clicked through."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Playwright, expect

from provisioning.demo import Options, Stage, staged
from tests.browser.conftest import ARGUMENTS, CHROMIUM, PLAYS, free_port, pair, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def tls_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A running door whose page is served over TLS, as phones on the LAN see it."""
    state = tmp_path_factory.mktemp("door") / "state"
    with staged(Options(camera="scene", lan=True, state=state, port=free_port())) as stage:
        yield stage


def launched(playwright: Playwright, door: Stage, home: Path) -> Browser:
    """Return a Chromium that finds the door's name on this computer, as mDNS would on a LAN."""
    name = door.url.removeprefix("https://").partition(":")[0]
    resolve = f"--host-resolver-rules=MAP {name} 127.0.0.1"
    return playwright.chromium.launch(
        executable_path=CHROMIUM, args=[*ARGUMENTS, resolve], env={"HOME": str(home), "PATH": "/usr/bin:/bin"}
    )


@pytest.fixture(scope="module")
def trusting(
    playwright: Playwright, tls_door: Stage, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """A Chromium whose owner told it to trust the house CA."""
    if shutil.which("certutil") is None:
        pytest.skip("certutil is not installed; scripts/test installs libnss3-tools")
    home = tmp_path_factory.mktemp("home")
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    for arguments in (
        ["-N", "--empty-password"],
        ["-A", "-n", "house", "-t", "C,,", "-i", str(tls_door.authority)],
    ):
        subprocess.run(["certutil", "-d", f"sql:{database}", *arguments], check=True)
    browser = launched(playwright, tls_door, home)
    yield browser
    browser.close()


def test_with_the_house_ca_trusted_the_clip_plays_verified(trusting: Browser, tls_door: Stage) -> None:
    phone = visit(trusting, phone=True)
    pair(phone.page, tls_door, "Hallway phone")
    phone.page.get_by_role("button", name=re.compile("Rang the bell|Movement")).first.click(timeout=60_000)
    phone.page.locator("video").evaluate(PLAYS, timeout=20_000)
    expect(phone.page.get_by_text("Verified")).to_be_visible(timeout=20_000)
    assert phone.page.evaluate("isSecureContext")
    phone.page.reload()
    expect(phone.page.get_by_text("Door is well")).to_be_visible()
    phone.close()


def test_a_paired_phone_passes_the_certificate_on(trusting: Browser, tls_door: Stage) -> None:
    phone = visit(trusting, phone=True)
    pair(phone.page, tls_door, "Second phone")
    phone.page.get_by_role("button", name="Who can see").click()
    with phone.page.expect_download() as saved:
        phone.page.get_by_role("button", name="Save the certificate").click()
    assert tls_door.authority is not None
    assert Path(saved.value.path()).read_bytes() == tls_door.authority.read_bytes()
    phone.close()


def test_without_the_ca_the_browser_warns_and_clicking_through_still_works(
    playwright: Playwright, tls_door: Stage, tmp_path: Path
) -> None:
    browser = launched(playwright, tls_door, tmp_path)
    wary = visit(browser)
    with pytest.raises(Error, match="ERR_CERT_AUTHORITY_INVALID"):
        wary.page.goto(tls_door.url)
    wary.context.close()
    clicked = visit(browser, ignore_https_errors=True)
    pair(clicked.page, tls_door, "Tablet")
    clicked.close()
    browser.close()


def test_an_address_is_no_name_of_the_door(trusting: Browser, tls_door: Stage) -> None:
    port = tls_door.url.rpartition(":")[2]
    phone = visit(trusting)
    with pytest.raises(Error, match="ERR_CERT"):
        phone.page.goto(f"https://127.0.0.1:{port}/")
    phone.context.close()

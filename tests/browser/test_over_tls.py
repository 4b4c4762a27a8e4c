"""The same page over TLS: with the house CA trusted, and with the warning clicked through."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, expect

from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import ARGUMENTS, CHROMIUM, PLAYS, free_port, newest_clip, pair, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(360)]


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
    newest_clip(phone.page).click()
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


def installs(page: Page) -> None:
    page.get_by_role("button", name="Who can see").click()
    page.get_by_role("button", name="Install the certificate").click()


def test_the_certificate_is_offered_as_a_navigation_once_it_is_the_one_that_the_door_signed(
    trusting: Browser, tls_door: Stage
) -> None:
    """iOS begins to install what a navigation brings under this type; Chromium, which does not, saves it."""
    phone = visit(trusting, phone=True)
    pair(phone.page, tls_door, "Third phone")
    navigations = []
    phone.page.on(
        "request", lambda asked: navigations.append(asked.url) if asked.is_navigation_request() else None
    )
    types = []
    phone.page.on(
        "response",
        lambda got: types.append(got.headers["content-type"]) if got.url.endswith(".crt") else None,
    )
    with phone.page.expect_download() as brought:
        installs(phone.page)
    assert navigations == [f"{tls_door.url}/doorward.crt"]
    assert tls_door.authority is not None
    assert Path(brought.value.path()).read_bytes() == tls_door.authority.read_bytes()
    expect(phone.page.get_by_text("compare its fingerprint with the one on the card")).to_be_visible()
    expect(phone.page.get_by_text("Door is well")).to_be_visible()
    assert set(types) == {"application/x-x509-ca-cert"}
    phone.close()


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (
            200,
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "another certificate than your door signed",
        ),
        (404, "", "does not offer it for installing"),
    ],
    ids=["another", "none"],
)
def test_a_certificate_that_the_door_did_not_sign_for_is_not_led_to(
    trusting: Browser, tls_door: Stage, status: int, body: str, told: str
) -> None:
    phone = visit(trusting)
    pair(phone.page, tls_door, f"Laptop {status}")
    phone.page.route("**/doorward.crt", lambda route: route.fulfill(status=status, body=body))
    downloads: list[object] = []
    phone.page.on("download", lambda download: downloads.append(download))
    installs(phone.page)
    expect(phone.page.get_by_text(told)).to_be_visible()
    assert downloads == []
    phone.context.close()


@pytest.mark.parametrize("size", [2_000, 8_000, 9_000])
def test_cookies_of_another_program_at_the_same_name(trusting: Browser, tls_door: Stage, size: int) -> None:
    phone = visit(trusting, phone=True)
    host = tls_door.url.removeprefix("https://").partition(":")[0]
    crumbs = [
        {"name": f"c{at}", "value": "x" * min(1_990, size - at), "domain": host, "path": "/", "secure": False}
        for at in range(0, size, 2_000)
    ]
    phone.context.add_cookies(crumbs)  # type: ignore[arg-type]
    if size <= 8_000:
        pair(phone.page, tls_door, f"Phone {size}")
        phone.close()
        return
    phone.page.goto(tls_door.url)
    expect(phone.page.get_by_text("Delete the cookies of this address")).to_be_visible()
    phone.context.close()


def test_camera_and_microphone_are_open_to_the_page_and_nothing_that_it_does_not_need(
    trusting: Browser, tls_door: Stage
) -> None:
    """Chromium alone obeys this header; nothing rests on it."""
    phone = visit(trusting)
    phone.page.goto(tls_door.url)
    opened = set(phone.page.evaluate("document.featurePolicy.allowedFeatures()"))
    assert {"camera", "microphone", "autoplay", "fullscreen"} <= opened
    assert not opened & {
        "geolocation",
        "usb",
        "serial",
        "hid",
        "payment",
        "midi",
        "display-capture",
        "bluetooth",
    }
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

"""Who trusts the door's certificate, in all three engines: what works, and what the page says, which is no more than it knows."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import free_port
from tests.browser.engines.opening import NAMES, Opener
from tests.browser.engines.protocol import DriverFailed, Setting

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

every_engine = pytest.mark.parametrize("name", NAMES)
HOST = f"{socket.gethostname().partition('.')[0].lower()}.local"
DISTRUST = "This device does not trust your door’s certificate."
ADVICE = "Did your browser ever warn you about this door?"


@pytest.fixture(scope="module")
def tls_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A running door whose page is served over TLS, as phones on the LAN see it."""
    state = tmp_path_factory.mktemp("door") / "state"
    with staged(Options(camera="scene", lan=True, state=state, port=free_port())) as stage:
        yield stage


@pytest.fixture
def opener() -> Iterator[Opener]:
    opener = Opener()
    yield opener
    opener.close()


@every_engine
def test_with_the_ca_trusted_no_browser_warns_and_the_page_passes_the_certificate_on(
    opener: Opener, tls_door: Stage, tmp_path: Path, name: str
) -> None:
    assert tls_door.authority is not None
    person = opener.open(name, Setting(tmp_path, host=HOST, authority=tls_door.authority))
    person.joins(tls_door)
    assert person.engine.run("return isSecureContext")
    person.until("navigator.serviceWorker.ready.then(() => true)")
    person.presses("Who can see")
    person.reads(ADVICE)
    assert not person.engine.run("return says(args[0])", DISTRUST)
    person.presses("Save the certificate")
    assert person.is_given("doorward.crt").read_bytes() == tls_door.authority.read_bytes()
    assert person.engine.faults() == []
    with pytest.raises(DriverFailed):
        person.engine.go(tls_door.url.replace(HOST, "127.0.0.1"))


@every_engine
def test_without_the_ca_every_browser_warns(
    opener: Opener, tls_door: Stage, tmp_path: Path, name: str
) -> None:
    person = opener.open(name, Setting(tmp_path, host=HOST))
    with pytest.raises(DriverFailed):
        person.engine.go(tls_door.url)


@every_engine
def test_after_a_click_through_the_page_says_not_trusted_only_where_the_browser_told_it(
    opener: Opener, tls_door: Stage, tmp_path: Path, name: str
) -> None:
    person = opener.open(name, Setting(tmp_path, host=HOST, clicks_through=True))
    person.joins(tls_door, f"{name} that was warned")
    person.presses("Who can see")
    if name == "chromium":
        person.reads(DISTRUST)
    else:
        person.until("navigator.serviceWorker.ready.then(() => true)")
        person.reads(ADVICE)
        assert not person.engine.run("return says(args[0])", DISTRUST)

"""What a hostile page in a real Chromium gets from the door: nothing, from wherever it comes.

The door is a real device process and the real server, which runs in this process so that a witness can note each answer,
each file of the page that was handed out and each message to the device. The victim's browser sits on the door's computer,
finds every name there (as a hostile DNS would have it) and grants every script a click: the worst place to be attacked from.

Each attack's script returns what it could read. That the scripts are able to read something is shown twice: on the door's
own page, and against a careless server that lets everybody in.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from device.camera.film import GAP_US
from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import ARGUMENTS, CHROMIUM, free_port
from tests.support.effort import cases
from tests.support.hostile import PATIENCE_S, Witness, carelessly_served, hostile, served
from tests.support.hostile_scripts import ATTACKS, TOOLS, Attack
from tests.system.device_process import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

PUBLIC, LAN, SAME_SITE = "evil.example", "192.168.1.66", "localhost"
REBOUND = "rebound.example"
REFUSALS = {"foreign_host", "foreign_origin", "cross_site", "bad_method", "body"}
"""What ``server.arrivals.lan`` says before any handler runs."""
SILENCE_MS = 250

EVERY = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.tries)
SOME = pytest.mark.parametrize("attack", ATTACKS[:: cases(6, 1)], ids=lambda attack: attack.tries)
"""That a script could read something is shown for a sixth of them, and for all with ``--long``."""


@pytest.fixture(scope="module")
def quiet_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A device that looks at a picture in which nothing ever moves, and has said so: whatever its ledger gains, somebody did."""
    place = tmp_path_factory.mktemp("door")
    film = place / "still.mkv"
    picture = np.random.default_rng(7).integers(60, 200, (480, 640, 3), dtype=np.uint8)
    with av.open(str(film), "w") as container:
        stream = container.add_stream("libx264", rate=1, options={"qp": "0", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for at_s in range(0, 3600, GAP_US // 1_000_000):  # a longer one would be another recording's
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts = at_s
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with staged(
        Options(camera=f"replay:{film}", lan=False, state=place / "state", port=free_port())
    ) as stage:
        ledger = stage.state / "ledger"
        wait_for(
            lambda: ledger.read_bytes().count(b"\n") == 3, "born, started, and a gap: the picture is stuck"
        )
        yield stage


@pytest.fixture(scope="module")
def port() -> int:
    """Where the attacked door listens, whenever it does."""
    return free_port()


@pytest.fixture(scope="module")
def victim(playwright: Playwright, port: int) -> Iterator[Browser]:
    """A Chromium whose names all lead here, and that even gives the rebound page a worker, as a certificate would."""
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM,
        args=[
            *ARGUMENTS,
            "--host-resolver-rules=MAP * 127.0.0.1",
            f"--unsafely-treat-insecure-origin-as-secure=http://{REBOUND}:{port}",
        ],
    )
    yield browser
    browser.close()


@pytest.fixture
def context(victim: Browser) -> Iterator[BrowserContext]:
    context = victim.new_context(service_workers="allow")
    yield context
    context.close()


def attempt(page: Page, attack: Attack, door: str) -> list[Any]:
    """Run an attack in a page and return what it read."""
    script = f"async door => {{ const TOOLS = {json.dumps(TOOLS)}; {TOOLS}; {attack.script} }}"
    loot: list[Any] = page.evaluate(script, door)
    return loot


def kept(state: Path) -> dict[str, bytes]:
    """Return everything that the device remembers."""
    return {str(path.relative_to(state)): path.read_bytes() for path in state.rglob("*") if path.is_file()}


def is_refusal(text: str) -> bool:
    try:
        told = json.loads(text)
    except ValueError:
        return False
    return isinstance(told, dict) and set(told) == {"code", "sentence"} and told["code"] in REFUSALS


def shown(context: BrowserContext, door: str) -> list[str]:
    """Return the text of every document of the door that is on a screen now."""
    texts = []
    for page in context.pages:
        for frame in page.frames:
            if frame.url.startswith(door):
                frame.wait_for_load_state()
                texts.append(str(frame.evaluate("document.documentElement.innerText")))
    return texts


def fails(
    context: BrowserContext, page: Page, attack: Attack, door: str, witness: Witness, sent: bool
) -> list[Any]:
    """Check that an attack changed nothing and set nothing in motion; return what it read."""
    loot = attempt(page, attack, door)
    if sent:
        assert witness.heard.wait(PATIENCE_S), "the attack never arrived: this test would prove nothing"
    page.wait_for_timeout(SILENCE_MS)
    assert bool(witness.answers) == sent
    assert {code for *_, code in witness.answers} <= REFUSALS
    assert all(status in (400, 403, 405, 421) for _, _, status, _ in witness.answers)
    assert witness.served == []
    assert witness.told == []
    assert context.cookies() == []
    return loot


@SOME
def test_a_careless_server_would_lose_something_to_a_page_that(
    attack: Attack, context: BrowserContext, port: int
) -> None:
    """The scripts can read: what stops them elsewhere in this file is the door."""
    page = context.new_page()
    with hostile(port):
        page.goto(f"http://{REBOUND}:{port}/")
    with carelessly_served(port) as heard:
        loot = attempt(page, attack, f"http://{REBOUND}:{port}")
        assert heard.wait(PATIENCE_S)
        assert bool(loot) != attack.is_blind
        context.close()


@SOME
def test_a_careless_server_of_another_origin_would_lose_something_to_a_page_that(
    attack: Attack, context: BrowserContext, port: int
) -> None:
    with carelessly_served(port) as heard, hostile() as theirs:
        page = context.new_page()
        page.goto(f"http://{PUBLIC}:{theirs}/")
        loot = attempt(page, attack, f"http://localhost:{port}")
        if attack.is_sent[0]:
            assert heard.wait(PATIENCE_S)
        assert bool(loot) == (attack.is_sent[0] and not attack.is_blind)
        context.close()


def test_the_doors_own_page_reads_all_that_the_others_may_not(
    context: BrowserContext, quiet_door: Stage, port: int
) -> None:
    door = f"http://localhost:{port}"
    by_name = {attack.tries: attack for attack in ATTACKS}
    with served(quiet_door, port) as witness:
        page = context.new_page()
        page.goto(f"{door}/")
        statuses = [status for status, *_ in attempt(page, by_name["fetches with cors"], door)]
        assert statuses == [200, 200, 200, 426, 404]  # the page's files; no WebSocket; no such ticket
        assert attempt(page, by_name["loads an image"], door) != []
        told = witness.told.count("Open")
        [reply] = attempt(page, by_name["opens a WebSocket"], door)
        assert json.loads(reply)["type"] == "hello"
        assert json.loads(reply)["born"]
        assert witness.told.count("Open") == told + 1
        assert {"/", "/assets/app.js"} <= set(witness.served)
        context.close()


@pytest.mark.parametrize("host", [PUBLIC, LAN, SAME_SITE][: cases(1, 3)])
@EVERY
def test_a_page_from_elsewhere_gets_nothing_when_it(
    attack: Attack, host: str, context: BrowserContext, quiet_door: Stage, port: int
) -> None:
    door = f"http://localhost:{port}"
    before = kept(quiet_door.state)
    with served(quiet_door, port) as witness, hostile() as theirs:
        page = context.new_page()
        page.goto(f"http://{host}:{theirs}/")
        assert fails(context, page, attack, door, witness, attack.is_sent[0]) == []
        assert all(is_refusal(text) for text in shown(context, door))
        context.close()
    assert kept(quiet_door.state) == before


@EVERY
def test_a_rebound_page_reads_a_refusal_at_most_when_it(
    attack: Attack, context: BrowserContext, quiet_door: Stage, port: int
) -> None:
    """The attacker's name and port lead to the door now; to the browser nothing has changed. ``Host`` tells."""
    door = f"http://{REBOUND}:{port}"
    before = kept(quiet_door.state)
    page = context.new_page()
    with hostile(port):
        page.goto(f"{door}/")
    with served(quiet_door, port) as witness:
        loot = fails(context, page, attack, door, witness, attack.is_sent[1])
        assert {code for *_, code in witness.answers} <= {"foreign_host"}
        assert all(is_refusal(each[-1]) for each in loot)
        context.close()
    assert kept(quiet_door.state) == before

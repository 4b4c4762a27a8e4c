"""What a hostile page in a real Chromium gets from the door: nothing, from wherever it comes.

The door is a real device process and the real server, which runs in this process so that a witness can note each answer,
each file of the page that was handed out and each message to the device. The victim's browser sits on the door's computer,
finds every name there (as a hostile DNS would have it) and grants every script a click: the worst place to be attacked from.

Each attack's script returns what it could read. That the scripts are able to read something is shown twice: on the door's
own page, and against a careless server that lets everybody in.
"""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from aiohttp import web
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

import server.listener
from device.contract.client import LinkClient
from device.contract.link import TICKET_CHARACTERS, Up
from provisioning.demo import Options, Stage, staged
from server.app import make_app
from server.config import Config, Listen
from server.page import Asset, load_page
from tests.browser.conftest import ARGUMENTS, CHROMIUM, free_port

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

PUBLIC, LAN, SAME_SITE = "evil.example", "192.168.1.66", "localhost"
REBOUND = "rebound.example"
REFUSALS = {"foreign_host", "foreign_origin", "cross_site", "bad_method", "body"}
"""What ``server.lan`` says before any handler runs."""
PATIENCE_S = 5.0
SILENCE_MS = 250

TOOLS = """
const PATHS = ["/", "/assets/app.js", "/manifest.webmanifest", "/door", "/sealed/TICKET"];
const first = (...events) => new Promise(done => {
  for (const [target, name, value] of events) target.addEventListener(name, event => done(value(event)));
});
const within = (ms, promise) => Promise.race([promise, new Promise(done => setTimeout(done, ms, []))]);
const none = () => [];
const add = (tag, properties) => {
  const made = Object.assign(document.createElement(tag), properties);
  document.body.append(made);
  return made;
};
const loading = (tag, properties, read) => {
  const made = Object.assign(document.createElement(tag), properties);
  const ends = first([made, "load", () => read(made)], [made, "loadeddata", () => read(made)], [made, "error", none]);
  document.body.append(made);
  return within(3000, ends);
};
const fetched = async (door, options, paths = PATHS) => {
  const loot = [];
  for (const path of paths) {
    try {
      const answer = await fetch(door + path, options);
      loot.push([answer.status, answer.type, await answer.text()]);
    } catch { /* refused by the browser */ }
  }
  return loot;
};
const form = (door, target, method = "POST") => {
  const made = add("form", { action: door + "/door", method, target, enctype: "text/plain" });
  made.append(Object.assign(document.createElement("input"), { name: '{"type":"hello","id":1,"x":"', value: '"}' }));
  setTimeout(() => made.submit());
};
const seen = window_ => {
  try {
    const text = window_.document.documentElement.innerText;  // empty: the blank page before, which is the attacker's
    return text ? [["document", text]] : [];
  } catch { return []; }
};
const socket = door => {
  const made = new WebSocket(door.replace("http", "ws") + "/door");
  let opened = [];  // even a silent one would be loot
  made.addEventListener("open", () => { opened = ["open"]; made.send('{"type":"hello","id":1}'); });
  const hears = first([made, "message", event => ["" + event.data]], [made, "close", none]);
  return within(3000, hears).then(told => told.length ? told : opened);
};
const said = () => first([window, "message", event => [event.data]]);
""".replace("TICKET", "A" * TICKET_CHARACTERS)


@dataclass(frozen=True)
class Attack:
    """One thing that a page can try.

    Attributes:
        tries: ends the sentence "a page of X ...".
        script: the body of an async function of ``door``, the door's origin; returns what it read.
        is_sent: whether the browser sends it at all, from another origin and after rebinding.
        is_blind: whether it only sends and could read nothing from anybody.
    """

    tries: str
    script: str
    is_sent: tuple[bool, bool] = (True, True)
    is_blind: bool = False


ATTACKS = (
    Attack("fetches with cors", 'return fetched(door, {mode: "cors", credentials: "include"})'),
    Attack("fetches without cors", 'return fetched(door, {mode: "no-cors", credentials: "include"})'),
    Attack(
        "fetches as if it were the same origin", 'return fetched(door, {mode: "same-origin"})', (False, True)
    ),
    Attack(
        "fetches with a header that needs a preflight",
        'return fetched(door, {headers: {"X-Doorward": "1"}})',
    ),
    Attack(
        "fetches a range", f'return fetched(door, {{headers: {{Range: "bytes=0-9"}}}}, ["/sealed/{"A" * TICKET_CHARACTERS}"])'
    ),
    Attack(
        "posts a door message with fetch",
        """return fetched(door, {method: "POST", mode: "no-cors", body: '{"type":"hello","id":1}'}, ["/door"])""",
    ),
    Attack("deletes with fetch", 'return fetched(door, {method: "DELETE"})'),
    Attack("posts a form over itself", 'form(door, "_self"); return []', is_blind=True),
    Attack(
        "posts a form into a frame", 'add("iframe", {name: "hole"}); form(door, "hole"); return within(500, said())'
    ),
    Attack("posts a form into a new window", 'form(door, "_blank"); return []', is_blind=True),
    Attack("gets the door by a form", 'form(door, "_self", "GET"); return []', is_blind=True),
    Attack("goes to the page with a card of its own", 'setTimeout(() => location = door + "/#card"); return []', is_blind=True),
    Attack(
        "loads an image", 'return loading("img", {src: door + "/assets/icon.svg"}, i => ["" + i.naturalWidth])'
    ),
    Attack("loads a script", 'return loading("script", {src: door + "/assets/app.js"}, () => ["ran"])'),
    Attack(
        "loads a module", 'return import(door + "/assets/app.js").then(m => [Object.keys(m).join()], none)'
    ),
    Attack(
        "loads a style sheet",
        'return loading("link", {rel: "stylesheet", href: door + "/assets/app.css"}, () => ["styled"])',
    ),
    Attack(
        "plays a recording",
        f'return loading("video", {{preload: "auto", src: door + "/sealed/{"A" * TICKET_CHARACTERS}"}}, v => ["" + v.duration])',
    ),
    Attack(
        "frames the page",
        """const hears = said(); const frame = add("iframe", {src: door + "/"});
        await within(3000, first([frame, "load", none]));
        return [...seen(frame.contentWindow), ...await within(500, hears)]""",
    ),
    Attack(
        "embeds the page as an object",
        """const hears = said(); const made = add("object", {type: "text/html", data: door + "/"});
        await within(3000, first([made, "load", none], [made, "error", none]));
        return [...(made.contentWindow ? seen(made.contentWindow) : []), ...await within(500, hears)]""",
    ),
    Attack("opens a WebSocket", "return socket(door)"),
    Attack(
        "opens a WebSocket from a frame without an origin",
        """const hears = said();
        const inside = `${TOOLS}; socket("${door}").then(loot => parent.postMessage(loot, "*"))`;
        add("iframe", {sandbox: "allow-scripts", srcdoc: `<script>${inside}</` + "script>"});
        return (await within(3000, hears)).flat()""",
    ),
    Attack(
        "fetches from a frame without an origin",
        """const hears = said();
        const inside = `${TOOLS}; fetched("${door}", {}).then(loot => parent.postMessage(loot, "*"))`;
        add("iframe", {sandbox: "allow-scripts", srcdoc: `<script>${inside}</` + "script>"});
        return (await within(3000, hears)).flat()""",
    ),
    Attack(
        "opens an EventSource",
        """const made = new EventSource(door + "/door", {withCredentials: true});
        return within(3000, first([made, "open", () => ["open"]], [made, "error", none])).finally(() => made.close())""",
    ),
    Attack(
        "sends a beacon", """navigator.sendBeacon(door + "/door", '{"type":"hello","id":1}'); return []""", is_blind=True
    ),
    Attack("pings with a link", 'add("a", {href: "#", ping: door + "/door"}).click(); return []', is_blind=True),
    Attack(
        "registers the door's worker as its own",
        """return (await navigator.serviceWorker?.register(door + "/worker.js").then(() => ["registered"], none)) ?? []""",
        (False, True),
    ),
    Attack(
        "starts the door's script as a worker",
        """try {
          const made = new Worker(door + "/worker.js");
          return await within(800, first([made, "message", event => event.data], [made, "error", none]));
        } catch { return [] }""",
        (False, True),
    ),
    Attack(
        "imports the door's script into a worker",
        """const source = `try { importScripts("${door}/worker.js"); postMessage(["ran"]) } catch { postMessage([]) }`;
        const made = new Worker(URL.createObjectURL(new Blob([source])));
        return within(3000, first([made, "message", event => event.data]))""",
    ),
    Attack("prefetches the page", 'add("link", {rel: "prefetch", href: door + "/"}); return []', is_blind=True),
    Attack(
        "preloads a script",
        'return loading("link", {rel: "preload", as: "script", href: door + "/assets/app.js"}, () => ["loaded"])',
    ),
    Attack(
        "opens a window and talks to it",
        """const hears = said(); const opened = open(door + "/", "door");
        for (let i = 0; i < 10 && !opened.closed; i++) {
          opened.postMessage('{"type":"hello","id":1}', "*");
          await new Promise(done => setTimeout(done, 50));
        }
        return [...(opened.closed ? [] : seen(opened)), ...await within(300, hears)]""",
    ),
)  # fmt: skip
EVERY = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.tries)


class Hostile(BaseHTTPRequestHandler):
    """The attacker's web server; what its page does is told by the test."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>cats</title><body>")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def hostile(port: int = 0) -> Iterator[int]:
    listening = ThreadingHTTPServer(("127.0.0.1", port), Hostile)
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield listening.server_port
    finally:
        listening.shutdown()
        thread.join()
        listening.server_close()


@dataclass
class Witness:
    """What the server did.

    Attributes:
        answers: method, path, status and code of a refusal (empty for anything else).
        served: the page's files that a handler looked for.
        told: kinds of the messages that went to the device.
    """

    answers: list[tuple[str, str, int, str]] = field(default_factory=list)
    served: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    heard: threading.Event = field(default_factory=threading.Event)

    async def note(self, request: web.Request, response: web.StreamResponse) -> None:
        if (request.path, response.status) == ("/favicon.ico", 404):
            return  # Chromium asks by itself, of whatever document it shows: here of a refusal
        code = ""
        if isinstance(response, web.Response) and response.content_type == "application/json":
            code = json.loads(response.text or "{}").get("code", "")
        self.answers.append((request.method, request.path, response.status, code))
        self.heard.set()


class WatchedPage(dict[str, Asset]):
    def __init__(self, page: dict[str, Asset], witness: Witness) -> None:
        super().__init__(page)
        self.witness = witness

    def get(self, path: str, default: Any = None) -> Any:
        if path != "/favicon.ico":
            self.witness.served.append(path)
        return super().get(path, default)


@contextmanager
def in_a_thread(serve: Any) -> Iterator[None]:
    """Run an async context manager in a loop of its own while the ``with`` block lasts."""
    ready = threading.Event()
    stop: list[Any] = []

    async def life() -> None:
        stopped = asyncio.Event()
        stop.extend((asyncio.get_running_loop(), stopped))
        async with serve():
            ready.set()
            await stopped.wait()

    thread = threading.Thread(target=asyncio.run, args=(life(),))
    thread.start()
    assert ready.wait(PATIENCE_S)
    try:
        yield
    finally:
        stop[0].call_soon_threadsafe(stop[1].set)
        thread.join()


@contextmanager
def served(stage: Stage, port: int) -> Iterator[Witness]:
    """Serve the staged device with the real server on a port, and watch."""
    witness = Witness()

    class WatchedLink(LinkClient):
        def _queue(self, message: Up) -> None:
            witness.told.append(type(message).__name__)
            super()._queue(message)

    def watched_app(config: Config, link: LinkClient, page: dict[str, Asset]) -> web.Application:
        app = make_app(config, link, page)
        app.on_response_prepare.append(witness.note)
        return app

    config = Config(
        stage.processes.socket_path, Listen("127.0.0.1", port), None, frozenset({"localhost", "door.local"})
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server.listener, "LinkClient", WatchedLink)
        patch.setattr(server.listener, "make_app", watched_app)
        with in_a_thread(
            lambda: server.listener.serving(config, WatchedPage(dict(load_page()), witness), {})
        ):
            yield witness


@pytest.fixture(scope="module")
def quiet_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A device that looks at a picture in which nothing ever moves: whatever its ledger gains, somebody did."""
    place = tmp_path_factory.mktemp("door")
    film = place / "still.mkv"
    picture = np.random.default_rng(7).integers(60, 200, (480, 640, 3), dtype=np.uint8)
    with av.open(str(film), "w") as container:
        stream = container.add_stream("ffv1", rate=1)
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for at_s in (0, 3600):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
            frame.pts = at_s
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with staged(
        Options(camera=f"replay:{film}", lan=False, state=place / "state", port=free_port())
    ) as stage:
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


CARELESS_PAGE = """<!doctype html><p>secret</p><script>
const other = window.opener ?? (parent === self ? null : parent); other?.postMessage(["secret"], "*");
</script>"""
TONE = b"RIFF" + (836).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little") + bytes.fromhex(
    "01000100401f0000401f000001000800"
) + b"data" + (800).to_bytes(4, "little") + b"\x80" * 800  # fmt: skip


async def careless(request: web.Request) -> web.StreamResponse:
    """Answer everybody, the way a badly made door would."""
    if "upgrade" in request.headers.get("Connection", "").lower():
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(message.data)
        return socket
    headers = {
        "Access-Control-Allow-Origin": request.headers.get("Origin", "*"),
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "DELETE",
        "Access-Control-Allow-Headers": "X-Doorward, Range",
    }
    kind, body = "text/html", CARELESS_PAGE.encode()
    if request.headers.get("Accept") == "text/event-stream":
        kind, body = "text/event-stream", b"data: secret\n\n"
    elif request.path.endswith(".js"):
        kind, body = "text/javascript", b'self.postMessage?.(["ran"])'
    elif request.path.endswith(".css"):
        kind, body = "text/css", b"p { color: red }"
    elif request.path.endswith(".svg"):
        kind, body = "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' width='5' height='5'/>"
    elif request.path.startswith("/sealed/"):
        kind, body = "audio/wav", TONE
    return web.Response(body=body, content_type=kind, headers=headers)


@contextmanager
def carelessly_served(port: int) -> Iterator[threading.Event]:
    heard = threading.Event()

    async def note(_request: web.Request, _response: web.StreamResponse) -> None:
        heard.set()

    @asynccontextmanager
    async def serving() -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", careless)
        app.on_response_prepare.append(note)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
        await runner.cleanup()

    with in_a_thread(serving):
        yield heard


@EVERY
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


@EVERY
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


@pytest.mark.parametrize("host", [PUBLIC, LAN, SAME_SITE])
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

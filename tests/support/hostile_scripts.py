"""What a hostile page tries, one script an attempt; each returns what it could read."""

from dataclasses import dataclass

from device.contract.link import TICKET_CHARACTERS

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

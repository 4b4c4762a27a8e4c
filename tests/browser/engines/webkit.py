"""WebKitGTK's small browser, the nearest to Safari that runs here, driven over W3C WebDriver: JSON over HTTP.

It needs a screen (Xvfb). For a name of its own and a CA it runs in a mount namespace with its own hosts file and certificates.

Source: www.w3.org/TR/webdriver2; webkitgtk:browserOptions is the port's own.
"""

import base64
import http.client
import json
import os
import shlex
import signal
import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.browser.engines.protocol import ANSWER_S, FINDERS, DriverFailed, Setting

DRIVER = "/usr/bin/WebKitWebDriver"
HOSTS = Path("/etc/hosts")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
NODE = "element-6066-11e4-a52e-4f735466cecf"
# The port tells nobody what a page throws, so the page is asked to remember it.
LISTEN = """
if (window.faults === undefined) {
  window.faults = [];
  addEventListener("error", event => faults.push(String(event.message)));
  addEventListener("unhandledrejection", event => faults.push(`${event.reason} ${event.reason?.stack}`));
  const say = console.error;
  console.error = (...said) => { faults.push(said.map(each => `${each} ${each?.stack ?? ""}`).join(" ")); say(...said); };
}
"""


def small_browser() -> Path | None:
    """Return where MiniBrowser is: each architecture has its own place."""
    return next(iter(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser")), None)


class WebKit:
    """An `Engine`: one driver for each browser, since a driver has one session."""

    name = "WebKitGTK"

    def __init__(self, setting: Setting, display: str) -> None:
        browser = small_browser()
        assert browser is not None
        self._setting = setting
        self._kept_faults: list[str] = []
        home = setting.home
        setting.downloads.mkdir(parents=True)
        (home / "config").mkdir()
        (home / "config" / "user-dirs.dirs").write_text(f'XDG_DOWNLOAD_DIR="{setting.downloads}"\n')
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        environment = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "DISPLAY": display,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "XDG_RUNTIME_DIR": str(home),
            "GTK_THEME": "Adwaita:dark" if setting.dark else "Adwaita",
        }
        with (home / "webkit.log").open("wb") as log:
            self._process = subprocess.Popen(
                self._in_own_world([DRIVER, f"--port={self._port}", "--host=127.0.0.1"]),
                env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._session = ""
        try:
            self._until_driver_answers()
            options = {"binary": str(browser), "args": ["--automation"]}
            capabilities = {
                "acceptInsecureCerts": setting.clicks_through,
                "webkitgtk:browserOptions": options,
            }
            made = self._ask("POST", "/session", capabilities={"alwaysMatch": capabilities})
            self._session = f"/session/{made['sessionId']}"
            self._version = f"WebKitGTK {made['capabilities']['browserVersion']}"
            self._ask("POST", "/timeouts", script=int(ANSWER_S * 1000), pageLoad=int(ANSWER_S * 1000))
            self.resize(setting.width, setting.height)
        except BaseException:
            self.close()
            raise

    def version(self) -> str:
        return self._version

    def go(self, url: str) -> None:
        self._keep_faults()
        self._ask("POST", "/url", url=url)
        # Where it warns of a certificate it says nothing to the driver, and the page is blank or the one from before.
        if self._script("sync", "return location.host") != urlsplit(url).netloc:
            raise DriverFailed(f"{url} was not opened: a warning stands in its place")
        self._script("sync", LISTEN)

    def reload(self) -> None:
        self._keep_faults()
        self._ask("POST", "/refresh")
        self._script("sync", LISTEN)

    def run(self, body: str, *args: object) -> Any:
        script = f"""
          const done = arguments[1], args = JSON.parse(arguments[0]);
          (async () => {{ {FINDERS} {body} }})().then(
            value => done(JSON.stringify({{ value: value ?? null }})),
            error => done(JSON.stringify({{ error: `${{error}} ${{error?.stack ?? ""}}` }})));"""
        said = json.loads(self._script("async", script, json.dumps(args)))
        if "error" in said:
            raise DriverFailed(said["error"])
        return said["value"]

    def click(self, element: str, *args: object) -> None:
        self._ask("POST", f"{self._element(element, args)}/click")

    def type_into(self, element: str, text: str) -> None:
        place = self._element(element, ())
        self._ask("POST", f"{place}/clear")
        self._ask("POST", f"{place}/value", text=text)

    def press(self, key: str) -> None:
        strokes = [{"type": kind, "value": letter} for letter in key for kind in ("keyDown", "keyUp")]
        self._ask("POST", "/actions", actions=[{"type": "key", "id": "keys", "actions": strokes}])

    def attach(self, element: str, files: list[Path]) -> None:
        place = self._element(element, ())
        self._ask("POST", f"{place}/value", text="\n".join(str(file) for file in files))

    def resize(self, width: int, height: int) -> None:
        self._ask("POST", "/window/rect", width=width, height=height)

    def picture(self) -> bytes:
        return base64.b64decode(self._ask("GET", "/screenshot"))

    def faults(self) -> list[str]:
        self._keep_faults()
        return list(self._kept_faults)

    def close(self) -> None:
        if self._session:
            with suppress(OSError, DriverFailed, http.client.HTTPException):
                self._ask("DELETE", "")
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _in_own_world(self, command: list[str]) -> list[str]:
        """Return the command behind a hosts file and a list of CAs of its own, where they differ from this computer's."""
        home, authority = self._setting.home, self._setting.authority
        mounts = []
        if self._setting.host != "localhost":
            (home / "hosts").write_text(f"127.0.0.1 localhost {self._setting.host}\n")
            mounts.append((home / "hosts", HOSTS))
        if authority is not None:
            (home / "ca.crt").write_bytes(CERTIFICATES.read_bytes() + authority.read_bytes())
            mounts.append((home / "ca.crt", CERTIFICATES))
        if not mounts:
            return command
        binding = [f"mount --bind {shlex.quote(str(ours))} {theirs} && " for ours, theirs in mounts]
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        return ["unshare", *user, "--mount", "sh", "-c", f'{"".join(binding)}exec "$@"', "sh", *command]

    def _until_driver_answers(self) -> None:
        pause = threading.Event()
        while self._process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 1):
                return
            pause.wait(0.05)
        raise DriverFailed("WebKitWebDriver ended; webkit.log in its home says why")

    def _keep_faults(self) -> None:
        self._kept_faults += self._script(
            "sync", "const said = window.faults ?? []; window.faults = []; return said;"
        )

    def _element(self, element: str, args: tuple[object, ...]) -> str:
        script = f"const args = JSON.parse(arguments[0]); {FINDERS} return {element};"
        found = self._script("sync", script, json.dumps(args))
        if found is None:
            raise DriverFailed(f"no {element} for {args}")
        return f"/element/{found[NODE]}"

    def _script(self, kind: str, script: str, *args: object) -> Any:
        return self._ask("POST", f"/execute/{kind}", script=script, args=list(args))

    def _ask(self, verb: str, path: str, **body: object) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_S)
        try:
            connection.request(verb, self._session + path, json.dumps(body) if verb == "POST" else None)
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(value, dict) and "error" in value:
            raise DriverFailed(f"{value['error']}: {value['message']}")
        return value

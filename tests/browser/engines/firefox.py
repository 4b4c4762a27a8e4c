"""Debian's Firefox ESR, driven over WebDriver BiDi: JSON messages on a WebSocket.

Source: w3c.github.io/webdriver-bidi; preferences by their names in about:config.
"""

import asyncio
import base64
import json
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from tests.browser.engines.protocol import ANSWER_S, FINDERS, DriverFailed, Setting
from tests.browser.engines.trusting import trust

FIREFOX = "/usr/bin/firefox-esr"
EVENTS = ["log.entryAdded"]
SELECT_ALL = {
    "type": "key",
    "id": "keys",
    "actions": [
        {"type": "keyDown", "value": "\ue009"},
        {"type": "keyDown", "value": "a"},
        {"type": "keyUp", "value": "a"},
        {"type": "keyUp", "value": "\ue009"},
    ],
}
T = TypeVar("T")


def preferences(setting: Setting) -> dict[str, object]:
    """Return what keeps Firefox from the network, and lets it find the door."""
    return {
        "browser.download.dir": str(setting.downloads),
        "browser.download.folderList": 2,
        "browser.shell.checkDefaultBrowser": False,
        "layout.css.prefers-color-scheme.content-override": 0 if setting.dark else 1,
        "media.autoplay.default": 0,
        "media.gmp-manager.updateEnabled": False,
        "network.captive-portal-service.enabled": False,
        "network.connectivity-service.enabled": False,
        "network.dns.localDomains": setting.host,
        "remote.prefs.recommended": True,
        "services.settings.server": "data:,",
        "toolkit.telemetry.reportingpolicy.firstRun": False,
        "app.update.enabled": False,
    }


class Firefox:
    """An `Engine`. The WebSocket lives in a thread of its own, so that tests need no event loop."""

    name = "Firefox"

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        profile = setting.home / "profile"
        profile.mkdir(parents=True)
        setting.downloads.mkdir()
        lines = (f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in preferences(setting).items())
        (profile / "user.js").write_text("".join(lines))
        if setting.authority is not None:
            trust(setting.authority, profile)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self._faults: list[str] = []
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._count = 0
        with (setting.home / "firefox.log").open("wb") as log:
            self._process = subprocess.Popen(
                [FIREFOX, "--headless", "--no-remote", "--profile", str(profile),
                 f"--remote-debugging-port={port}", "about:blank"],
                env={**os.environ, "HOME": str(setting.home), "MOZ_HEADLESS": "1"},
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="firefox", daemon=True)
        self._thread.start()
        try:
            self._wait(self._connect(f"ws://127.0.0.1:{port}/session"))
            capabilities = {
                "acceptInsecureCerts": setting.clicks_through,
                "unhandledPromptBehavior": {"default": "ignore"},
            }
            made = self._ask("session.new", capabilities={"alwaysMatch": capabilities})
            self._version = f"Firefox {made['capabilities']['browserVersion']}"
            self._ask("session.subscribe", events=EVENTS)
            self._tab = self._ask("browsingContext.getTree")["contexts"][0]["context"]
            self.resize(setting.width, setting.height)
        except BaseException:
            self.close()
            raise

    def version(self) -> str:
        return self._version

    def go(self, url: str) -> None:
        self._ask("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def reload(self) -> None:
        self._ask("browsingContext.reload", context=self._tab, wait="complete")

    def run(self, body: str, *args: object) -> Any:
        value = self._call(
            f"const value = await (async () => {{ {body} }})(); return JSON.stringify(value ?? null);", args
        )
        return json.loads(value["value"])

    def click(self, element: str, *args: object) -> None:
        pointer = [
            {
                "type": "pointerMove",
                "x": 0,
                "y": 0,
                "origin": {"type": "element", "element": self._element(element, args)},
            },
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self._act({"type": "pointer", "id": "mouse", "actions": pointer})

    def type_into(self, element: str, text: str) -> None:
        self.click(element)
        self._act(SELECT_ALL)
        self.press(text)

    def press(self, key: str) -> None:
        strokes = [{"type": kind, "value": letter} for letter in key for kind in ("keyDown", "keyUp")]
        self._act({"type": "key", "id": "keys", "actions": strokes})

    def attach(self, element: str, files: list[Path]) -> None:
        chosen = self._element(element, ())
        self._ask("input.setFiles", context=self._tab, element=chosen, files=[str(file) for file in files])

    def resize(self, width: int, height: int) -> None:
        self._ask(
            "browsingContext.setViewport", context=self._tab, viewport={"width": width, "height": height}
        )

    def picture(self) -> bytes:
        return base64.b64decode(self._ask("browsingContext.captureScreenshot", context=self._tab)["data"])

    def faults(self) -> list[str]:
        return list(self._faults)

    def close(self) -> None:
        with suppress(Exception):
            self._ask("browser.close")
        with suppress(Exception):
            self._wait(self._disconnect())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _call(self, body: str, args: tuple[object, ...]) -> dict[str, Any]:
        answer = self._ask(
            "script.callFunction",
            functionDeclaration=f"async text => {{ const args = JSON.parse(text); {FINDERS} {body} }}",
            arguments=[{"type": "string", "value": json.dumps(args)}],
            target={"context": self._tab},
            awaitPromise=True,
        )
        if answer["type"] == "exception":
            raise DriverFailed(answer["exceptionDetails"]["text"])
        result: dict[str, Any] = answer["result"]
        return result

    def _element(self, element: str, args: tuple[object, ...]) -> dict[str, str]:
        found = self._call(f"const e = {element}; e?.scrollIntoView({{ block: 'center' }}); return e;", args)
        if found["type"] != "node":
            raise DriverFailed(f"no {element} for {args}")
        return {"sharedId": found["sharedId"]}

    def _act(self, source: dict[str, Any]) -> None:
        self._ask("input.performActions", context=self._tab, actions=[source])

    def _ask(self, method: str, **params: object) -> Any:
        return self._wait(self._exchange(method, params))

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, ANSWER_S), self._loop).result()

    async def _connect(self, url: str) -> None:
        self._http = aiohttp.ClientSession()
        while True:
            try:
                self._socket = await self._http.ws_connect(url, max_msg_size=0)
                break
            except aiohttp.ClientError as error:
                if self._process.poll() is not None:
                    raise DriverFailed("Firefox ended; firefox.log in its home says why") from error
                await asyncio.sleep(0.05)
        self._reading = asyncio.create_task(self._read())

    async def _disconnect(self) -> None:
        await self._socket.close()
        await self._reading
        await self._http.close()

    async def _read(self) -> None:
        async for message in self._socket:
            said = json.loads(message.data)
            answer = self._answers.pop(said.get("id"), None)
            if answer is None:
                self._note(said)
            elif answer.done():
                continue
            elif said["type"] == "error":
                answer.set_exception(DriverFailed(f"{said['error']}: {said['message']}"))
            else:
                answer.set_result(said["result"])
        for answer in self._answers.values():
            answer.set_exception(DriverFailed("Firefox is gone"))

    def _note(self, event: dict[str, Any]) -> None:
        if event.get("method") == "log.entryAdded" and event["params"]["level"] == "error":
            self._faults.append(str(event["params"].get("text")))

    async def _exchange(self, method: str, params: dict[str, object]) -> Any:
        self._count += 1
        answer = self._answers[self._count] = self._loop.create_future()
        await self._socket.send_json({"id": self._count, "method": method, "params": params})
        return await answer

"""Debian's Chromium, driven by Playwright."""

import subprocess
from pathlib import Path
from typing import Any

from playwright.sync_api import Download, ElementHandle, Error, Playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.engines.protocol import ANSWER_S, FINDERS, DriverFailed, Setting
from tests.browser.engines.trusting import trust

KEYS = {"\ue00c": "Escape"}


class Chromium:
    """An `Engine`."""

    name = "Chromium"

    def __init__(self, setting: Setting, playwright: Playwright) -> None:
        self._setting = setting
        if setting.authority is not None:
            trust(setting.authority, setting.home / ".pki" / "nssdb")
        self._context = playwright.chromium.launch_persistent_context(
            setting.home / "profile",
            executable_path=CHROMIUM,
            args=[*ARGUMENTS, f"--host-resolver-rules=MAP {setting.host} 127.0.0.1"],
            env={"HOME": str(setting.home), "PATH": "/usr/bin:/bin"},
            viewport={"width": setting.width, "height": setting.height},
            color_scheme="dark" if setting.dark else "light",
            ignore_https_errors=setting.clicks_through,
        )
        self._context.set_default_timeout(ANSWER_S * 1000)
        self._page = self._context.pages[0]
        self._faults: list[str] = []
        self._page.on("pageerror", lambda error: self._faults.append(str(error)))
        self._page.on(
            "console",
            lambda said: (
                self._faults.append(said.text + str(said.location)) if said.type == "error" else None
            ),
        )
        self._page.on("download", self._keep)

    def version(self) -> str:
        return subprocess.run([CHROMIUM, "--version"], capture_output=True, check=True, text=True).stdout

    def go(self, url: str) -> None:
        try:
            self._page.goto(url)
        except Error as error:
            raise DriverFailed(error.message) from error

    def reload(self) -> None:
        self._page.reload()

    def run(self, body: str, *args: object) -> Any:
        try:
            return self._page.evaluate(f"async args => {{ {FINDERS} {body} }}", list(args))
        except Error as error:
            raise DriverFailed(error.message) from error

    def click(self, element: str, *args: object) -> None:
        self._element(element, *args).click()

    def type_into(self, element: str, text: str) -> None:
        self._element(element).fill(text)

    def press(self, key: str) -> None:
        self._page.keyboard.press(KEYS.get(key, key))

    def attach(self, element: str, files: list[Path]) -> None:
        self._element(element).set_input_files(files)

    def resize(self, width: int, height: int) -> None:
        self._page.set_viewport_size({"width": width, "height": height})

    def picture(self) -> bytes:
        return self._page.screenshot()

    def faults(self) -> list[str]:
        return list(self._faults)

    def close(self) -> None:
        self._context.close()

    def _element(self, element: str, *args: object) -> ElementHandle:
        handle = self._page.evaluate_handle(f"args => {{ {FINDERS} return {element}; }}", list(args))
        found = handle.as_element()
        if found is None:
            raise DriverFailed(f"no {element} for {args}")
        return found

    def _keep(self, download: Download) -> None:
        download.save_as(self._setting.downloads / download.suggested_filename)

"""Opens the three engines, or says why one is not here."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.browser.conftest import CHROMIUM
from tests.browser.engines.chromium import Chromium
from tests.browser.engines.firefox import FIREFOX, Firefox
from tests.browser.engines.person import Person
from tests.browser.engines.protocol import Engine, Setting
from tests.browser.engines.webkit import DRIVER, WebKit, small_browser

NAMES = ["chromium", "firefox", "webkit"]
NEEDS = {
    "chromium": [CHROMIUM],
    "firefox": [FIREFOX],
    "webkit": [DRIVER, "Xvfb"],
}


def missing(name: str) -> str | None:
    """Return what an engine lacks on this computer, or None."""
    lacking = [program for program in NEEDS[name] if shutil.which(program) is None]
    if name == "webkit" and not lacking and small_browser() is None:
        lacking = ["MiniBrowser"]
    return f"no {lacking[0]} here for {name}; scripts/test installs it" if lacking else None


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """Yield the name of an X server's display, for WebKitGTK alone: the others need none."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with open(reading, encoding="ascii") as told:  # noqa: PTH123 - a descriptor, not a path
        number = told.readline().strip()
    try:
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()


class Opener:
    """Opens browsers; `close` ends all that are left."""

    def __init__(self) -> None:
        self._ending = contextlib.ExitStack()
        self._playwright: Playwright | None = None
        self._display: str | None = None

    def open(self, name: str, setting: Setting) -> Person:
        """Return somebody in front of a fresh browser. Skips where it is not installed."""
        lacking = missing(name)
        if lacking is not None:
            pytest.skip(lacking)
        engine = self._engine(name, setting)
        self._ending.callback(engine.close)
        return Person(engine, setting.downloads)

    def close(self) -> None:
        self._ending.close()

    def _engine(self, name: str, setting: Setting) -> Engine:
        if name == "chromium":
            if self._playwright is None:
                self._playwright = self._ending.enter_context(sync_playwright())
            return Chromium(setting, self._playwright)
        if name == "firefox":
            return Firefox(setting)
        if self._display is None:
            self._display = self._ending.enter_context(screen())
        return WebKit(setting, self._display)

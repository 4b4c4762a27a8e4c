"""What a test asks of a browser, whichever it is: one interface, and a small file for each engine that keeps it.

Elements are named by a JavaScript expression over `FINDERS`, which finds them by what a person reads; whatever is pressed or
typed goes through the browser's own input, so that the page sees a person's gesture.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

ANSWER_S: Final = 60.0
"""How long a browser may take for one step on a busy machine; a driver that hangs ends the test with its name."""

FINDERS: Final = """
const textOf = e => (e.getAttribute("aria-label") ?? e.textContent).replace(/\\s+/g, " ").trim();
const seen = e => e.getClientRects().length > 0;
const named = (kind, name) => {
  const all = [...document.querySelectorAll(kind)].filter(seen);
  return all.find(e => textOf(e) === name) ?? all.find(e => textOf(e).includes(name)) ?? null;
};
const button = name => named("button, summary, a", name);
const field = name => named("label", name)?.control ?? null;
const says = text => document.body.innerText.replace(/\\s+/g, " ").includes(text);
"""


class DriverFailed(Exception):
    """A browser, or the program that drives it, did not do what it was asked."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a browser is started with.

    Attributes:
        home: its home directory: nothing is kept anywhere else. Downloads come to `home / "downloads"`.
        host: a name that this browser finds on this computer, as mDNS would on a LAN.
        authority: a CA whose certificate its owner installed.
        clicks_through: a warning about a certificate is answered as a person does who goes on.
        dark: the person likes dark pages.
        width, height: of the window's content, in CSS pixels.
    """

    home: Path
    host: str = "localhost"
    authority: Path | None = None
    clicks_through: bool = False
    dark: bool = False
    width: int = 1100
    height: int = 800

    @property
    def downloads(self) -> Path:
        return self.home / "downloads"


class Engine(Protocol):
    """A running browser with one tab."""

    name: str

    def version(self) -> str:
        """Return what the browser calls itself."""

    def go(self, url: str) -> None:
        """Open an address. Raises DriverFailed where the browser shows a warning or an error instead."""

    def reload(self) -> None:
        """Open the same address anew."""

    def run(self, body: str, *args: object) -> Any:
        """Return the JSON value of an async function's `body` over `args` in the page. Raises DriverFailed if it throws."""

    def click(self, element: str, *args: object) -> None:
        """Press the element of an expression."""

    def type_into(self, element: str, text: str) -> None:
        """Put `text` in the place of what a field holds."""

    def press(self, key: str) -> None:
        """Press one key; those without a letter have WebDriver's code points."""

    def attach(self, element: str, files: list[Path]) -> None:
        """Choose files for a file field."""

    def resize(self, width: int, height: int) -> None:
        """Give the page another size."""

    def picture(self) -> bytes:
        """Return a PNG of what is seen."""

    def faults(self) -> list[str]:
        """Return what the page threw, or wrote as an error, since the browser was started."""

    def close(self) -> None:
        """End the browser; afterwards nothing of it runs."""

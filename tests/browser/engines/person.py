"""What a person does with the page, in any engine: reads, presses, fills in, waits for what happens."""

import os
import time
from pathlib import Path
from typing import Any

from provisioning.demo.demo import Stage
from tests.browser.engines.protocol import ANSWER_S, Engine

ESCAPE = "\ue00c"
UNFINISHED = {".part", ".wkdownload", ".crdownload"}
# The video's picture, as its darkest and lightest place.
LOOK = """
const canvas = document.createElement("canvas");
canvas.width = 64; canvas.height = 36;
const at = canvas.getContext("2d");
at.drawImage(document.querySelector("video"), 0, 0, 64, 36);
const { data } = at.getImageData(0, 0, 64, 36);
const luma = [];
for (let i = 0; i < data.length; i += 4) luma.push(0.2126 * data[i] + 0.7152 * data[i + 1] + 0.0722 * data[i + 2]);
return Math.max(...luma) - Math.min(...luma);
"""


class Person:
    """Somebody in front of a browser."""

    def __init__(self, engine: Engine, downloads: Path) -> None:
        self.engine = engine
        self.downloads = downloads
        self._kept: set[Path] = set()

    @property
    def name(self) -> str:
        """What its device is called in the household."""
        return f"{self.engine.name} phone"

    def until(self, condition: str, *args: object, within_s: float = ANSWER_S) -> Any:
        """Return the first true value of a JavaScript expression; the page looks, this waits."""
        look = f"""
          for (const ends = performance.now() + 1000; performance.now() < ends;) {{
            const value = {condition};
            if (value) return value;
            await new Promise(resolve => setTimeout(resolve, 40));
          }}
          return null;"""
        ends_s = time.monotonic() + within_s
        while (value := self.engine.run(look, *args)) is None:
            if time.monotonic() > ends_s:
                read = self.engine.run("return document.body.innerText")
                raise AssertionError(f"{self.engine.name} never saw {condition} {args}; it reads:\n{read}")
        return value

    def reads(self, text: str, within_s: float = ANSWER_S) -> None:
        self.until("says(args[0])", text, within_s=within_s)

    def no_longer_reads(self, text: str) -> None:
        self.until("!says(args[0])", text)

    def presses(self, name: str) -> None:
        """Press the button, link or summary of a name, once it can be pressed."""
        self.until("button(args[0]) && !button(args[0]).disabled", name)
        self.engine.click("button(args[0])", name)

    def fills(self, label: str, text: str) -> None:
        self.until("field(args[0])", label)
        self.engine.type_into(f"field({label!r})", text)

    def leaves_the_film(self) -> None:
        self.engine.press(ESCAPE)
        self.until("!document.querySelector('dialog')")

    def joins(self, door: Stage, called: str | None = None) -> None:
        """Join the household by the card's link; no two there have one name."""
        self.engine.go(door.card.link(door.url, door.born_sha256))
        self.fills("What should the others call this device?", called or self.name)
        self.presses("Join the household")
        self.reads("Door is well")

    def plays(self) -> None:
        """Wait until the video that is shown has played for a second, and shows a decoded picture, not one colour."""
        self.until(f"document.querySelector('video')?.currentTime > 1 && (() => {{ {LOOK} }})() > 30")

    def is_given(self, ending: str) -> Path:
        """Return the newest download whose name ends so, once all of it is there."""
        ends_s = time.monotonic() + ANSWER_S
        while time.monotonic() < ends_s:
            # The page is asked meanwhile: a driver tells of downloads only while it is listened to.
            self.engine.run("await new Promise(resolve => setTimeout(resolve, 40))")
            there = set(self.downloads.glob("*")) if self.downloads.exists() else set()
            if any(path.suffix in UNFINISHED for path in there):
                continue
            for path in sorted(there - self._kept):
                if path.name.endswith(ending) and path.stat().st_size > 0:
                    self._kept.add(path)
                    return path
        raise AssertionError(f"{self.engine.name} was given nothing that ends with {ending}")

    def keeps_a_picture(self, name: str) -> None:
        """Leave screenshots, if somebody wants to look (DOORWARD_SHOTS)."""
        place = os.environ.get("DOORWARD_SHOTS")
        if place is None:
            return
        for size, (width, height) in {"phone": (390, 780), "desktop": (1100, 800)}.items():
            self.engine.resize(width, height)
            self.engine.run("await new Promise(resolve => setTimeout(resolve, 250))")
            Path(place, f"{name}-{self.engine.name.lower()}-{size}.png").write_bytes(self.engine.picture())

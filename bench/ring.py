"""A ring: from the press to the sound on a page, with everything of a door in between.

Both processes, a real Chromium with a reader's keys, the drawn doorstep recorded meanwhile. A press is a signal to the device,
stamped by this process before it is sent; a sound is the first stroke that the page's own code starts on a running audio context,
stamped by the page's clock, which is the same machine's. What the sound card adds is the context's own word, told apart: a
machine without one has a null sink. The drawn picture that is sealed and opened with each ring is 320 x 180.

- sound: from the press until the first stroke starts.
- picture: from the press until the picture of the moment is decoded on the page.
- chime: from a press at the Pi itself (``doorward ring``'s socket) until the program that plays the chime has started; one of
  ours stands in its place and writes down when.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from bench.report import report
from device.contract.local import PressBell, ask
from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import ARGUMENTS, CHROMIUM, free_port, pair
from tests.support.belled import press, replace_device, with_a_button
from tests.support.voiced import CHIME

AIM_P95_MS = 150
RINGS = 40
CHIME_S = 3.0
"""Longer than the chime sounds: what is pressed meanwhile is heard already."""

# Resolves for each ring with when it sounded and when its picture was there, in ms since the epoch.
EARS = """
  window.ring = () => {
    const sounded = Promise.withResolvers(), pictured = Promise.withResolvers();
    const now = () => performance.timeOrigin + performance.now();
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...when) {
      if (this.context.state === "running") {
        OscillatorNode.prototype.start = start;
        sounded.resolve(now());
        window.output = (this.context.baseLatency + (this.context.outputLatency || 0)) * 1000;
      }
      return start.apply(this, when);
    };
    const look = setInterval(() => {
      const picture = document.querySelector(".ringing img");
      if (!picture) return;
      clearInterval(look);
      picture.decode().then(() => pictured.resolve(now()));
    }, 1);
    return Promise.all([sounded.promise, pictured.promise]);
  };
"""


@contextmanager
def door() -> Iterator[Stage]:
    """Yield a running door whose bell this bench presses."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as place:
        with_a_button(patch)
        with staged(Options("scene", False, Path(place) / "state", free_port())) as stage:
            yield stage


def listen(page: Page, stage: Stage) -> tuple[float, float]:
    """Return the milliseconds from a press to its sound and to its picture."""
    page.evaluate("window.rings = window.ring(); null")
    pressed_ms = time.time() * 1000
    press(stage)
    sounded_ms, pictured_ms = page.evaluate("window.rings")
    page.get_by_role("button", name="Not now").click()
    page.locator(".ringing").wait_for(state="detached")
    return sounded_ms - pressed_ms, pictured_ms - pressed_ms


def chimes(count: int) -> list[float]:
    """Return the milliseconds from a press at the Pi to the chime's program."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as place:
        started = Path(place) / "started"
        program = Path(place) / "aplay"
        program.write_text(f"#!/bin/sh\ndate +%s%N >> {started}\n")
        program.chmod(0o755)
        replace_device(
            patch, "tests.support.voiced", {CHIME: "two-tone", "PATH": f"{place}:{os.environ['PATH']}"}
        )
        with staged(Options("scene", False, Path(place) / "state", free_port())) as stage:
            link = stage.processes.socket_path
            pressed_ms = []
            for _ in range(count):
                pressed_ms.append(time.time() * 1000)
                ask(link, PressBell())
                time.sleep(CHIME_S)
            started_ms = [int(line) / 1e6 for line in started.read_text().splitlines()]
    if len(started_ms) != count:
        raise RuntimeError(f"{len(started_ms)} chimes for {count} presses")
    return [at - began for began, at in zip(pressed_ms, started_ms, strict=True)]


def percentiles(values: list[float]) -> dict[str, float]:
    """Return p50 and p95."""
    return {"p50_ms": statistics.median(values), "p95_ms": statistics.quantiles(values, n=20)[-1]}


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rings", type=int, default=RINGS)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with door() as stage, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.add_init_script(EARS)
        pair(page, stage, "Bench")
        page.get_by_role("button", name="Door", exact=True).click()
        page.get_by_role("button", name="Ring on this device").click()
        page.get_by_text("It rings while this page is open").wait_for()
        listen(page, stage)  # keys are derived and code is compiled once
        heard = [listen(page, stage) for _ in range(arguments.rings)]
        output_ms = page.evaluate("window.output")
        browser.close()
    sound = percentiles([sound_ms for sound_ms, _ in heard])
    picture = percentiles([picture_ms for _, picture_ms in heard])
    report(
        f"press → page, {arguments.rings} rings",
        {"sound": sound, "picture": picture, "chime": percentiles(chimes(arguments.rings // 2))},
        arguments.json,
        [
            f"aim: sound at p95 within {AIM_P95_MS} ms",
            f"what this machine's sound output adds, by the browser's word: {output_ms:.0f} ms",
        ],
    )


if __name__ == "__main__":
    main()

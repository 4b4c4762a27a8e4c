"""Live: from the moment at which a picture is drawn until its pixels can be read back in Chromium, through a whole door.

A real door (device, server, a page with a reader's keys) on the drawn doorstep at 1280x720 and 15 fps, and the same camera as
plain MJPEG over aiohttp, one after the other in one run. Each picture bears the millisecond at which it was drawn; a page looks
at each of its own frames what it shows. Further viewers take what comes and decode nothing: one page is enough for two cores.

- p50, p95: delay of each picture, when it was first readable.
- stalls: pauses of more than half a second between two pictures, a minute.
- disturbed: as many viewers, of whom one is stopped (SIGSTOP) and one takes in 300 kbit/s. The others' figures should not move.
- CPU is of one core, over the same time; a further viewer's is what the server takes with all of them, less with one, for each.
"""

import argparse
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import aiohttp
import pytest
from playwright.sync_api import Page, sync_playwright

from bench.footprint import cpu_s
from bench.live.stamp import READ
from bench.report import report
from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import ARGUMENTS, CHROMIUM, free_port, pair
from tests.support.belled import pids, replace_device

SECONDS: Final = 30
SETTLE_S: Final = 6
STALL_MS: Final = 500
VIEWERS: Final = (1, 5, 20)
SLOW_KBIT_S: Final = 300
AIMS: Final = "aims: p50 within 80 ms and 0.9 of MJPEG's, p95 within 150 ms, 3 stalls a minute, 1 % of a core a further viewer"


@contextmanager
def door() -> Iterator[Stage]:
    """Yield a running door whose camera stamps its pictures."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as place:
        replace_device(patch, "bench.live.stamped", {})
        with staged(Options("scene", False, Path(place) / "state", free_port())) as stage:
            yield stage


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a process of this bench's."""
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def watching(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Have further viewers watch, each of them until the end."""
    with started("bench.live.viewers", *arguments) as process:
        if process.stdout is None or process.stdout.readline() != b"watching\n":
            raise RuntimeError("the further viewers do not watch")
        yield process
        if process.poll() is not None:
            raise RuntimeError("the further viewers did not watch to the end")


def measured(page: Page, selector: str, processes: dict[str, int], seconds: int) -> dict[str, float | None]:
    """Return what a page reads of its picture, and what that costs the processes."""
    page.evaluate(READ, [selector, SETTLE_S])
    before = {name: cpu_s(pid) for name, pid in processes.items()}
    began_s = time.monotonic()
    seen = page.evaluate(READ, [selector, seconds])
    took_s = time.monotonic() - began_s
    stalls = sum(pause > STALL_MS for pause in seen["pauses"])
    cpu = {
        f"{name}_cpu_percent": 100 * (cpu_s(pid) - before[name]) / took_s for name, pid in processes.items()
    }
    return {
        "p50_ms": statistics.median(seen["delays"]),
        "p95_ms": statistics.quantiles(seen["delays"], n=20)[-1],
        "stalls_per_min": 60 * stalls / took_s,
        "pictures_per_s": len(seen["delays"]) / took_s,
        **cpu,
    }


def doorward(page: Page, viewers: Sequence[int], seconds: int) -> dict[str, dict[str, float | None]]:
    """Return the figures of a door, for each number of viewers."""
    found: dict[str, dict[str, float | None]] = {}
    with door() as stage:
        processes = pids(stage)
        card = stage.state.parent / f"{stage.state.name}-card" / "card.txt"
        pair(page, stage, "Bench")
        page.get_by_role("button", name="Live", exact=True).click()
        page.locator(".live .sign.good").wait_for()
        for count in viewers:
            if count == 1:
                found["doorward"] = measured(page, ".live video", processes, seconds)
                continue
            with watching("doorward", stage.url, str(card), str(count - 1)):
                found[f"doorward_{count}"] = measured(page, ".live video", processes, seconds)
        if (most := max(viewers)) > len(("page", "stopped", "slow")):
            who = ("doorward", stage.url, str(card))
            with (
                watching(*who, str(most - 3)),
                watching(*who, "1", str(SLOW_KBIT_S)),
                watching(*who, "1") as one,
            ):
                one.send_signal(signal.SIGSTOP)
                found[f"doorward_{most}_disturbed"] = measured(page, ".live video", processes, seconds)
    _add_cost(found, "doorward", "server", viewers)
    return found


def mjpeg(page: Page, viewers: Sequence[int], seconds: int) -> dict[str, dict[str, float | None]]:
    """Return the figures of the plain stream, for each number of viewers."""
    found: dict[str, dict[str, float | None]] = {}
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with started("bench.live.mjpeg", str(port)) as server:
        _until_served(port)
        page.goto(url)
        for count in viewers:
            if count == 1:
                found["mjpeg"] = measured(page, "img", {"server": server.pid}, seconds)
                continue
            with watching("mjpeg", url, str(count - 1)):
                found[f"mjpeg_{count}"] = measured(page, "img", {"server": server.pid}, seconds)
    _add_cost(found, "mjpeg", "server", viewers)
    return found


def _add_cost(
    found: dict[str, dict[str, float | None]], subject: str, process: str, viewers: Sequence[int]
) -> None:
    most = max(viewers)
    one, all_of_them = found.get(subject), found.get(f"{subject}_{most}")
    if one is None or all_of_them is None:
        return
    name = f"{process}_cpu_percent"
    alone, together = one[name], all_of_them[name]
    if alone is not None and together is not None:
        one[f"{name}_per_viewer"] = (together - alone) / (most - 1)


def _until_served(port: int) -> None:
    deadline_s = time.monotonic() + 60
    while time.monotonic() < deadline_s:
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.05)
    raise aiohttp.ClientConnectionError("the stream is not served")


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=SECONDS, help="how long each is watched")
    parser.add_argument("--viewers", type=int, nargs="+", default=VIEWERS, help="how many at once")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows: dict[str, dict[str, float | None]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for subject in (doorward, mjpeg):
            page = browser.new_page()
            rows |= subject(page, arguments.viewers, arguments.seconds)
            page.close()
        browser.close()
    report(f"drawn → readable in Chromium, {arguments.seconds} s each", rows, arguments.json, [AIMS])


if __name__ == "__main__":
    main()

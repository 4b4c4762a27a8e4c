"""Footprint: what each process takes while the door watches, records, and records while one page looks; what imports cost.

A real ``python -m device`` on the drawn doorstep at 1280x720, 15 fps, and a real ``python -m server`` that nobody looks at.
Memory is read from /proc after SETTLE_S, CPU over MEASURE_S from there; the drawn doorstep costs CPU and memory that a
Pi's camera does not. The time to the socket is from the start of the process until it listens, its camera open. While it
records the bell is pressed again and again, so that recordings follow each other; the page that looks is a reader that takes
what comes live.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

import pytest

from bench.report import report
from provisioning.demo.demo import Options, Stage, staged
from tests.support.belled import pids, press, with_a_button

SETTLE_S: Final = 12.0
MEASURE_S: Final = 20.0
PRESS_S: Final = 2.0
_LOOK_S: Final = 0.01
_PATIENCE_S: Final = 60.0
_MODULES: Final = (
    "numpy",
    "cv2",
    "av",
    "cryptography.hazmat.primitives.asymmetric.mlkem",
    "msgspec",
    "yaml",
    "device.app",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    json_path = parser.parse_args().json
    rows: dict[str, dict[str, float | None]] = {"doorward": {**watching(), **busy()}}
    for module in _MODULES:
        rows["doorward"][f"import_{module.rsplit('.', 1)[-1]}_mb"] = import_mb(module)
    report(
        f"1280x720, 15 fps, drawn doorstep; {MEASURE_S:.0f} s after {SETTLE_S:.0f} s",
        rows,
        json_path,
        [
            "MB is 10^6 bytes; CPU is of one core; an import's is the peak of a bare Python with it, less one without"
        ],
    )


def watching() -> dict[str, float | None]:
    """Return memory and CPU of both processes while nobody looks."""
    with tempfile.TemporaryDirectory() as directory:
        link = Path(directory) / "link"
        card = ("card", "--name", "Bench", "--url", "https://door.local", "-o", f"{directory}/card.pdf")
        subprocess.run(
            [Path(sys.executable).with_name("doorward"), *card, "--state", f"{directory}/state"],
            stdout=subprocess.DEVNULL,
            check=True,
        )
        began_s = time.monotonic()
        device = _start("device", "--quiet", "--state", f"{directory}/state", "--socket", str(link))
        try:
            _until_listening(link, device)
            listens_s = time.monotonic() - began_s
            server = _start("server", "--quiet", "--link", str(link), "--listen", "127.0.0.1:0")
            try:
                return {
                    **_figures({"device": device.pid, "server": server.pid}, "watching"),
                    "device_listens_s": listens_s,
                }
            finally:
                _end(server)
        finally:
            _end(device)


def busy() -> dict[str, float | None]:
    """Return memory and CPU of both processes while the door records, and while it records and one page looks."""
    ends = threading.Event()

    def lean_on_the_bell(stage: Stage) -> None:
        while not ends.wait(PRESS_S):
            press(stage)

    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as directory:
        with_a_button(patch)
        with staged(Options("scene", False, Path(directory) / "state", _free_port())) as stage:
            ringing = threading.Thread(target=lean_on_the_bell, args=(stage,), daemon=True)
            ringing.start()
            try:
                figures = _figures(pids(stage), "recording")
                card = Path(directory) / "state-card" / "card.txt"
                viewer = _start("bench.live.viewers", "doorward", stage.url, str(card), "1")
                try:
                    return {**figures, **_figures(pids(stage), "looking")}
                finally:
                    _end(viewer)
            finally:
                ends.set()
                ringing.join()


def import_mb(module: str) -> float:
    """Return by how much a bare Python's peak grows with a module."""
    # Not getrusage: its peak is handed down by whoever started the process.
    say = "print(next(l.split()[1] for l in open('/proc/self/status') if l.startswith('VmHWM')))"

    def peak_kb(code: str) -> int:
        return int(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)

    return (peak_kb(f"import {module}\n{say}") - peak_kb(say)) * 1024 / 1e6


def _figures(processes: dict[str, int], doing: str) -> dict[str, float | None]:
    time.sleep(SETTLE_S)
    before = {name: cpu_s(pid) for name, pid in processes.items()}
    time.sleep(MEASURE_S)
    figures: dict[str, float | None] = {}
    for name, pid in processes.items():
        figures[f"{name}_rss_mb_{doing}"] = _memory_mb(pid, "status", "VmRSS")
        figures[f"{name}_pss_mb_{doing}"] = _memory_mb(pid, "smaps_rollup", "Pss")
        figures[f"{name}_peak_mb_{doing}"] = _memory_mb(pid, "status", "VmHWM")
        figures[f"{name}_cpu_percent_{doing}"] = 100 * (cpu_s(pid) - before[name]) / MEASURE_S
    return figures


def _memory_mb(pid: int, file: str, key: str) -> float:
    for line in Path(f"/proc/{pid}/{file}").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ValueError(f"/proc/{pid}/{file} has no {key}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def cpu_s(pid: int) -> float:
    """Return the CPU time that a process has taken, in seconds of one core."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", module, *arguments], stdin=subprocess.DEVNULL)


def _until_listening(path: Path, process: subprocess.Popen[bytes]) -> None:
    deadline_s = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as link:
                link.connect(str(path))
                return
        except OSError:
            time.sleep(_LOOK_S)
    raise RuntimeError("the device does not listen")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main()

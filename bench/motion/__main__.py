"""Motion: our detector and its peers over a labelled set, in one run.

Each subject is a process of its own, so that memory is its own. Frames are decoded once and handed to one subject after
the other, BATCH at a time, so that a change of the machine's mood hits all alike; CPU time is that of the thread,
around the call alone. Before a clip, its warm-up stretch is shown REPEATS more times, forwards and backwards, so that
slow models settle.

``cpu_160x90_ms`` is the CPU time of one frame for who is given the same frames averaged down to 160x90: a process of its own,
which takes part in nothing else.
"""

import argparse
import json
import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from bench.motion import debian, peers
from bench.motion.between import Decoding
from bench.motion.clips import FPS, Clip, footage, rehearsed
from bench.motion.recordings import recorded, recordings
from bench.motion.score import Score
from bench.report import report

REPEATS = 3
BATCH = 50
SMALL = (160, 90)
SMALL_TOO = ("doorward", "mog2")
"""Whose time is measured at SMALL as well; the others bring each plane to a size of their own."""
DECODING = "BENCH_MOTION_DECODING"
"""Tells the subjects' processes to decode before each look; that is not in their CPU time."""
END, BEGIN, FRAME = range(3)
_ASK = struct.Struct(
    "<idii"
)  # what, frames a second or the frame's time, height, width; after FRAME, its luma
_ANSWER = struct.Struct(
    "<dd"
)  # the detector's number and its CPU seconds; after END, peak memory in all, and what it took of its own

Figures = dict[str, float | None]
Rows = dict[str, Figures]


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench motion", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--footage", type=Path, metavar="DIR", help="labelled clips; without, the drawn doorstep"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the drawn doorstep")
    parser.add_argument("--frigate", type=Path, metavar="DIR", help="a checkout of Frigate, as one more peer")
    parser.add_argument(
        "--only", action="append", metavar="NAME", help="measure this subject; may be given again"
    )
    parser.add_argument("--clip", action="append", metavar="NAME", help="over this clip; may be given again")
    parser.add_argument(
        "--decoding", action="store_true", help="decode a frame before each look, as a real process does"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    parser.add_argument("--subject", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.frigate is not None:
        os.environ["FRIGATE_DIR"] = str(options.frigate.resolve())
    if options.subject is not None:
        serve(options.subject)
        return
    if options.decoding:
        os.environ[DECODING] = "1"
    folder: Path | None = options.footage
    clips = footage(folder) if folder else rehearsed(options.seed)
    if not clips:
        parser.error(f"no labelled clips in {folder}: it needs labels/NAME.csv and clips/NAME.mkv")
    subjects = [*peers.subjects(), *(["motion"] if debian.is_installed() else [])]
    names = chosen(parser, "--only", options.only, subjects)
    picked = chosen(parser, "--clip", options.clip, [clip.name for clip in clips])
    clips = [clip for clip in clips if clip.name in picked]
    results, nuisances = measure(names, clips)
    report(f"Motion in {', '.join(clip.name for clip in clips)}", results, notes=notes(results))
    if any(nuisances.values()):
        for figure in ("false_events", "motion_percent"):
            by_kind = {
                name: {kind: row[figure] for kind, row in kinds.items()} for name, kinds in nuisances.items()
            }
            report(f"{figure} of each nuisance", by_kind)
    if options.json is not None:
        both = {name: {**results[name], "nuisances": nuisances[name]} for name in results}
        options.json.write_text(json.dumps(both, indent=2) + "\n")


def chosen(
    parser: argparse.ArgumentParser, option: str, asked: list[str] | None, there: list[str]
) -> list[str]:
    """Return those of ``there`` that were asked for, all if none were; end the program if one is not there."""
    unknown = next((name for name in asked or [] if name not in there), None)
    if unknown is not None:
        parser.error(f"{option} {unknown}: there is no such one; here are: {', '.join(there)}")
    return [name for name in there if not asked or name in asked]


def measure(names: list[str], clips: list[Clip]) -> tuple[Rows, dict[str, Rows]]:
    """Return figures by subject, and by subject and nuisance."""
    players: dict[str, Player | debian.Program] = {name: Player(name) for name in names if name != "motion"}
    small = {name: Player(name, SMALL) for name in names if name in SMALL_TOO}
    for clip in clips:
        print(f"· {clip.name}", file=sys.stderr, flush=True)
        play(clip, [player for player in (*players.values(), *small.values()) if isinstance(player, Player)])
    if "motion" in names:
        players["motion"] = program = debian.Program()
        for clip in clips:
            print(f"· {clip.name}, to the program motion", file=sys.stderr, flush=True)
            program.watch(shown(clip), FPS)
            program.score.add(program.moving, program.length_s, 1 / FPS, clip.labels, clip.kinds)
            made = recordings(program.moving, program.length_s, 1 / FPS)
            program.score.recorded += recorded(made, clip.labels)
    results = {name: player.figures() for name, player in players.items()}
    for name, player in small.items():
        results[name]["cpu_160x90_ms"] = player.figures()["cpu_ms"]
    nuisances: dict[str, Rows] = {
        name: {
            kind: {
                "seconds": row[0],
                "motion_percent": 100 * row[1] / max(row[0], 0.1),
                "false_events": row[2],
            }
            for kind, row in sorted(player.score.nuisances.items())
        }
        for name, player in players.items()
    }
    return results, nuisances


def play(clip: Clip, players: list["Player"]) -> None:
    """Show one clip to all, and count."""
    frames = shown(clip)
    at_s, luma = next(frames)
    for player in players:
        player.begin(*luma.shape)
    batch = [(at_s, luma)]
    while batch:
        for player in players:
            for at_s, luma in batch:
                player.see(luma, at_s)
        batch = list(islice(frames, BATCH))
    for player in players:
        player.score.add(player.moving, at_s + 1 / FPS, 1 / FPS, clip.labels, clip.kinds)
        made = recordings(player.moving, at_s + 1 / FPS, 1 / FPS)
        player.score.recorded += recorded(made, clip.labels)


def shown(clip: Clip) -> Iterator[tuple[float, np.ndarray]]:
    beginning = []
    for luma in clip.frames():
        if len(beginning) >= clip.warm_up_s * FPS:
            break
        beginning.append(luma)
    order = [number for turn in range(REPEATS) for number in (beginning[::-1] if turn % 2 else beginning)]
    for number, luma in enumerate(order):
        yield (number - len(order)) / FPS, luma
    for number, luma in enumerate(clip.frames()):
        yield number / FPS, luma


class Player:
    """One subject in its own process: frames go in, answers come out; averaged down to ``size``, if one is given."""

    def __init__(self, name: str, size: tuple[int, int] | None = None) -> None:
        self._size = size
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.motion", "--subject", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("no pipes to the subject")
        self._to, self._from = self._process.stdin, self._process.stdout
        self.score = Score()
        self.moving: list[float] = []
        self._cpu_s: list[float] = []

    def begin(self, height: int, width: int) -> None:
        width, height = self._size or (width, height)
        self._to.write(_ASK.pack(BEGIN, FPS, height, width))
        self.moving = []

    def see(self, luma: np.ndarray, at_s: float) -> None:
        if self._size is not None:
            luma = cv2.resize(luma, self._size, interpolation=cv2.INTER_AREA)
        self._to.write(_ASK.pack(FRAME, at_s, *luma.shape) + luma.tobytes())
        self._to.flush()
        answer, cpu_s = _ANSWER.unpack(self._from.read(_ANSWER.size))
        if at_s >= 0:
            self._cpu_s.append(cpu_s)
            if answer > 0:
                self.moving.append(at_s)

    def figures(self) -> Figures:
        self._to.write(_ASK.pack(END, 0.0, 0, 0))
        self._to.close()
        rss_mb, own_mb = _ANSWER.unpack(self._from.read(_ANSWER.size))
        self._from.close()
        self._process.wait()
        cpu_ms = 1000 * sum(self._cpu_s) / len(self._cpu_s)
        return {**self.score.figures(), "cpu_ms": cpu_ms, "rss_mb": rss_mb, "own_rss_mb": own_mb}


def serve(name: str) -> None:
    """Be one subject: answer each frame with the detector's number and its CPU time; at the end, with peak memory."""
    cv2.setNumThreads(1)
    receive, send = sys.stdin.buffer, sys.stdout.buffer
    make = peers.subjects()[name]
    before_mb = -1.0
    detect = make(1, 1, FPS)
    decoding = Decoding() if DECODING in os.environ else None
    while True:
        what, number, height, width = _ASK.unpack(receive.read(_ASK.size))
        if what == END:
            break
        if what == BEGIN:
            detect = make(height, width, number)
            continue
        luma = np.frombuffer(receive.read(height * width), np.uint8).reshape(height, width)
        before_mb = memory_mb("RssAnon") if before_mb < 0 else before_mb
        if decoding is not None:
            decoding.step()
        before_s = time.thread_time()
        answer = float(detect(luma, number))
        send.write(_ANSWER.pack(answer, time.thread_time() - before_s))
        send.flush()
    send.write(_ANSWER.pack(memory_mb("VmHWM"), memory_mb("RssAnon") - before_mb))
    send.flush()


def memory_mb(field: str) -> float:
    """Return a line of this process's status; ru_maxrss would inherit the parent's peak."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(field)).split()[1]) / 1024


def notes(results: Mapping[str, Mapping[str, float | None]]) -> list[str]:
    said = [
        "recorded: visits whose first moment is in a recording by the device's own policy; a hit is one frame",
        "cpu_ms: one frame, one thread; cpu_160x90_ms: the same frames at that size, by a process of its own",
        "rss_mb: peak of the subject's process; own_rss_mb: what it holds by the detector, without libraries' code",
    ]
    if "motion" in results:
        said.append("motion is a whole program: its cpu_ms has decoding and saving pictures in it")
    ours = results.get("doorward", {}).get("cpu_ms")
    said += [
        f"doorward against {name}: {ours / row['cpu_ms']:.2f} × its CPU time"
        for name, row in results.items()
        if ours is not None and name != "doorward"
    ]
    return said


if __name__ == "__main__":
    main()

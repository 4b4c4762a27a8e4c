"""Motion: our detector and its peers over a labelled set, in one run.

Each subject is a process of its own, so that memory is its own. Frames are decoded once and handed to one subject after
the other, BATCH at a time, so that a change of the machine's mood hits all alike; CPU time is that of the thread,
around the call alone. Before a clip, its warm-up stretch is shown some more times (``clips.py``), forwards and backwards, so that
slow models settle.

``cpu_160x90_ms`` is the CPU time of one frame for who is given the same frames averaged down to 160x90: a process of its own,
which takes part in nothing else.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

import numpy as np

from bench.motion import constants, debian, peers, sets, trade
from bench.motion.clips import Clip, footage, rehearsed
from bench.motion.player import DECODING, Figures, Player, serve
from bench.motion.recordings import recorded, recordings
from bench.motion.sensitivity import sensitivity
from bench.report import report

BATCH = 50
FEW = 8
"""Clips that a title still names one by one."""
SMALL = (160, 90)
SMALL_TOO = ("doorward", "mog2")
"""Whose time is measured at SMALL as well; the others bring each plane to a size of their own."""
Rows = dict[str, Figures]


def main() -> None:
    parser = arguments()
    options = parser.parse_args()
    if options.frigate is not None:
        os.environ["FRIGATE_DIR"] = str(options.frigate.resolve())
    if options.subject is not None:
        serve(options.subject)
        return
    if options.decoding:
        os.environ[DECODING] = "1"
    clips = gathered(parser, options)
    if options.sensitivity is not None:
        names = chosen(parser, "--sensitivity", options.sensitivity, constants.constants())
        report(f"What each constant changes over {len(clips)} clips", sensitivity(clips, names), options.json)
    elif options.trade is not None:
        where = options.scenes or ("labelled footage" if options.footage else "the drawn doorstep")
        title = f"What one slider moves: {where}, {len(clips)} clips"
        options.trade.write_text(trade.drawn(trade.trade(clips, trade.subjects()), title))
    else:
        subjects = [*peers.subjects(), *(["motion"] if debian.is_installed() else [])]
        compare(chosen(parser, "--only", options.only, subjects), clips, options.json)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench motion", description=__doc__.splitlines()[0])
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--footage", type=Path, metavar="DIR", help="labelled clips; without, the drawn doorstep"
    )
    where.add_argument(
        "--scenes",
        choices=list(sets.SETS),
        help="our own, looked at while our detector was made, or kept aside",
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
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--sensitivity",
        nargs="*",
        metavar="MODULE.NAME",
        help="instead: what each constant of our detector changes, or these do, at 0.7 and 1.4 of its value",
    )
    what.add_argument(
        "--trade",
        type=Path,
        metavar="FILE.svg",
        help="instead: draw visits against false events, ours and the peers'",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    parser.add_argument("--subject", help=argparse.SUPPRESS)
    return parser


def gathered(parser: argparse.ArgumentParser, options: argparse.Namespace) -> list[Clip]:
    """Return the clips that were asked for; end the program if there are none, or not those."""
    folder: Path | None = options.footage
    clips = (
        footage(folder)
        if folder
        else sets.clips(options.scenes)
        if options.scenes
        else rehearsed(options.seed)
    )
    if not clips:
        parser.error(f"no labelled clips in {folder}: it needs labels/NAME.csv and clips/NAME.mkv")
    picked = chosen(parser, "--clip", options.clip, [clip.name for clip in clips])
    return [clip for clip in clips if clip.name in picked]


def compare(names: list[str], clips: list[Clip], json_path: Path | None) -> None:
    """Measure these subjects over these clips, and print it."""
    results, nuisances = measure(names, clips)
    of = ", ".join(clip.name for clip in clips) if len(clips) <= FEW else f"{len(clips)} clips"
    report(f"Motion in {of}", results, notes=notes(results))
    if any(nuisances.values()):
        for figure in ("false_events", "motion_percent"):
            by_kind = {
                name: {kind: row[figure] for kind, row in kinds.items()} for name, kinds in nuisances.items()
            }
            report(f"{figure} of each nuisance", by_kind)
    if json_path is not None:
        both = {name: {**results[name], "nuisances": nuisances[name]} for name in results}
        json_path.write_text(json.dumps(both, indent=2) + "\n")


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
            program.watch(shown(clip), clip.fps)
            program.score.add(program.moving, program.length_s, 1 / clip.fps, clip.labels, clip.kinds)
            made = recordings(program.moving, program.length_s, 1 / clip.fps)
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


def play(clip: Clip, players: list[Player]) -> None:
    """Show one clip to all, and count."""
    frames = shown(clip)
    at_s, luma = next(frames)
    for player in players:
        player.begin(*luma.shape, clip.fps)
    batch = [(at_s, luma)]
    while batch:
        for player in players:
            for at_s, luma in batch:
                player.see(luma, at_s)
        batch = list(islice(frames, BATCH))
    for player in players:
        step_s = 1 / clip.fps
        player.score.add(player.moving, at_s + step_s, step_s, clip.labels, clip.kinds)
        made = recordings(player.moving, at_s + step_s, step_s)
        player.score.recorded += recorded(made, clip.labels)


def shown(clip: Clip) -> Iterator[tuple[float, np.ndarray]]:
    beginning = []
    for luma in clip.frames():
        if len(beginning) >= clip.warm_up_s * clip.fps:
            break
        beginning.append(luma)
    order = [number for turn in range(clip.again) for number in (beginning[::-1] if turn % 2 else beginning)]
    for number, luma in enumerate(order):
        yield (number - len(order)) / clip.fps, luma
    for number, luma in enumerate(clip.frames()):
        yield number / clip.fps, luma


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

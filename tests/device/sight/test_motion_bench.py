"""The motion bench: its rules are the footage's own, and its figures stay within their ranges."""

import csv
import importlib.util
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[3]
FOOTAGE = ROOT / "../shared/footage"
KINDS = ("quiet", "lamp", "rain")


def load(path: Path, name: str):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


score = load(ROOT / "bench/motion_score.py", "motion_score")


def test_a_hit_is_fresh_only_if_no_alert_was_up():
    counted = score.Score()
    counted.add([9.9, 10.1, 30.2], 60.0, 0.1, [(10.0, 12.0, "a"), (14.0, 16.0, "b"), (30.0, 33.0, "c")], [])
    assert (counted.events, counted.hits, counted.fresh) == (3, 2, 2)
    assert counted.delays_s == pytest.approx([0.1, 0.2])


def test_a_run_after_an_event_is_a_false_event_only_if_it_hangs_on_for_long():
    def false(last_s: int) -> int:
        counted = score.Score()
        counted.add([number / 10 for number in range(100, last_s * 10)], 200.0, 0.1, [(10.0, 20.0, "a")], [])
        return counted.false

    assert [false(49), false(52), false(130)] == [0, 1, 2]


def test_what_is_ignored_counts_neither_way():
    counted = score.Score()
    counted.add([5.0, 6.0], 20.0, 0.1, [(0.0, 10.0, "ignore:warmup")], [(0.0, 20.0, "quiet")])
    assert (counted.events, counted.false, counted.moving_s) == (0, 0, 0.0)
    assert counted.negative_s == pytest.approx(10.0, abs=0.2)


@pytest.mark.skipif(not FOOTAGE.exists(), reason="the labelled footage is not beside the repository")
@pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)  # it leaves its tables open
def test_our_rules_count_as_the_footage_s_own_evaluation_does(tmp_path, monkeypatch):
    monkeypatch.setenv("FOOTAGE_OUT", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    evaluate = load(FOOTAGE / "evaluate.py", "evaluate")
    (tmp_path / "labels").mkdir()
    for seed in range(40):
        dice = random.Random(seed)
        cuts = [round(cut, 2) for cut in sorted(dice.uniform(5, 300) for _ in range(10))]
        labels = [(0.0, 5.0, "ignore:warmup")]
        labels += [(cuts[i], cuts[i + 1], dice.choice(["person", "hard: person"])) for i in range(0, 8, 2)]
        kinds = [(cuts[i], cuts[i + 1], dice.choice(KINDS)) for i in range(1, 9, 2)]
        moving = set()
        for _ in range(12):
            first = dice.randrange(3000)
            moving |= set(range(first, min(3000, first + dice.choice([1, 3, 40, 400]))))
        times = [number / 10 for number in sorted(moving)]
        for name, head, rows in (("a", "what", labels), ("a.neg", "kind", kinds)):
            with (tmp_path / "labels" / f"{name}.csv").open("w") as table:
                csv.writer(table, lineterminator="\n").writerows([("start_s", "end_s", head), *rows])
        theirs = evaluate.score("a", times, 300.0, 0.1)
        summary = evaluate.summary("a", [{**theirs, "cpu_ms": 0.0, "n": 1}])
        ours = score.Score()
        ours.add(times, 300.0, 0.1, labels, kinds)
        assert f"{ours.hits}/{ours.events}" == summary["recall"]
        assert f"{ours.hard}/{ours.hard_events}" == summary["hard"]
        assert ours.false == summary["false"]
        assert ours.moving_s == pytest.approx(theirs["fp_s"])
        assert ours.negative_s == pytest.approx(theirs["neg_s"])
        if ours.delays_s:
            assert np.percentile(ours.delays_s, 95) == pytest.approx(summary["delay_p95"])


@pytest.mark.slow
def test_the_bench_s_figures_stay_within_their_ranges(tmp_path):
    figures = tmp_path / "figures.json"
    subprocess.run(
        [
            sys.executable,
            ROOT / "bench/motion.py",
            "--only",
            "doorward",
            "--clip",
            "doorstep_night",
            "--json",
            figures,
        ],
        check=True,
        capture_output=True,
        timeout=110,
    )
    ours = json.loads(figures.read_text())["doorward"]
    assert ours["hits"] == ours["fresh"] == ours["events"] >= 6
    assert ours["hard"] == ours["hard_events"] == 1
    assert ours["delay_p50_s"] <= 0.4
    assert ours["delay_p95_s"] <= 1.0
    assert ours["false_per_hour"] <= 10
    assert ours["negative_motion_percent"] <= 2
    for kind in ("quiet", "drift", "flicker", "cloud", "rain", "headlights"):
        assert ours["nuisances"][kind]["false_events"] == 0

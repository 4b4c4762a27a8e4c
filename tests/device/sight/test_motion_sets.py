"""The motion bench's sets, the change of a constant, and the picture of the trade."""

import subprocess
import sys

import numpy as np
import pytest

from bench.motion import constants, sensitivity, sets, trade
from bench.motion.clips import Clip


def test_what_was_kept_aside_is_other_places_with_another_seed_and_every_family_at_every_rate():
    names = {which: [scene.name for scene in sets.scenes(which)] for which in sets.SETS}
    assert len({name for row in names.values() for name in row}) == sum(map(len, names.values()))
    for which, (there, seed) in sets.SETS.items():
        assert all(name.endswith(f"#{seed}") for name in names[which])
        assert all(any(place in name for place in there) for name in names[which])
    families = {
        which: {(name.split("/")[0], name.split("@")[1].split("#")[0]) for name in row}
        for which, row in names.items()
    }
    for family in ("crossing", "peek", "visits", "approach"):
        assert all({(family, "5"), (family, "10"), (family, "15")} <= row for row in families.values())


def test_the_scenes_of_a_set_are_the_same_each_time():
    first, again = (next(iter(sets.scenes("aside"))) for _ in range(2))
    frames = zip(first.frames(), again.frames(), strict=True)
    assert all(
        (one == other).all() for one, other, _ in zip(*zip(*frames, strict=True), range(5), strict=False)
    )


@pytest.mark.parametrize(
    ("constant", "factor", "said"),
    [
        ("blobs.SMALLEST", 1.4, "0.00098"),
        ("background.FLOOR", 0.7, "3"),
        ("habit._AROUND", 0.7, "(11, 11)"),
        ("texture.STRONGER", 1.4, "3.5"),
        ("passers.SIGHTINGS", 1.4, "4"),
    ],
)
def test_a_constant_is_changed_before_its_module_runs_and_wherever_it_went(constant, factor, said):
    module, name = constant.split(".")
    program = (
        f"from bench.motion import constants; constants.change({constant!r}, {factor}); "
        f"from device.sight import {module} as changed; value = changed.{name}; print(getattr(value, 'shape', value))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    told = done.stdout.strip()
    assert told == said or float(told) == pytest.approx(float(said))


def test_the_constants_are_numbers_and_kernels_and_no_unit_is_among_them():
    names = constants.constants()
    assert {"background.WEAKEST", "background.STRONGEST", "habit.USUAL_S", "blobs._STRIDE"} <= set(names)
    assert not constants.NOT_TRADED & set(names)


def film(name: str, fps: float) -> Clip:
    dice = np.random.default_rng(1)
    wall = dice.integers(60, 180, (180, 320)).astype(np.uint8)

    def frames():
        for number in range(round(12 * fps)):
            seen = wall.copy()
            if number >= 8 * fps:
                left = round((number / fps - 8) * 80)
                seen[60:170, left : left + 40] = 20
            yield np.clip(seen + dice.normal(0, 1, seen.shape), 0, 255).astype(np.uint8)

    labels = [(0.0, 4.0, "ignore:warmup"), (8.0, 12.0, "visitor")]
    return Clip(name, labels, [(4.0, 8.0, "quiet")], frames, fps, again=0)


def test_the_sensitivity_says_what_each_constant_changes_and_which_cannot_be():
    rows = sensitivity.sensitivity([film("a", 10)], ["passers.SIGHTINGS", "motion.GLARE"])
    assert rows["recorded"][sensitivity.AS_IT_IS] == 1
    assert rows["recorded"]["passers.SIGHTINGS x 0.7"] == 0
    assert {row["motion.GLARE x 1.4"] for row in rows.values()} == {None}  # no grey level is that bright
    assert {len(row) for row in rows.values()} == {1 + 2 * 2}


def test_the_trade_has_a_point_for_each_setting_and_draws_it():
    taking_part = {name: dict(list(row.items())[:2]) for name, row in trade.subjects().items()}
    points = trade.trade([film("a", 10)], taking_part)
    assert {name: len(row) for name, row in points.items()} == dict.fromkeys(taking_part, 2)
    assert max(point.recorded for point in points[trade.OURS]) == 1.0
    drawn = trade.drawn(points, "one <film>")
    assert drawn.count("<circle") == drawn.count("</circle>") == 2 * len(taking_part)
    assert "one &lt;film&gt;" in drawn

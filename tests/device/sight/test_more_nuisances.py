"""What drifts before the lens, light that finds no rest, and what a courier leaves: by day and by night.

Bounds are what a household would want, whatever the detector of the day does.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from device.camera.doorstep.rehearsal import Act, Label, Rehearsal
from device.sight.motion import MotionDetector

LIGHTS = ("day", "night")
SEEDS = (5, 6)
GAP_S = 2.0


@dataclass
class Seen:
    """When a detector saw motion in a rehearsal, and when somebody was there."""

    times: list[float]
    events: list[Label]

    def moving(self, from_s: float, to_s: float) -> list[float]:
        return [at_s for at_s in self.times if from_s <= at_s <= to_s]

    def alerts(self, from_s: float) -> int:
        times = self.moving(from_s, 1e9)
        return sum(at_s - before > GAP_S for before, at_s in zip([-1e9, *times], times, strict=False))


def watch(*acts: Act, seed: int) -> Seen:
    rehearsal = Rehearsal(acts, width_px=320, height_px=180, seed=seed)
    detector = MotionDetector()
    times = [at_s for luma, at_s in rehearsal.frames() if detector.observe(luma, round(at_s * 1e6)).moving]
    return Seen(times, rehearsal.events)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("light", LIGHTS)
def test_dusk_is_no_motion_though_noise_rises_while_light_falls(light, seed):
    assert watch(Act("quiet", 8, light=light), Act("dusk", 40, light=light), seed=seed).times == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("light", LIGHTS)
def test_exposure_that_finds_no_rest_is_no_motion(light, seed):
    assert watch(Act("quiet", 8, light=light), Act("hunting", 30, light=light), seed=seed).times == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("light", LIGHTS)
def test_snow_is_hardly_ever_motion(light, seed):
    seen = watch(Act("quiet", 8, light=light), Act("snow", 40, light=light), seed=seed)
    assert seen.alerts(8) <= 1
    assert len(seen.times) <= 0.02 * 400


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("light", LIGHTS)
def test_a_courier_with_a_parcel_is_seen_soon(light, seed):
    seen = watch(Act("quiet", 8, light=light), Act("quiet", 14, "courier", light), seed=seed)
    (event,) = seen.events
    assert seen.moving(event.from_s, event.to_s)[0] - event.from_s <= 0.7


@pytest.mark.parametrize("light", LIGHTS)
def test_somebody_who_steps_before_a_parcel_that_was_left_is_seen(light):
    seen = watch(
        Act("quiet", 8, light=light), Act("quiet", 14, "courier", light), Act("quiet", 30, light=light),
        Act("quiet", 14, "visitor", light), seed=5,
    )  # fmt: skip
    _, event = seen.events
    assert seen.moving(event.from_s, event.to_s)[0] - event.from_s <= 0.7


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize(
    ("kind", "within_s"), [("snow", 0.7), ("dusk", 0.7), ("hunting", 0.7), ("moth", 0.7), ("spider", 0.7)]
)
def test_somebody_is_seen_soon_through_all_of_that(kind, within_s, light, seed):
    seen = watch(Act("quiet", 8, light=light), Act(kind, 16, "visitor", light), seed=seed)
    (event,) = seen.events
    assert seen.moving(event.from_s, event.to_s)[0] - event.from_s <= within_s


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("light", LIGHTS)
def test_somebody_in_the_second_second_after_the_start_is_seen_and_nobody_before(light, seed):
    seen = watch(Act("quiet", 14, "visitor", light, enter_s=1.5), Act("quiet", 10, light=light), seed=seed)
    (event,) = seen.events
    assert 1.5 <= event.from_s <= 2.0
    assert seen.moving(0, event.from_s - 0.05) == []
    assert seen.moving(event.from_s, event.to_s)[0] - event.from_s <= 0.7
    assert seen.moving(event.to_s + 2, 99) == []


def test_the_parcel_lies_where_it_was_left_and_nothing_else_changed():
    acts = (Act("quiet", 14, "courier"), Act("quiet", 1))
    pictures = [luma.astype(int) for luma, _ in Rehearsal(acts, width_px=320, height_px=180).frames()]
    changed = np.abs(np.mean(pictures[-8:], axis=0) - np.mean(pictures[:8], axis=0)) > 12
    rows, columns = np.nonzero(changed)
    assert changed.sum() > 100
    assert 150 <= rows.min() <= rows.max() < 180
    assert 190 <= columns.min() <= columns.max() < 245


def test_dusk_is_darker_and_noisier_in_its_middle_than_before_and_after():
    pictures = [
        luma.astype(np.float32)
        for luma, _ in Rehearsal([Act("dusk", 20)], width_px=320, height_px=180).frames()
    ]
    light = [float(pictures[number].mean()) for number in (0, 100, 199)]
    noise = [float((pictures[number + 1] - pictures[number]).std()) for number in (0, 100, 198)]
    assert light[1] < 0.6 * min(light[0], light[2])
    assert noise[1] > 1.5 * max(noise[0], noise[2])

"""What must not count, and who must, at the drawn doorstep; by day and by night."""

from dataclasses import dataclass

import numpy as np
import pytest

from device.camera.doorstep.rehearsal import Act, Label, Rehearsal
from device.sight.heat import HEIGHT, WIDTH, Heat
from device.sight.motion import MotionDetector
from device.sight.observation import Motion
from device.sight.zones import Zone

LIGHTS = ("day", "night")
GAP_S = 2.0


@dataclass
class Seen:
    """What a detector saw of a rehearsal."""

    motions: list[tuple[float, Motion]]
    events: list[Label]
    kinds: list[Label]

    def moving(self, from_s: float, to_s: float) -> list[float]:
        return [at_s for at_s, motion in self.motions if motion.moving and from_s <= at_s <= to_s]

    def alerts(self, from_s: float) -> list[tuple[float, float]]:
        runs: list[tuple[float, float]] = []
        for at_s in self.moving(from_s, 1e9):
            if runs and at_s - runs[-1][1] <= GAP_S:
                runs[-1] = (runs[-1][0], at_s)
            else:
                runs.append((at_s, at_s))
        return runs


def watch(*acts: Act, seed: int = 5, zones: tuple[Zone, ...] = ()) -> Seen:
    rehearsal = Rehearsal(acts, width_px=320, height_px=180, seed=seed)
    detector = MotionDetector(zones)
    motions = [(at_s, detector.observe(luma, round(at_s * 1e6))) for luma, at_s in rehearsal.frames()]
    return Seen(motions, rehearsal.events, rehearsal.kinds)


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("kind", ["quiet", "drift", "flicker", "cloud", "rain", "headlights"])
def test_light_and_weather_that_come_softly_are_no_motion(kind, light):
    seen = watch(Act("quiet", 8, light=light), Act(kind, 24, light=light))
    assert seen.moving(0, 32) == []


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("kind", ["exposure", "lamp", "infrared"])
def test_a_step_of_the_light_is_at_most_one_event_and_over_in_three_seconds(kind, light):
    seen = watch(Act("quiet", 8, light=light), Act(kind, 30, light=light))
    alerts = seen.alerts(8)
    assert len(alerts) <= 2  # there and back
    assert all(last - first <= 3 for first, last in alerts)


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("kind", ["insects", "wind", "shake", "dapple"])
def test_what_flits_sways_and_trembles_is_hardly_ever_motion(kind, light):
    seen = watch(Act("quiet", 8, light=light), Act(kind, 40, light=light))
    assert len(seen.alerts(8)) <= 1
    assert len(seen.moving(8, 48)) <= 0.06 * 400


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize(
    ("guest", "kind", "within_s"),
    [
        ("visitor", "quiet", 0.5),
        ("visitor", "rain", 0.7),
        ("visitor", "wind", 0.7),
        ("visitor", "flicker", 0.7),
        ("visitor", "cloud", 0.7),
        ("visitor", "headlights", 0.7),
        ("filling", "quiet", 0.5),
        ("filling", "exposure", 0.5),
        ("far", "quiet", 1.0),
        ("hand", "quiet", 0.7),
    ],
)
def test_somebody_is_seen_soon_whatever_the_weather(guest, kind, within_s, light):
    seen = watch(Act("quiet", 8, light=light), Act(kind, 16, guest, light))
    (event,) = seen.events
    inside = seen.moving(event.from_s, event.to_s)
    assert inside
    assert inside[0] - event.from_s <= within_s


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("guest", ["visitor", "filling"])
def test_somebody_is_seen_for_as_long_as_they_are_there_and_leaves_no_ghost(guest, light):
    seen = watch(Act("quiet", 8, light=light), Act("quiet", 16, guest, light), Act("quiet", 10, light=light))
    (event,) = seen.events
    share = len(seen.moving(event.from_s, event.to_s)) / (10 * (event.to_s - event.from_s))
    assert share >= (0.6 if (guest, light) == ("filling", "night") else 0.85)  # a black coat in the dark
    assert seen.moving(event.to_s + 2, 99) == []


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("seed", [5, 7])
def test_somebody_who_stands_still_for_a_minute_is_seen_all_the_time(light, seed):
    acts = (Act("quiet", 8, light=light), Act("quiet", 70, "still", light), Act("quiet", 10, light=light))
    seen = watch(*acts, seed=seed)
    (event,) = seen.events
    assert event.to_s - event.from_s > 60
    assert len(seen.moving(event.from_s, event.to_s)) > 0.95 * 10 * (event.to_s - event.from_s)
    assert len(seen.alerts(8)) == 1
    assert seen.moving(event.to_s + 2, 99) == []


def test_somebody_who_stays_for_five_minutes_is_seen_to_the_end():
    seen = watch(Act("quiet", 8), Act("quiet", 300, "still"), Act("quiet", 10))
    (event,) = seen.events
    assert len(seen.moving(event.from_s, event.to_s)) > 0.95 * 10 * (event.to_s - event.from_s)
    assert seen.moving(event.to_s + 2, 999) == []


def test_somebody_who_comes_two_seconds_after_the_start_is_seen():
    seen = watch(Act("quiet", 16, "visitor"))
    (event,) = seen.events
    assert event.from_s < 2.5
    assert seen.moving(0, 99)[0] - event.from_s <= 0.5


def test_a_hand_over_the_lens_is_motion_once_and_then_a_gap():
    seen = watch(Act("quiet", 8), Act("quiet", 30, "hand"), Act("quiet", 10))
    (event,) = seen.events
    assert 1 <= len(seen.moving(event.from_s, event.to_s - 1)) <= 60
    gaps = [at_s for at_s, motion in seen.motions if motion.gap == "blind"]
    assert len(gaps) >= 0.9 * 10 * (event.to_s - event.from_s - 1)
    assert seen.moving(event.to_s + 2, 99) == []


@pytest.mark.parametrize("light", LIGHTS)
def test_the_black_of_a_filter_that_switches_is_not_a_hand(light):
    seen = watch(Act("quiet", 8, light=light), Act("infrared", 30, light=light))
    assert seen.moving(14, 14.3) == seen.moving(31.7, 32) == []


def test_a_zone_says_that_it_was_there_and_others_are_silent():
    zones = (
        Zone("path", ((0.0, 0.5), (0.45, 0.5), (0.45, 1.0), (0.0, 1.0))),
        Zone("door", ((0.75, 0.0), (1.0, 0.0), (1.0, 1.0), (0.75, 1.0))),
    )
    seen = watch(Act("quiet", 8), Act("quiet", 14, "far"), zones=zones)
    (event,) = seen.events
    during = [motion for at_s, motion in seen.motions if event.from_s + 1 <= at_s <= event.to_s]
    path, door = zip(*(motion.zones for motion in during), strict=True)
    assert [zone.name for zone in (path[0], door[0])] == ["path", "door"]
    assert sum(zone.moving for zone in path) >= 0.8 * len(during)
    assert max(zone.score for zone in path) > 0.01
    assert not any(zone.moving or zone.score for zone in door)


def test_whoever_is_in_an_ignored_zone_does_not_count():
    street = Zone("street", ((0.0, 0.3), (0.6, 0.3), (0.6, 1.0), (0.0, 1.0)), ignored=True)
    seen = watch(Act("quiet", 8), Act("quiet", 14, "far"), zones=(street,))
    assert seen.moving(0, 99) == []


def test_a_coarse_zone_overlooks_what_a_fine_one_sees():
    def first(sensitivity: float) -> float:
        zone = Zone("all", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)), sensitivity)
        return next(iter(watch(Act("quiet", 8), Act("quiet", 14, "far"), zones=(zone,)).moving(0, 99)), 99.0)

    assert first(4.0) <= first(1.0) < first(0.25)


def test_where_says_where_it_moved():
    seen = watch(Act("quiet", 8), Act("quiet", 14, "far"))
    gathered = Heat()
    for _, motion in seen.motions:
        gathered.add(motion.where)
    heat = np.frombuffer(gathered.picture(), np.uint8).astype(int).reshape(HEIGHT, WIDTH)
    assert heat[9:14, :16].sum() > 0.95 * heat.sum()


def test_the_same_seed_rehearses_the_same_to_the_last_pixel():
    acts = (Act("insects", 3), Act("rain", 2, "visitor", "night"))
    one, other = (
        [luma.tobytes() for luma, _ in Rehearsal(acts, width_px=160, height_px=90, seed=3).frames()]
        for _ in range(2)
    )
    assert one == other
    another = next(Rehearsal(acts, width_px=160, height_px=90, seed=4).frames())[0]
    assert another.tobytes() != one[0]

"""When a moment was heard: what a pipe delays does not count, what a clock drifts does, and a hole is one."""

import random

import pytest

from device.hearing.recent import Recent
from device.hearing.sound import LOST_US, MOMENT_BYTES, MOMENT_US, Sound, Stamps


def heard(at_us: int) -> Sound:
    return Sound(bytes(MOMENT_BYTES), at_us)


def test_a_moment_began_before_it_came() -> None:
    assert Stamps().stamp(1_000_000) == 1_000_000 - MOMENT_US


def test_what_a_pipe_delays_moves_nothing() -> None:
    stamps, jitter = Stamps(), random.Random(5)
    stamps.stamp(MOMENT_US)
    for number in range(1, 2_000):
        late_us = jitter.randrange(30_000)
        at_us = stamps.stamp((number + 1) * MOMENT_US + late_us)
        assert 0 <= at_us - number * MOMENT_US < 10_000


@pytest.mark.parametrize("off", [-200, 200])
def test_a_card_whose_clock_is_off_is_followed(off: int) -> None:
    """In millionths: after ten minutes 120 ms, of which nothing must remain."""
    stamps = Stamps()
    for number in range(15_000):
        came_us = round((number + 1) * MOMENT_US * (1 + off / 1e6))
        at_us = stamps.stamp(came_us)
    assert abs(at_us - (came_us - MOMENT_US)) < 2_000


def test_a_hole_in_the_sound_is_a_hole_in_its_times() -> None:
    stamps = Stamps()
    first_us = stamps.stamp(MOMENT_US)
    assert stamps.stamp(2 * MOMENT_US + LOST_US + 1_000) - first_us == MOMENT_US + LOST_US + 1_000


def test_the_last_seconds_are_kept_and_no_more() -> None:
    recent = Recent(1_000_000)
    for number in range(100):
        recent.add(heard(number * MOMENT_US))
    kept = recent.take(0, 10**9)
    assert [sound.at_us for sound in kept] == [number * MOMENT_US for number in range(75, 100)]


def test_what_reaches_into_the_time_is_taken() -> None:
    recent = Recent(1_000_000)
    for number in range(10):
        recent.add(heard(number * MOMENT_US))
    taken = recent.take(3 * MOMENT_US + 1, 6 * MOMENT_US)
    assert [sound.at_us // MOMENT_US for sound in taken] == [3, 4, 5]
    assert len(recent.take(0, 10**9)) == 10


def test_a_ring_of_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="holds nothing"):
        Recent(0)

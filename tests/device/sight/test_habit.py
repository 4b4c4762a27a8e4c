from dataclasses import replace

import numpy as np

from device.sight.blobs import Blobs
from device.sight.habit import Habit
from device.sight.motion import MotionDetector

LOOK_S = 0.1


def moved(rows: slice, columns: slice, *, came: bool = False) -> Blobs:
    moving = np.zeros((90, 160), np.uint8)
    moving[rows, columns] = 255
    none = np.zeros_like(moving)
    return Blobs(moving, moving, none, none, int(np.count_nonzero(moving)), rooted=None if came else moving)


NOTHING = moved(slice(0), slice(0), came=True)
TREE = moved(slice(10, 40), slice(100, 140))


def seconds(habit: Habit, blobs: Blobs, count: float) -> None:
    for _ in range(round(count / LOOK_S)):
        habit.note(blobs, LOOK_S)


def test_two_gusts_are_no_habit_and_the_third_is_from_its_beginning():
    habit = Habit(90, 160)
    for _ in range(2):
        seconds(habit, TREE, 3)
        assert not habit.places.any()
        seconds(habit, NOTHING, 20)
    seconds(habit, TREE, 1)
    assert (habit.places[TREE.moving != 0] == 255).all()
    assert (
        np.count_nonzero(habit.places) == 52 * 64  # twelve pixels around it, where there is a picture
    )


def test_somebody_who_moves_on_and_off_is_no_sooner_habit_than_in_one_go():
    habit = Habit(90, 160)
    for _ in range(3):  # pauses too short to end what they do
        seconds(habit, TREE, 2.5)
        seconds(habit, NOTHING, 3)
    assert not habit.places.any()


def test_what_moved_before_somebody_was_seen_to_come_is_not_counted():
    habit = Habit(90, 160)
    for _ in range(5):
        seconds(habit, TREE, 7)
        seconds(habit, replace(TREE, came=True, rooted=None), LOOK_S)
        seconds(habit, NOTHING, 20)
    assert not habit.places.any()


def test_whoever_came_makes_no_habit_however_long_they_stay():
    habit = Habit(90, 160)
    seconds(habit, moved(slice(10, 80), slice(100, 140), came=True), 600)
    assert not habit.places.any()


def test_a_habit_is_forgotten_in_half_an_hour():
    habit = Habit(90, 160)
    seconds(habit, TREE, 600)
    seconds(habit, NOTHING, 600)
    assert habit.places.any()
    seconds(habit, NOTHING, 1_200)
    assert not habit.places.any()


def test_an_endless_flag_in_the_wind_is_habit_and_somebody_beside_it_is_not():
    detector = MotionDetector()
    dice = np.random.default_rng(1)
    rows, columns = np.mgrid[:90, :160]
    wall = 110 + 20 * np.sin(rows / 3) + 20 * np.sin(columns / 4)

    def look(number: int, walker: int | None = None) -> bool:
        picture = wall + dice.standard_normal(wall.shape)
        fold = round(9 * np.sin(number * 0.13) + 4 * np.sin(number * 0.031))
        picture[10:40, 110 + fold : 130 + fold] = 220 - 6 * (
            (columns[10:40, 110 + fold : 130 + fold] + number) % 9
        )
        if walker is not None:
            picture[30:80, walker : walker + 14] = 40 + 10 * (rows[30:80, walker : walker + 14] % 7)
        return detector.observe(picture.astype(np.uint8), number * 200_000).moving

    first = [look(number) for number in range(300)]
    for number in range(300, 6_000):
        look(number)
    later = [look(number) for number in range(6_000, 6_300)]
    assert any(first)
    assert sum(later) < 0.08 * len(later)
    assert any(look(number, 20 + (number - 6_300)) for number in range(6_300, 6_310))

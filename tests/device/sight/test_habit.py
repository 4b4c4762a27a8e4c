import numpy as np

from device.sight.blobs import Blobs
from device.sight.habit import Habit
from device.sight.motion import MotionDetector

LOOK_S = 0.1


def moved(rows: slice, columns: slice) -> Blobs:
    moving = np.zeros((90, 160), np.uint8)
    moving[rows, columns] = 255
    none = np.zeros_like(moving)
    return Blobs(moving, moving, none, none, int(np.count_nonzero(moving)))


NOTHING = moved(slice(0), slice(0))
TREE = moved(slice(10, 40), slice(100, 140))


def minutes(habit: Habit, blobs: Blobs, count: float) -> None:
    for _ in range(round(count * 60 / LOOK_S)):
        habit.note(blobs, LOOK_S)


def test_five_minutes_at_the_door_are_no_habit_and_a_quarter_of_an_hour_is():
    habit = Habit(90, 160)
    minutes(habit, TREE, 5)
    assert not habit.places.any()
    minutes(habit, TREE, 10)
    assert (habit.places[TREE.moving != 0] == 255).all()
    assert np.count_nonzero(habit.places) == 38 * 48  # four pixels more on each side


def test_a_habit_is_forgotten_in_an_hour():
    habit = Habit(90, 160)
    minutes(habit, TREE, 30)
    minutes(habit, NOTHING, 60)
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
    assert sum(later) < 0.1 * sum(first)
    assert any(look(number, 20 + (number - 6_300)) for number in range(6_300, 6_310))

"""A button: each press rings once, whatever the line does, and a line that cannot be believed is told."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from device.door.button import BOUNCING_PRESSES, BOUNCING_US, CALM_US, STUCK_US, Button, Edge

S = 1_000_000


def pressed_and_let_go(button: Button, at_us: int, number: int) -> list[int]:
    """Press for a fifth of a second, and return when it rang."""
    rings = (
        button.edge(Edge(at_us, pressed=True, number=number)),
        button.edge(Edge(at_us + S // 5, pressed=False, number=number + 1)),
    )
    return [at for at in rings if at is not None]


def test_a_press_rings_once_at_the_kernels_time() -> None:
    button = Button(pressed=False, now_us=0)
    assert pressed_and_let_go(button, 5 * S, 1) == [5 * S]
    assert pressed_and_let_go(button, 6 * S, 3) == [6 * S]
    assert button.trouble is None


def test_a_line_that_is_pressed_when_the_door_starts_does_not_ring_until_it_is_pressed_again() -> None:
    button = Button(pressed=True, now_us=0)
    assert button.edge(Edge(S, pressed=True, number=1)) is None
    assert button.edge(Edge(2 * S, pressed=False, number=2)) is None
    assert button.edge(Edge(3 * S, pressed=True, number=3)) == 3 * S


def test_a_button_that_is_never_let_go_is_stuck_until_it_is() -> None:
    button = Button(pressed=False, now_us=0)
    button.edge(Edge(S, pressed=True, number=1))
    assert button.due_us == S + STUCK_US
    button.passed(S + STUCK_US - 1)
    assert button.trouble is None
    button.passed(S + STUCK_US)
    assert (button.trouble, button.due_us) == ("stuck", None)
    button.edge(Edge(S + 2 * STUCK_US, pressed=False, number=2))
    assert button.trouble is None
    assert button.held_us == 0


def test_a_line_that_is_short_from_the_start_is_stuck_and_never_rang() -> None:
    button = Button(pressed=True, now_us=0)
    button.passed(STUCK_US)
    assert button.trouble == "stuck"


def test_a_press_whose_edges_were_lost_rings_all_the_same() -> None:
    button = Button(pressed=False, now_us=0)
    pressed_and_let_go(button, S, 1)
    assert button.edge(Edge(9 * S, pressed=False, number=4)) == 9 * S, "3 was a press"
    button.edge(Edge(10 * S, pressed=True, number=5))
    assert button.edge(Edge(11 * S, pressed=True, number=7)) == 11 * S, "6 let it go"
    assert button.edge(Edge(12 * S, pressed=False, number=10)) == 12 * S, "8 let it go, 9 was a press"


def test_edges_that_repeat_without_a_loss_ring_nothing() -> None:
    button = Button(pressed=False, now_us=0)
    assert button.edge(Edge(S, pressed=False, number=1)) is None
    assert button.edge(Edge(2 * S, pressed=True, number=2)) == 2 * S
    assert button.edge(Edge(3 * S, pressed=True, number=3)) is None


def test_a_wire_that_flutters_is_told_and_rings_once_a_second_until_it_is_calm() -> None:
    button = Button(pressed=False, now_us=0)
    rings: list[int] = []
    for press in range(600):
        at_us = S + press * S // 20
        for number, pressed in ((2 * press, True), (2 * press + 1, False)):
            if (at := button.edge(Edge(at_us + pressed, pressed, number))) is not None:
                rings.append(at)
    assert button.trouble == "bouncing"
    fluttering = rings[BOUNCING_PRESSES:]
    assert all(after - before >= CALM_US for before, after in pairwise(fluttering))
    assert len(rings) > 50, "somebody may be ringing"
    assert button.due_us is not None
    button.passed(button.due_us)
    assert button.trouble is None
    assert pressed_and_let_go(button, 60 * S, 2000) == [60 * S]


def test_whoever_rings_a_tune_is_no_loose_wire() -> None:
    button = Button(pressed=False, now_us=0)
    for press in range(BOUNCING_PRESSES * 3):
        at_us = press * (BOUNCING_US // (BOUNCING_PRESSES - 1) + 1)
        assert len(pressed_and_let_go(button, at_us, 2 * press)) == 1
        assert button.trouble is None


@given(st.lists(st.tuples(st.integers(1, 3 * S), st.booleans(), st.integers(1, 3)), max_size=60))
def test_whatever_comes_a_press_after_a_second_of_calm_rings(steps: list[tuple[int, bool, int]]) -> None:
    button, at_us, number = Button(pressed=False, now_us=0), 0, 0
    for pause_us, pressed, more in steps:
        at_us, number = at_us + pause_us, number + more
        rang = button.edge(Edge(at_us, pressed, number))
        assert rang in (None, at_us)
    button.edge(Edge(at_us + 1, pressed=False, number=number + 1))
    assert button.edge(Edge(at_us + 1 + CALM_US, pressed=True, number=number + 2)) is not None

"""A bell push: its line is opened again for as long as it takes, and what is wrong with it is told."""

import pytest

from device.door.button import STUCK_US
from device.door.errors import DoorError
from device.door.push import RETRY_US, Push
from tests.support.mounted import Line

S = 1_000_000


def test_a_press_rings_when_it_is_read_at_the_time_it_was_made() -> None:
    line = Line()
    push = Push(lambda: line, 0)
    line.press(S)
    line.press(5 * S)
    assert push.attend(6 * S) == [S, 5 * S]
    assert (push.trouble, push.due_us) == ("", None)
    push.close()


def test_a_flood_that_runs_over_the_kernels_buffer_still_rings() -> None:
    line = Line()
    push = Push(lambda: line, 0)
    for press in range(1_000):
        line.press(S + press * 1_000)
    assert push.attend(3 * S)
    assert "flutters" in push.trouble
    push.close()


def test_a_line_that_is_held_by_another_is_told_and_taken_once_it_is_free() -> None:
    line, refusals = Line(), [DoorError("GPIO17: another program holds this line", hint="see who")] * 2

    def opened() -> Line:
        if refusals:
            raise refusals.pop()
        return line

    push = Push(opened, 0)
    assert push.trouble == "GPIO17: another program holds this line; see who"
    assert (push.descriptor, push.due_us) == (None, RETRY_US)
    assert push.attend(RETRY_US - 1) == []
    assert len(refusals) == 1, "not tried before it is time"
    push.attend(RETRY_US)
    assert push.trouble
    push.attend(2 * RETRY_US)
    assert push.trouble == ""
    line.press(3 * RETRY_US)
    assert push.attend(3 * RETRY_US) == [3 * RETRY_US]
    push.close()


def test_a_line_that_goes_away_is_closed_told_and_opened_anew() -> None:
    lines = [Line(), Line()]
    opened = iter(lines)
    push = Push(lambda: next(opened), 0)
    lines[0].breaks(DoorError("No such device"))
    assert push.attend(S) == []
    assert lines[0].closed
    assert push.trouble == "No such device"
    push.attend(S + RETRY_US)
    assert push.trouble == ""
    lines[1].press(2 * RETRY_US)
    assert push.attend(2 * RETRY_US) == [2 * RETRY_US]
    push.close()


def test_a_button_that_is_jammed_from_the_start_is_told_and_does_not_ring() -> None:
    line = Line(pressed=True)
    push = Push(lambda: line, 0)
    assert push.due_us == STUCK_US
    assert push.attend(STUCK_US) == []
    assert "held down" in push.trouble
    line.change(STUCK_US + S, pressed=False)
    line.press(STUCK_US + 2 * S)
    assert push.attend(STUCK_US + 3 * S) == [STUCK_US + 2 * S]
    assert push.trouble == ""
    push.close()


@pytest.mark.parametrize("at_the_end", [True, False])
def test_a_line_is_given_back(at_the_end: bool) -> None:
    line = Line()
    push = Push(lambda: line, 0)
    push.close()
    if at_the_end:
        push.close()
    assert line.closed

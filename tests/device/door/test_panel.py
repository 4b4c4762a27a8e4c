"""The panel: a press rings everywhere within fifty milliseconds, and a part that fails leaves the others alone."""

import logging
import os
import socket
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from device.contract.errors import LinkError
from device.contract.local import Ail, AskHealth, Health, PressBell, Question, Rung, ask, beside
from device.contract.settings import Hush, Settings
from device.door.errors import DoorError
from device.door.local import SEATS
from device.door.panel import MOST_SAID, Panel
from device.door.push import RETRY_US, Push
from device.trust.condition import Condition
from device.trust.lines import utc
from tests.device.door.conftest import Door, S
from tests.support.household import DrivenClock
from tests.support.mounted import Line

DESCRIPTORS = Path("/proc/self/fd")


def test_a_press_rings_at_the_kernels_time_and_is_heard(door: Door) -> None:
    door.clock.pass_s(9)
    door.line.press(8 * S)
    door.attend()
    assert door.pressed == [8 * S]
    assert (door.speaker.played, door.relay.is_on) == (1, True)
    door.clock.pass_s(0.3)
    door.attend()
    assert not door.relay.is_on


def test_a_hush_silences_the_chime_and_no_ring_and_ends_by_itself(door: Door) -> None:
    until_utc = door.clock.utc() + timedelta(hours=1)
    door.settings = Settings(hush=Hush(until_utc=until_utc))
    door.line.press(S)
    door.attend()
    assert (door.pressed, door.speaker.played, door.relay.switched) == ([S], 0, [])
    door.clock.pass_s(3600)
    door.line.press(3600 * S)
    door.attend()
    assert (len(door.pressed), door.speaker.played) == (2, 1)


def test_a_ring_that_the_camera_saw_is_heard_and_not_pressed_again(door: Door) -> None:
    door.panel.rang()
    door.attend()
    assert (door.pressed, door.speaker.played) == ([], 1)


def test_in_privacy_whoever_rings_is_heard(door: Door) -> None:
    door.settings = Settings(privacy=True)
    door.line.press(S)
    door.attend()
    assert door.speaker.played == 1


def test_a_part_that_fails_is_told_once_with_since_when_and_the_others_go_on(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    since_utc = door.clock.utc()
    door.line.breaks(DoorError("GPIO17: No such device", hint="see the wire"))
    for _ in range(3):
        door.attend()
        door.clock.pass_s(1)
    [condition] = door.panel.conditions()
    assert (condition.kind, condition.since_utc) == ("button", since_utc)
    assert [record.message for record in caplog.records] == ["button: GPIO17: No such device; see the wire"]
    door.panel.rang()
    door.attend()
    assert door.speaker.played == 1
    door.speaker.playing = False
    door.line = Line()
    door.clock.pass_s(RETRY_US / S)
    door.attend()
    assert door.kinds() == []
    assert caplog.records[-1].message == "button: it is well again"


def test_a_chime_that_fails_keeps_no_ring_from_being_told(door: Door) -> None:
    door.line.press(S)
    door.attend()
    door.speaker.playing, door.speaker.fault = False, DoorError("no sound card")
    door.clock.pass_s(1)
    door.attend()
    assert door.kinds() == ["chime"]
    door.line.press(9 * S)
    door.attend()
    assert door.pressed == [S, 9 * S]


def test_a_door_with_nothing_mounted_has_nothing_in_its_way(tmp_path: Path) -> None:
    panel = Panel(None, None, None, tmp_path / "link.local", DrivenClock(), Settings, lambda _: None, tuple)
    panel.rang()
    panel.attend(0)
    assert panel.conditions() == ()
    panel.close()


def answered(door: Door, question: Question) -> object:
    """Ask from a thread, as somebody at the Pi does, while the panel attends."""
    answers: list[object] = []
    asking = threading.Thread(target=lambda: answers.append(ask(door.link, question)), daemon=True)
    asking.start()
    while not answers:
        door.panel.attend(S)
        asking.join(0.001)
    return answers[0]


def test_whoever_is_at_the_pi_is_told_what_does_not_work_and_why(door: Door) -> None:
    assert answered(door, AskHealth()) == Health(os.getpid(), ())
    since_utc = utc(door.clock.utc())
    door.met = (Condition("blind", since_utc),)
    door.line.breaks(DoorError("é" * 5_000))
    door.attend()
    health = answered(door, AskHealth())
    assert isinstance(health, Health)
    assert health.ails == (Ail("blind", since_utc), Ail("button", since_utc, "é" * MOST_SAID))
    assert door.pressed == [], "a question rings no bell"


def test_whoever_is_at_the_pi_rings_as_the_button_does(door: Door) -> None:
    door.clock.pass_s(4)
    assert answered(door, PressBell()) == Rung()
    assert (door.pressed, door.speaker.played) == ([4 * S], 1)


def raw(door: Door) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    connection.settimeout(5)
    connection.connect(str(beside(door.link)))
    door.attend()
    return connection


@pytest.mark.parametrize(
    "packet",
    [b"{", b"\xff", b'{"type":"reset"}', b'{"type":"ring","now":1}', b"[" * 4_000, b"x" * 9_000],
)
def test_what_is_no_question_rings_nothing_and_is_told_so(door: Door, packet: bytes) -> None:
    with raw(door) as connection:
        connection.send(packet)
        door.attend()
        assert connection.recv(100) == b'{"type":"unread"}'
        assert connection.recv(100) == b""
    assert door.pressed == []


def test_who_takes_a_seat_and_says_nothing_makes_way_for_others(door: Door) -> None:
    silent = [raw(door) for _ in range(SEATS)]
    with raw(door) as connection:
        connection.send(b'{"type":"ring"}')
        door.attend()
        assert connection.recv(100) == b'{"type":"rung"}'
    assert silent[0].recv(100) == b"", "the one who had been there for longest"
    for connection in silent:
        connection.close()


def test_who_asks_and_leaves_without_the_answer_has_rung_and_harms_nothing(door: Door) -> None:
    for _ in range(3):
        connection = raw(door)
        connection.send(b'{"type":"ring"}')
        connection.close()
    door.attend()
    door.attend()
    assert len(door.pressed) == 3


def test_nobody_but_root_and_the_devices_own_user_may_ring_at_the_pi(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert beside(door.link).stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr("device.door.local.os.getuid", lambda: 4321)
    monkeypatch.setattr("device.door.local.struct.unpack", lambda *_: (1, 1234, 1234))
    with raw(door) as connection:
        assert connection.recv(100) == b""
    assert door.pressed == []


def test_where_no_door_runs_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(LinkError, match="no door answers here"):
        ask(tmp_path / "link", PressBell())


def test_a_socket_that_cannot_be_made_keeps_no_button_from_ringing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    line, pressed = Line(), []
    panel = Panel(
        Push(lambda: line, 0),
        None,
        None,
        tmp_path / "none" / "local",
        DrivenClock(),
        Settings,
        pressed.append,
        tuple,
    )
    assert "nobody at the Pi can ring" in caplog.text
    line.press(S)
    panel.attend(0)
    assert pressed == [S]
    panel.close()


def test_from_the_edge_to_the_ring_it_takes_less_than_fifty_milliseconds(door: Door) -> None:
    """Of this thread's own time: how long a busy computer lets it wait is nobody's fault here."""
    taken: list[float] = []
    for press in range(20):
        door.clock.pass_s(10)
        door.line.press(door.clock.monotonic_us())
        begun = time.thread_time()
        door.attend()
        taken.append(time.thread_time() - begun)
        assert len(door.pressed) == press + 1
    assert sorted(taken)[len(taken) // 2] < 0.05


def test_it_sleeps_until_something_happens(door: Door) -> None:
    """Neither a line nor a relay is asked again and again."""
    turns = 0
    done = threading.Event()

    def attend() -> None:
        nonlocal turns
        while not done.is_set():
            door.panel.attend()
            turns += 1

    sleeper = threading.Thread(target=attend, daemon=True)
    sleeper.start()
    door.panel.rang()
    done.set()
    door.panel.wake()
    sleeper.join(10)
    assert not sleeper.is_alive()
    assert turns <= 3


def test_nothing_is_left_of_it(tmp_path: Path) -> None:
    before = len(list(DESCRIPTORS.iterdir()))
    door = Door(tmp_path / "link")
    door.panel.close()
    assert len(list(DESCRIPTORS.iterdir())) == before
    assert not beside(door.link).exists()
    assert door.relay.closed

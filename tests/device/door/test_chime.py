"""The chime: heard for a ring unless the household wants it silent, and a coil that is never held for longer than it may."""

from hypothesis import given
from hypothesis import strategies as st

from device.door.chime import REST_TIMES, Chime, Release, Sound, Strike
from device.door.errors import DoorError
from device.door.sounder import OVERDUE_US, RETRY_US, Sounder
from tests.support.mounted import Relay, Speaker

S = 1_000_000
STRIKE_US = 300_000


def chime() -> Chime:
    made = Chime()
    made.has(2 * S, STRIKE_US)
    return made


def test_a_ring_sounds_and_strikes_and_the_relay_is_let_go_in_time() -> None:
    door = chime()
    assert door.ring(S, sounds=True) == [Sound(), Strike()]
    assert door.due_us == S + STRIKE_US
    assert door.passed(S + STRIKE_US - 1) == []
    assert door.passed(S + STRIKE_US) == [Release()]
    assert door.due_us is None


def test_in_a_hush_nothing_sounds_and_a_relay_that_is_on_is_let_go_all_the_same() -> None:
    door = chime()
    assert door.ring(S, sounds=False) == []
    door.ring(2 * S, sounds=True)
    assert door.ring(3 * S, sounds=False) == [Release()]


def test_a_ring_while_it_sounds_is_heard_already_and_one_after_it_sounds_again() -> None:
    door = chime()
    door.ring(S, sounds=True)
    assert Sound() not in door.ring(S + 1_999_999, sounds=True)
    assert Sound() in door.ring(3 * S, sounds=True)


def test_what_is_not_there_is_not_asked_for() -> None:
    assert Chime().ring(S, sounds=True) == []


@given(st.lists(st.integers(1, 2 * S), max_size=200))
def test_whoever_leans_on_the_bell_holds_no_coil(pauses: list[int]) -> None:
    """On for a strike at most, and off for four times as long: a fifth of the time, whatever happens."""
    door, now_us, on_us, begun_us = chime(), 0, 0, 0
    for pause_us in pauses:
        while (due := door.due_us) is not None and due <= now_us + pause_us:
            assert door.passed(due) == [Release()]
            on_us += due - begun_us
            assert due - begun_us <= STRIKE_US
        now_us += pause_us
        if Strike() in door.ring(now_us, sounds=True):
            assert begun_us == 0 or now_us - begun_us >= (1 + REST_TIMES) * STRIKE_US
            begun_us = now_us
    assert on_us <= now_us / (1 + REST_TIMES) + STRIKE_US


class Porch:
    """A sounder whose parts a test breaks and mends."""

    def __init__(self) -> None:
        self.speaker, self.relay = Speaker(), Relay()
        self.no_card: DoorError | None = None
        self.no_line: DoorError | None = None
        self.sounder = Sounder(self._player, self._relay, STRIKE_US, 0)

    def _player(self) -> tuple[Speaker, int]:
        if self.no_card:
            raise self.no_card
        self.speaker = Speaker()
        return self.speaker, 2 * S

    def _relay(self) -> Relay:
        if self.no_line:
            raise self.no_line
        self.relay = Relay()
        return self.relay


def test_the_sounder_does_what_the_chime_says() -> None:
    porch = Porch()
    porch.sounder.ring(S, sounds=True)
    assert (porch.speaker.played, porch.relay.is_on) == (1, True)
    porch.sounder.attend(S + STRIKE_US)
    assert not porch.relay.is_on
    porch.speaker.playing = False
    porch.sounder.attend(3 * S)
    assert (porch.sounder.trouble, porch.sounder.due_us) == ("", None)


def test_a_chime_that_was_not_heard_is_told_until_it_is() -> None:
    porch = Porch()
    porch.sounder.ring(S, sounds=True)
    porch.speaker.playing, porch.speaker.fault = False, DoorError("no such device", hint="plug it in")
    porch.sounder.attend(2 * S)
    assert porch.sounder.trouble == "no such device; plug it in"
    assert porch.relay.switched[0], "the relay strikes all the same"
    porch.speaker.fault = None
    porch.sounder.ring(60 * S, sounds=True)
    assert porch.sounder.trouble
    porch.speaker.playing = False
    porch.sounder.attend(62 * S)
    assert porch.sounder.trouble == ""


def test_a_sound_card_that_hangs_is_left_alone_and_does_not_keep_the_next_ring_silent() -> None:
    porch = Porch()
    porch.sounder.ring(S, sounds=True)
    porch.sounder.attend(3 * S + OVERDUE_US - 1)
    assert porch.speaker.ended_by_us == 0
    porch.sounder.attend(3 * S + OVERDUE_US)
    assert porch.speaker.ended_by_us == 1
    assert porch.sounder.trouble == "it never comes to an end"
    porch.sounder.ring(60 * S, sounds=True)
    assert porch.speaker.played == 2


def test_a_part_that_cannot_be_opened_is_tried_again_and_at_the_next_ring() -> None:
    porch = Porch()
    porch.no_card, porch.no_line = DoorError("no aplay"), DoorError("held by another")
    porch.sounder = Sounder(porch._player, porch._relay, STRIKE_US, 0)
    assert porch.sounder.trouble == "no aplay; held by another"
    assert porch.sounder.due_us == RETRY_US
    porch.no_line = None
    porch.sounder.attend(RETRY_US)
    assert porch.sounder.trouble == "no aplay"
    porch.no_card = None
    porch.sounder.ring(RETRY_US + 1, sounds=True)
    assert porch.sounder.trouble == ""
    assert porch.speaker.played == 1


def test_a_relay_that_breaks_while_it_is_on_is_let_go_and_opened_anew() -> None:
    porch = Porch()
    porch.sounder.ring(S, sounds=True)
    porch.speaker.playing = False
    first, first.broken = porch.relay, DoorError("gone")
    porch.sounder.attend(S + STRIKE_US)
    assert first.closed
    assert porch.sounder.trouble == "gone"
    porch.sounder.attend(S + RETRY_US)
    assert porch.sounder.trouble == ""
    porch.sounder.ring(2 * RETRY_US, sounds=True)
    assert porch.relay.is_on


def test_at_the_end_the_relay_is_off() -> None:
    porch = Porch()
    porch.sounder.ring(S, sounds=True)
    porch.sounder.close()
    assert not porch.relay.is_on
    assert porch.speaker.closed

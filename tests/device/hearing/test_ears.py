"""The microphone's loop: off unless it was asked for, deaf in privacy, and back after whatever went wrong."""

import errno
import itertools
import logging
import os
from collections.abc import Iterator
from typing import NoReturn

import pytest

from device.hearing.ears import AGAIN_S, Ears
from device.hearing.errors import HearingError
from device.hearing.sound import MOMENT_BYTES, MOMENT_US, Sound
from tests.support.household import DrivenClock


class Card:
    """A sound card whose moments a test decides; what is an error is raised."""

    def __init__(self, script: Iterator[bytes | HearingError]) -> None:
        self.script = script
        self.closed = False

    def moment(self) -> bytes:
        given = next(self.script)
        if isinstance(given, HearingError):
            raise given
        return given

    def close(self) -> None:
        assert not self.closed
        self.closed = True


class Bench:
    """Ears on cards that a test deals."""

    def __init__(self, *cards: list[bytes | HearingError], device: str = "card") -> None:
        self.clock = DrivenClock()
        self.waiting = [iter(card) for card in cards]
        self.cards: list[Card] = []
        self.heard: list[Sound] = []
        self.waited: list[float] = []
        self.private = False
        self.private_after = 10**9
        self.ears = Ears(device, self.clock, self.wait, self.is_private, self.take, self.open)

    def open(self, device: str) -> Card:
        assert device == "card"
        if not self.waiting:
            raise HearingError("no card at all")
        self.cards.append(Card(self.waiting.pop(0)))
        return self.cards[-1]

    def is_private(self) -> bool:
        return self.private or len(self.heard) >= self.private_after

    def take(self, sound: Sound) -> None:
        self.clock.pass_s(MOMENT_US / 1e6)
        self.heard.append(sound)

    def wait(self, seconds: float) -> bool:
        self.waited.append(seconds)
        self.clock.pass_s(seconds)
        return not self.waiting and seconds >= AGAIN_S


MOMENTS: list[bytes | HearingError] = [bytes([number]) * MOMENT_BYTES for number in range(5)]
GONE = HearingError("it is gone")


def test_a_door_without_a_microphone_listens_to_nothing() -> None:
    bench = Bench(MOMENTS, device="")
    bench.ears.listen()
    assert (bench.cards, bench.heard, bench.ears.conditions()) == ([], [], ())
    assert not bench.ears.listens
    assert bench.ears.encoder is None


def test_each_moment_is_handed_on_with_its_time() -> None:
    bench = Bench([*MOMENTS, GONE])
    bench.ears.listen()
    assert [sound.pcm for sound in bench.heard] == MOMENTS
    times = [sound.at_us for sound in bench.heard]
    assert all(after - before == MOMENT_US for before, after in itertools.pairwise(times))
    assert bench.cards[0].closed


def test_a_card_that_fails_is_told_and_opened_again(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench([MOMENTS[0], GONE], [MOMENTS[1], GONE])
    with caplog.at_level(logging.WARNING):
        bench.ears.listen()
    assert [sound.pcm for sound in bench.heard] == MOMENTS[:2]
    assert all(card.closed for card in bench.cards)
    assert [condition.kind for condition in bench.ears.conditions()] == ["microphone"]
    assert caplog.messages == [
        "microphone: it is gone",
        "microphone: it is well again",
        "microphone: it is gone",
    ]


def test_a_card_that_was_never_there_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    bench.ears.listen()
    assert caplog.messages == ["microphone: no card at all"]


def test_a_private_door_lets_go_of_the_card_and_hands_nothing_on() -> None:
    bench = Bench([*MOMENTS, GONE], [GONE])
    bench.private_after = 2
    ended = iter([False] * 5 + [True])
    bench.ears._wait = lambda seconds: next(ended)
    bench.ears.listen()
    assert [sound.pcm for sound in bench.heard] == MOMENTS[:2]
    assert bench.cards[0].closed
    assert len(bench.cards) == 1, "while it is private, no program listens"


def test_a_door_that_starts_private_opens_no_card() -> None:
    bench = Bench(MOMENTS)
    bench.private = True
    ended = iter([False] * 5 + [True])
    bench.ears._wait = lambda seconds: next(ended)
    bench.ears.listen()
    assert bench.cards == []


def test_a_card_that_counts_faster_than_time_is_held_to_it() -> None:
    bench = Bench([*(MOMENTS * 50), GONE])
    bench.take = lambda sound: bench.heard.append(sound)  # type: ignore[method-assign]
    bench.ears._heard = bench.heard.append
    bench.ears.listen()
    assert sum(bench.waited[:-1]) == pytest.approx(250 * MOMENT_US / 1e6, abs=0.3)


def test_a_kernel_that_gives_no_pipe_costs_the_sound_and_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = Bench()

    def refused(_: str) -> NoReturn:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    bench.ears._open = refused
    bench.ears.listen()
    assert caplog.messages == ["microphone: Too many open files"]
    assert [condition.kind for condition in bench.ears.conditions()] == ["microphone"]

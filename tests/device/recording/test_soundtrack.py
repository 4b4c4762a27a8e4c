"""A clip's sound on its picture's clock: without a hole, never ahead, and cut where the clip is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.hearing.sound import MOMENT, MOMENT_BYTES, MOMENT_US, PACKET, RATE, Sound
from device.recording.soundtrack import AHEAD, LATE, LOOSE, Soundtrack

ZERO_US = 5_000_000


class Plain:
    """An encoder whose packets are the samples themselves, one packet late, as AAC's are."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def encode(self, pcm: bytes) -> list[bytes]:
        assert len(pcm) == PACKET * 2
        ready, self._held = self._held, [pcm]
        return ready

    def end(self) -> list[bytes]:
        ready, self._held = self._held, []
        return ready


def moment(number: int, at_us: int) -> Sound:
    return Sound((number + 1).to_bytes(2, "little") * MOMENT, at_us)


def samples(packets: list[bytes]) -> list[int]:
    return np.frombuffer(b"".join(packets), "<i2").tolist()


def track(*sounds: Sound) -> Soundtrack:
    return Soundtrack(ZERO_US, Plain(), sounds)


def us(samples_: int) -> int:
    return samples_ * 1_000_000 // RATE


def test_what_was_heard_stands_where_the_picture_of_that_moment_stands() -> None:
    at_us = ZERO_US + 1_000_000
    heard = samples(track(moment(0, at_us)).end(ZERO_US + 3_000_000))
    assert heard.index(1) == RATE
    assert heard.count(1) == MOMENT
    assert len(heard) == 3 * RATE // PACKET * PACKET


def test_what_was_heard_before_the_first_picture_is_in_no_clip() -> None:
    heard = samples(
        track(moment(0, ZERO_US - MOMENT_US // 2), moment(1, ZERO_US + MOMENT_US // 2)).end(ZERO_US + 10**6)
    )
    assert heard[: MOMENT // 2] == [1] * (MOMENT // 2)
    assert heard[MOMENT // 2] == 2


def test_no_packet_is_ahead_of_the_newest_picture() -> None:
    """Else whoever begins at a keyframe would look for its sound before it."""
    sound = track(*(moment(number, ZERO_US + number * MOMENT_US) for number in range(100)))
    count = 0
    for picture in range(40):
        at_us = ZERO_US + picture * 66_666
        count += len(sound.packets(at_us))
        assert us(count * PACKET) <= at_us - ZERO_US


def test_sound_that_is_late_is_waited_for_and_a_dead_microphone_is_not() -> None:
    sound = track(moment(0, ZERO_US))
    assert sound.packets(ZERO_US + us(LATE)) == []
    packets = sound.packets(ZERO_US + 10 * 10**6)
    assert len(packets) == (9 * RATE) // PACKET - 1
    assert set(samples(packets)[MOMENT:]) == {0}


def test_small_wavering_of_times_cuts_nothing() -> None:
    waver = [0, us(LOOSE) - 100, 0, -us(LOOSE) + 200, 0]
    sounds = [moment(number, ZERO_US + number * MOMENT_US + by) for number, by in enumerate(waver)]
    heard = samples(track(*sounds).end(ZERO_US + 5 * MOMENT_US))
    whole = [number + 1 for number in range(5) for _ in range(MOMENT)]
    assert heard == whole[: len(heard)]


@pytest.mark.parametrize("off", [-2_000, 2_000])
def test_a_card_on_another_clock_parts_from_the_picture_by_no_more_than_it_may(off: int) -> None:
    """A clock that is off by 2 in 1,000, far more than any: 400 ms in these 200 s."""
    sound = track()
    packets: list[bytes] = []
    for number in range(5_000):
        at_us = ZERO_US + round(number * MOMENT_US * (1 + off / 1e6))
        sound.hear(moment(number % 250, at_us))
        packets += sound.packets(at_us)
    heard = np.frombuffer(b"".join(packets), "<i2")
    begins = np.flatnonzero(np.diff(heard, prepend=0))
    checked = 0
    for number in (100, 101, 2_600, 2_601, 4_850, 4_851):
        said_us = number * MOMENT_US * (1 + off / 1e6)
        placed_us = [us(int(at)) for at in begins if heard[at] == number % 250 + 1]
        apart_us = min(abs(at_us - said_us) for at_us in placed_us)
        if apart_us < MOMENT_US * 100:  # else it is the one that was left out
            checked += 1
            assert apart_us <= us(LOOSE) + 1_000
    assert checked >= 3


def test_sound_of_another_clock_is_left_out_and_memory_is_bounded() -> None:
    sound = track(moment(0, ZERO_US + us(AHEAD) + 10**6), moment(1, ZERO_US + 10**12), moment(2, 0))
    for number in range(2_000):
        sound.hear(moment(number % 250, ZERO_US + number * MOMENT_US))
    assert len(sound._waiting) <= AHEAD * 2 + MOMENT_BYTES
    assert set(samples(sound.end(ZERO_US + 10**6))) <= set(range(1, 251))


def test_what_is_heard_after_the_end_is_in_no_clip() -> None:
    sound = track(*(moment(number, ZERO_US + number * MOMENT_US) for number in range(100)))
    heard = samples(sound.end(ZERO_US + 10 * MOMENT_US))
    assert max(heard) <= 10


@given(
    st.lists(st.tuples(st.integers(-(10**6), 20 * 10**6), st.integers(0, 5 * 10**6)), max_size=40),
    st.integers(0, 30 * 10**6),
)
def test_whatever_comes_the_sound_is_as_long_as_the_picture(
    happens: list[tuple[int, int]], end_us: int
) -> None:
    sound, packets, picture_us = track(), 0, 0
    for heard_us, passed_us in happens:
        sound.hear(moment(0, ZERO_US + heard_us))
        picture_us += passed_us
        packets += len(sound.packets(ZERO_US + picture_us))
        assert us(packets * PACKET) <= picture_us
    end_us = max(end_us, picture_us)
    packets += len(sound.end(ZERO_US + end_us))
    assert packets == end_us * RATE // 1_000_000 // PACKET

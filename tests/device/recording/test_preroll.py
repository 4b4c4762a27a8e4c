import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.camera.protocol import AccessUnit
from device.recording.preroll import PreRoll


def unit(at_us: int, keyframe: bool, size_bytes: int = 10) -> AccessUnit:
    return AccessUnit(bytes(size_bytes), keyframe, at_us)


def gops(count: int, length: int = 10) -> list[AccessUnit]:
    return [unit(i * 100_000, i % length == 0) for i in range(count * length)]


def filled(units: list[AccessUnit], max_bytes: int = 10**6, max_us: int = 10**7) -> PreRoll:
    ring = PreRoll(max_bytes, max_us)
    for each in units:
        ring.add(each)
    return ring


def test_what_is_taken_begins_with_the_last_keyframe_before_the_wanted_time():
    units = gops(4)
    assert filled(units).take(1_999_999) == units[10:]
    assert filled(units).take(2_000_000) == units[20:]


def test_everything_is_taken_if_nothing_is_old_enough():
    units = gops(2)
    assert filled(units).take(-1) == units


def test_taking_leaves_the_ring_as_it_was():
    ring = filled(gops(2))
    assert ring.take(0) == ring.take(0)


def test_the_newest_gop_is_taken_for_a_time_to_come():
    assert filled(gops(2)).take(10**9) == gops(2)[10:]


def test_whole_gops_are_dropped_once_the_others_cover_the_time():
    units = gops(5)
    assert filled(units, max_us=2_000_000).take(0) == units[20:]


def test_whole_gops_are_dropped_when_the_bytes_run_out():
    units = gops(3)
    assert filled(units, max_bytes=250).take(0) == units[10:]


def test_units_before_the_first_keyframe_are_not_kept():
    ring = filled([unit(0, False), unit(1, False)])
    assert ring.take(0) == []
    assert ring.size_bytes == 0


def test_a_gop_that_is_too_large_alone_is_dropped_until_the_next_keyframe():
    ring = filled([unit(0, True), unit(1, False, 95), unit(2, False)], max_bytes=100)
    assert ring.take(0) == []
    ring.add(unit(3, True))
    assert ring.take(0) == [unit(3, True)]


def test_a_ring_that_holds_nothing_is_a_bug():
    with pytest.raises(ValueError, match="holds nothing"):
        PreRoll(0, 1)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 200), st.integers(1, 500))),
    st.integers(1, 1000),
    st.integers(1, 3000),
    st.integers(-10, 20_000),
)
def test_the_ring_never_exceeds_its_bytes_and_always_begins_with_a_keyframe(
    captured, max_bytes, max_us, from_us
):
    ring = PreRoll(max_bytes, max_us)
    at_us, fed = 0, []
    for keyframe, size_bytes, later_us in captured:
        at_us += later_us
        fed.append(unit(at_us, keyframe, size_bytes))
        ring.add(fed[-1])
        taken = ring.take(from_us)
        everything = ring.take(-(10**9))
        assert ring.size_bytes == sum(len(each.data) for each in everything) <= max_bytes
        assert not taken or taken[0].keyframe
        assert fed[len(fed) - len(everything) :] == everything
        assert everything[len(everything) - len(taken) :] == taken
        # bounded in time: only the oldest GOP may reach back further
        inner = [each for each in everything[1:] if each.keyframe]
        assert not inner or at_us - inner[0].at_us < max_us


def test_what_a_clip_has_is_never_taken_again_even_if_it_ended_between_keyframes():
    ring = filled(gops(3))
    ring.spend(2_000_000)
    assert ring.take(0) == gops(3)[20:]
    ring.spend(2_500_000)
    assert ring.take(0) == []
    assert ring.size_bytes == 0
    ring.add(unit(2_600_000, False))
    assert ring.take(0) == [], "it cannot be decoded without what the clip has"
    ring.add(unit(3_000_000, True))
    assert ring.take(0) == [unit(3_000_000, True)]

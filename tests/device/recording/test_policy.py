from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.recording.policy import (
    KEYFRAME_US,
    Action,
    EndClip,
    Note,
    PolicySettings,
    RecordingPolicy,
    StartClip,
)
from device.sight.observation import Motion

FRAME_US = 100_000
MOVING = Motion(0.1, moving=True)
QUIET = Motion(0.0, moving=False)
LINGERING = Motion(0.0, moving=False, lingering=True)


@dataclass
class Door:
    """Drives a policy at ten frames a second, with a keyframe each second."""

    policy: RecordingPolicy = field(default_factory=lambda: RecordingPolicy(PolicySettings()))
    actions: list[Action] = field(default_factory=list)
    frame: int = 0
    key_every: int = 10

    @property
    def now_us(self) -> int:
        return self.frame * FRAME_US

    def live(self, seconds: float, motion: Motion = QUIET) -> list[Action]:
        done: list[Action] = []
        for _ in range(round(seconds * 10)):
            done += self.policy.observe(motion, self.now_us)
            done += self.policy.tick(self.now_us, self.frame % self.key_every == 0)
            self.frame += 1
        self.actions += done
        return done

    def press(self) -> list[Action]:
        done = self.policy.press(self.now_us)
        self.actions += done
        return done


def test_a_quiet_door_records_nothing():
    assert Door().live(60) == []


def test_sustained_motion_starts_a_clip_whose_pre_roll_counts_from_where_the_motion_began():
    door = Door()
    door.live(10)
    assert door.live(2, MOVING) == [StartClip("motion", 10_300_000, 6_000_000)]


def test_a_flicker_starts_nothing():
    door = Door()
    for _ in range(20):
        door.live(0.3, MOVING)
        door.live(0.1)
    assert door.actions == []


def test_a_clip_ends_at_the_first_keyframe_after_the_post_roll():
    door = Door()
    door.live(10)
    door.live(2.1, MOVING)
    assert door.live(20) == [EndClip(15_000_000, "quiet")]


def test_a_clip_without_keyframes_ends_all_the_same():
    door = Door(key_every=10**9)
    door.live(10)
    door.live(2.1, MOVING)
    assert door.live(20) == [EndClip(12_000_000 + 2_500_000 + KEYFRAME_US, "quiet")]


def test_a_short_pause_does_not_end_a_clip():
    door = Door()
    door.live(5, MOVING)
    door.live(2.3)
    assert door.live(5, MOVING) == []


def test_somebody_who_stands_still_keeps_a_clip_running_and_begins_none():
    door = Door()
    assert door.live(20, LINGERING) == []
    door.live(2.1, MOVING)
    assert door.live(20, LINGERING) == []
    assert door.live(5, MOVING) == []
    assert [type(action) for action in door.live(10)] == [EndClip]
    assert door.live(20, LINGERING) == []


def test_motion_that_waits_for_the_keyframe_begins_the_next_clip_without_a_gap():
    door = Door()
    door.live(2.1, MOVING)
    door.live(2.5)  # quiet since 2.0, over at 4.5, the keyframe comes at 5.0
    assert door.live(1, MOVING) == [
        EndClip(5_000_000, "quiet"),
        StartClip("motion", 5_100_000, 5_000_000),
    ]


def test_a_ring_starts_a_clip_at_once():
    door = Door()
    door.live(10)
    assert door.press() == [StartClip("ring", 10_000_000, 6_000_000)]


def test_a_ring_alone_is_recorded_for_ten_seconds():
    door = Door()
    door.live(10)
    door.press()
    assert door.live(30) == [EndClip(20_000_000, "quiet")]


def test_every_ring_in_a_running_clip_is_noted_and_the_first_motion():
    door = Door()
    door.press()
    first = door.live(1, MOVING)
    assert first == [Note("motion", 0)]
    assert door.press() == [Note("ring", 1_000_000)]
    assert door.press() == [Note("ring", 1_000_000)]
    assert door.live(1, MOVING) == []


def test_a_ring_that_waits_for_the_keyframe_keeps_the_clip():
    door = Door()
    door.live(2.1, MOVING)
    door.live(2.6)
    assert door.press() == [Note("ring", 4_700_000)]
    assert door.live(5) == []


def test_a_long_visit_goes_on_in_the_next_clip_at_the_same_keyframe():
    door = Door(RecordingPolicy(PolicySettings(max_clip_s=20)))
    door.live(10)
    actions = door.live(20, MOVING)
    assert actions == [
        StartClip("motion", 10_300_000, 6_000_000),
        EndClip(24_000_000, "limit"),
        StartClip("motion", 24_000_000, 24_000_000),
    ]


def test_a_clip_at_its_limit_ends_for_good_if_nobody_is_there():
    policy = RecordingPolicy(PolicySettings(pre_roll_s=4, post_roll_s=2.5, max_clip_s=20))
    policy.press(4_000_000)  # until 14 s
    policy.press(8_000_000)  # until 18 s, which is the limit's keyframe
    assert policy.tick(18_000_000, True) == [EndClip(18_000_000, "limit")]


def test_a_visit_that_a_ring_keeps_going_goes_on_as_a_ring():
    policy = RecordingPolicy(PolicySettings(max_clip_s=20))
    policy.press(4_000_000)
    policy.press(12_000_000)
    assert policy.tick(18_000_000, True)[1:] == [StartClip("ring", 18_000_000, 18_000_000)]


def test_stopping_finishes_the_running_clip_and_only_that():
    door = Door()
    assert door.policy.stop(0) == []
    door.press()
    assert door.policy.stop(300_000) == [EndClip(300_000, "stop")]
    assert not door.policy.recording


def test_a_ring_stamped_before_the_last_clip_ended_is_recorded_after_it():
    policy = RecordingPolicy(PolicySettings())
    policy.press(5_000_000)
    policy.stop(6_000_000)
    assert policy.press(5_900_000) == [StartClip("ring", 6_000_000, 6_000_000)]


def test_settings_that_leave_no_room_are_a_bug():
    with pytest.raises(ValueError, match="no room"):
        RecordingPolicy(PolicySettings(pre_roll_s=15, max_clip_s=16))


settings = st.builds(
    PolicySettings,
    pre_roll_s=st.sampled_from((1.0, 4.0, 10.0)),
    post_roll_s=st.sampled_from((1.0, 2.5, 8.0, 60.0)),
    max_clip_s=st.sampled_from((20.0, 33.3, 120.0)),
)
SEEN = {"move": MOVING, "rest": QUIET, "linger": LINGERING}
steps = st.lists(st.tuples(st.sampled_from((*SEEN, "ring", "hang")), st.integers(1, 300)), max_size=30)


@given(settings, steps, st.integers(1, 20))
def test_clips_alternate_never_overlap_keep_their_limit_and_every_ring_is_recorded(
    settings, steps, key_every
):
    policy = RecordingPolicy(settings)
    now_us, frame = 0, 0
    running: StartClip | None = None
    ended_us: int | None = None

    def obey(actions: list[Action]) -> None:
        nonlocal running, ended_us
        for action in actions:
            match action:
                case StartClip():
                    assert running is None
                    assert action.pre_roll_from_us <= action.at_us
                    assert ended_us is None or action.pre_roll_from_us >= ended_us
                    running = action
                case Note():
                    assert running is not None
                case EndClip():
                    assert running is not None
                    length_us = action.at_us - running.pre_roll_from_us
                    assert 0 <= length_us <= settings.max_clip_s * 1e6 + longest_us
                    running, ended_us = None, action.at_us
        assert policy.recording == (running is not None)

    longest_us, hung_us = FRAME_US, 0
    for kind, frames in steps:
        if kind == "ring":
            actions = policy.press(now_us)
            assert any(isinstance(a, StartClip | Note) and a.trigger == "ring" for a in actions)
            obey(actions)
            assert running is not None
        elif kind == "hang":  # the camera gives nothing for a while
            now_us += frames * FRAME_US
            hung_us += frames * FRAME_US
            longest_us = max(longest_us, hung_us + FRAME_US)
        else:
            hung_us = 0
            for _ in range(frames):
                obey(policy.observe(SEEN[kind], now_us))
                obey(policy.tick(now_us, frame % key_every == 0))
                now_us, frame = now_us + FRAME_US, frame + 1
    obey(policy.stop(now_us))
    assert running is None

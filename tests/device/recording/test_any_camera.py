"""Whatever a camera and a disk do: clips do not overlap, hold what they say, keep their limit, and every ring is in one."""

import os
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from struct import pack

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.camera.protocol import Luma, Pressed
from device.contract.settings import Settings
from device.disk.spool import CLIP
from device.recording.stream_order import AHEAD_US
from device.sealing.age_reader import open_bytes
from device.sight.observation import Motion
from device.trust.statement import Statement
from provisioning.house.genuine import check_film, read_record
from tests.device.recording.conftest import SMALL, Door, encoded
from tests.device.recording.test_fmp4 import boxes, span_90k
from tests.support.effort import cases
from tests.support.household import Household
from tests.support.script import QUIET, moving, see

MAX_CLIP_S = 20
FRAME_US = 100_000
FRAME = timedelta(microseconds=FRAME_US)
DARK = np.full((270, 320), 16, np.uint8)
JUMPS_US = (-3_600_000_000, -400_000, 7_000_000, 10**15)
PATH = moving(("path", 0.1))

STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(("move", "rest")), st.integers(1, 120)),
        st.just(("ring", 1)),
        st.just(("full", 60)),
        st.tuples(st.sampled_from(("jump", "glitch_luma", "glitch_unit")), st.sampled_from(JUMPS_US)),
    ),
    max_size=14,
)


class Played:
    """A door that is fed ten frames a second, the wall clock in step, and what was done to it."""

    def __init__(self, state: Path, key_every: int) -> None:
        self.door = Door(Household(state), Settings(), f"max_clip_s: {MAX_CLIP_S}", SMALL)
        self.key_every = key_every
        self.began_utc = self.door.household.clock.utc()
        self.real_free_bytes, self.is_full = self.door.spool.free_bytes, False
        self.frame, self.ahead_us = 0, 0
        self.rings: list[int] = []
        self.faults: list[int] = [0]
        self.seen: Motion = QUIET
        self.off_by = timedelta(0)

    def free_bytes(self) -> int:
        return 3_000_000 if self.is_full else self.real_free_bytes()

    def do(self, kind: str, number: int) -> None:
        match kind:
            case "move" | "rest" | "full":
                self.seen = PATH if kind == "move" else QUIET
                self.is_full = kind == "full"
                if self.is_full:
                    self.faults.append(self.frame)
                for _ in range(number):
                    self.next()
                self.is_full = False
            case "ring":
                self.rings.append(self.frame)
                self.next(ring=True)
            case "jump":
                self.ahead_us += number
                self.faults.append(self.frame)
                self.next()
            case _:
                self.faults.append(self.frame)
                if (
                    abs(number) < AHEAD_US
                ):  # nobody can tell it from a new beginning; what a clip says of its time is off by it
                    self.off_by = timedelta(microseconds=abs(number))
                self.next(**{kind: number})

    def next(self, *, ring: bool = False, glitch_luma: int = 0, glitch_unit: int = 0) -> None:
        at_us = 10**12 + self.frame * FRAME_US + self.ahead_us
        place = self.frame % self.key_every
        unit = encoded()[place % 10 or 10 * (place > 0)]
        if ring:
            self.door.recorder.take(Pressed(at_us))
        self.door.recorder.take(Luma(DARK, at_us + glitch_luma))
        self.door.recorder.take(replace(unit, keyframe=place == 0, at_us=at_us + glitch_unit))
        self.frame += 1
        self.door.household.clock.pass_s(0.1)

    def is_excused(self, ring: int) -> bool:
        """Return whether no film can be had: the camera has just begun, or what stops it comes before a keyframe."""
        return any(ring - 1 <= fault <= ring + self.key_every for fault in self.faults)


@settings(max_examples=cases(200, 5_000), deadline=None)
@given(STEPS, st.sampled_from((5, 10, 15)))
def test_clips_never_overlap_hold_what_they_say_keep_their_limit_and_every_ring_is_recorded(
    steps: list[tuple[str, int]], key_every: int
) -> None:
    with tempfile.TemporaryDirectory() as state, pytest.MonkeyPatch.context() as patched:
        see(patched, lambda _: played.seen)
        played = Played(Path(state), key_every)
        patched.setattr(played.door.spool, "free_bytes", played.free_bytes)
        for kind, number in steps:
            played.do(kind, number)
        played.faults.append(played.frame)
        played.door.recorder.stop()
        check(played)


def check(played: Played) -> None:
    door, house = played.door, played.door.house()
    assert house.troubles == []
    free_from = door.household.clock.utc() - timedelta(days=1)
    rings = continued = words = 0
    for clip in house.numbers():
        record = read_record(house, clip)
        assert record.statement is not None
        kinds = [trigger.kind for trigger in record.statement.triggers]
        rings += kinds.count("ring") + record.statement.more_rings
        # A visit that a ring keeps going goes on as a ring, or leaves the word that it would have.
        goes_on = kinds[0] == "ring" and record.statement.begun_utc == free_from
        continued += goes_on
        if record.verdict == "unrecorded":
            words += not goes_on
            continue
        assert check_film(house, record).verdict == "genuine"
        check_clip(door, record.statement)
        assert record.statement.begun_utc >= free_from - played.off_by, f"clip {clip} overlaps the one before"
        free_from = record.statement.begun_utc + timedelta(milliseconds=record.statement.duration_ms)
    assert rings - continued <= len(played.rings) <= rings
    assert words <= sum(map(played.is_excused, played.rings))


def check_clip(door: Door, said: Statement) -> None:
    film = open_bytes((door.house().clips[said.clip] / CLIP).read_bytes(), [door.household.card.open])
    parts = [body for kind, body in boxes(film) if kind == "moof"]
    last = pack(">I4s", len(parts[-1]) + 8, b"moof") + parts[-1]
    film_ms = span_90k(last)[1] / 90
    assert len(parts) <= said.duration_ms / 100
    # A picture whose access unit was the wrong one counts as time, as somebody was seen then.
    assert film_ms - 1 <= said.duration_ms <= film_ms + 101
    assert said.duration_ms <= MAX_CLIP_S * 1000 + 100
    assert all(trigger.at_ms <= said.duration_ms for trigger in said.triggers)


@pytest.mark.parametrize("fault", [("glitch_luma", 10**15), ("full", 2)])
def test_a_ring_between_keyframes_with_nothing_before_it_is_recorded_from_the_next_keyframe_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: tuple[str, int]
) -> None:
    played: Played
    see(monkeypatch, lambda _: played.seen)
    played = Played(tmp_path, key_every=15)
    monkeypatch.setattr(played.door.spool, "free_bytes", played.free_bytes)
    for kind, number in (
        ("rest", 47),
        ("ring", 1),
        ("move", 1),
        fault,
        ("rest", 1),
        ("ring", 1),
        ("ring", 1),
    ):
        played.do(kind, number)
    played.do("rest", 150)
    played.door.recorder.stop()
    first, second = (played.door.statement(clip) for clip in played.door.clips())
    assert (first.state, second.state) == ("sealed", "sealed")
    assert [trigger.at_ms for trigger in second.triggers] == [0, 0]
    assert second.begun_utc - played.began_utc == timedelta(seconds=6)
    check(played)


def test_a_ring_after_the_disk_cut_a_clip_short_is_recorded_from_the_next_keyframe_and_repeats_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: Played
    see(monkeypatch, lambda _: played.seen)
    played = Played(tmp_path, key_every=15)
    for kind, number in (("rest", 20), ("ring", 1), ("move", 31)):
        played.do(kind, number)
    with monkeypatch.context() as failing:
        failing.setattr(os, "fdatasync", refuse)
        played.do("move", 12)  # within these, a second's frames should reach the disk
    cut_at = played.frame
    for kind, number in (("ring", 1), ("rest", 150)):
        played.do(kind, number)
    played.door.recorder.stop()
    assert [played.door.statement(clip).triggers[0].kind for clip in played.door.clips()] == ["ring", "ring"]
    second = played.door.statement(2)
    assert second.state == "sealed"
    next_keyframe = -(-cut_at // 15) * 15
    assert second.begun_utc - played.began_utc == timedelta(seconds=next_keyframe / 10)


def refuse(_: int) -> None:
    raise OSError(5, "Input/output error")

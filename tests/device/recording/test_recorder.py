"""The recorder with a real encoder, real sealing and a real disk: what a visit leaves, and what trouble leaves of it."""

import contextlib
import hashlib
import io
import os
from collections.abc import Callable
from typing import Any

import av
import msgspec
import pytest

from device.camera.protocol import Captured, Pressed
from device.config import Config, parse
from device.disk.spool import BEGUN, EVENT, Spool
from device.ledger import Ledger
from device.recording.recorder import Recorder
from device.sealing.age_reader import open_bytes, open_stream
from device.sealing.errors import Truncated
from device.trust.lines import ClipBegun, ClipDeleted, ClipSealed, EpochBegun, Gap, Line, PrivateBody
from device.trust.signed import Context, verify
from device.trust.statement import Statement
from device.upkeep.recovery import recover
from provisioning.house.history import History
from tests.support.film import VIDEO, scene, until
from tests.support.household import Household, TestReader


class Bench:
    """A recorder on a household's state, and the card's view on what it did."""

    def __init__(self, household: Household, config: str = "") -> None:
        self.household = household
        self.config: Config = parse(config or "retention: {free_bytes: 8000000}", "test")
        self.open()

    def open(self) -> None:
        self.ledger = Ledger(self.household.state, self.household.device, self.household.clock)
        self.spool = Spool(self.household.state)
        self.recorder = Recorder(self.config, VIDEO, self.spool, self.ledger, self.household.clock)

    def play(self, items: Any) -> None:
        for item in items:
            self.recorder.take(item)

    def restart(self) -> list[int]:
        """Pull the plug, and start again: the kernel closes what the process had open, nothing else happens."""
        if self.recorder._clip is not None:
            self.recorder._clip._sealed._sink.close()
        self.ledger.close()
        self.ledger = Ledger(self.household.state, self.household.device, self.household.clock)
        self.spool = Spool(self.household.state)
        return recover(self.spool, self.ledger, self.household.clock)

    def history(self) -> tuple[History, list[PrivateBody]]:
        history = History(self.household.card.open)
        bodies = []
        for raw in self.ledger.lines(0, 1 << 30)[0]:
            line = msgspec.json.decode(raw, type=Line)
            if isinstance(line.public, EpochBegun):
                data = self.ledger.epoch_file(line.public.epoch)
                assert data is not None
                assert history.learn_epoch(data)
            private = history.entry(raw).private
            bodies += [private] if private else []
        return history, bodies

    def told(self, kind: type) -> list[Any]:
        return [body for body in self.history()[1] if isinstance(body, kind)]

    def statement(self, clip: int, name: str = EVENT) -> Statement:
        data = self.spool.sealed(clip, name)
        assert data is not None
        blob = self.history()[0].open_event(data)
        return verify(self.ledger.roster.device, Context.STATEMENT, blob, Statement)

    def sealed(self, clip: int) -> bytes:
        opened = self.spool.open_clip(clip)
        assert opened is not None
        with os.fdopen(opened[0], "rb") as file:
            return file.read()

    def clips(self) -> list[int]:
        return [clip for day, _ in self.spool.days() for clip in self.spool.clips(day)]


@pytest.fixture
def bench(household: Household) -> Bench:
    return Bench(household)


def frames(mp4: bytes) -> int:
    """Return how many frames play, up to the first that is cut."""
    count = 0
    with av.open(io.BytesIO(mp4)) as container, contextlib.suppress(av.InvalidDataError):
        for _ in container.decode(video=0):
            count += 1
    return count


def to_last_good_chunk(sealed: bytes, household: Household) -> bytes:
    plain = bytearray()
    try:
        for chunk in open_stream(io.BytesIO(sealed), [household.card.open]):
            plain += chunk
    except Truncated:
        return bytes(plain)
    raise AssertionError("a cut clip was opened as a whole one")


def failing(number: int) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


def test_a_visit_becomes_one_sealed_clip_that_says_what_it_is(bench: Bench) -> None:
    bench.play(scene(22))
    assert bench.clips() == [1]
    statement = bench.statement(1)
    sealed = bench.sealed(1)
    plain = open_bytes(sealed, [bench.household.card.open])
    assert statement.state == "sealed"
    assert [trigger.kind for trigger in statement.triggers] == ["motion", "ring"]
    assert statement.triggers[0].at_ms == statement.pre_roll_ms
    assert 2000 < statement.pre_roll_ms < 5500
    assert statement.ciphertext_sha256 == hashlib.sha256(sealed).digest()
    assert statement.plaintext_sha256 == hashlib.sha256(plain).digest()
    assert (statement.ciphertext_bytes, statement.plaintext_bytes) == (len(sealed), len(plain))
    assert statement.thumbnail.startswith(b"\xff\xd8")
    assert abs(frames(plain) - statement.duration_ms * VIDEO.fps / 1000) <= 1
    begun, ended = bench.told(ClipBegun), bench.told(ClipSealed)
    assert [body.header_sha256 for body in begun] == [statement.header_sha256]
    assert [body.ciphertext_sha256 for body in ended] == [statement.ciphertext_sha256]


def test_the_visitor_is_in_the_clip_from_before_the_ring_until_after_leaving(bench: Bench) -> None:
    bench.play(scene(22))
    statement = bench.statement(1)
    ring = next(trigger for trigger in statement.triggers if trigger.kind == "ring")
    first_s = 5.5 - ring.at_ms / 1000
    assert first_s < 3.0
    assert first_s + statement.duration_ms / 1000 > 12.0


def test_a_clip_is_sealed_to_every_reader_and_the_card_and_to_nobody_else(bench: Bench) -> None:
    phone, stranger = TestReader(), TestReader()
    bench.ledger.change(bench.household.adds(phone))
    bench.play(scene(22))
    sealed = bench.sealed(1)
    assert open_bytes(sealed, [phone.open]) == open_bytes(sealed, [bench.household.card.open])
    assert sealed[:8000].count(b"-> mlkem768x25519") == 2
    with pytest.raises(ValueError, match="not sealed"):
        open_bytes(sealed, [stranger.open])


def test_the_ledger_line_comes_before_the_first_picture(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.play(until(scene(22), 2.0))
    seen: list[bool] = []
    real = bench.spool.write_begun

    def spy(clip: int, sealed: bytes) -> None:
        seen.append(any(body.clip == clip for body in bench.told(ClipBegun)))
        real(clip, sealed)

    monkeypatch.setattr(bench.spool, "write_begun", spy)
    bench.play(item for item in scene(22) if item.at_us >= 2_000_000)
    assert seen == [True]


def test_stopping_in_the_middle_of_a_clip_finishes_and_seals_it(bench: Bench) -> None:
    bench.play(until(scene(22), 8.0))
    assert bench.clips() == []
    bench.recorder.stop()
    assert bench.clips() == [1]
    assert bench.statement(1).state == "sealed"
    assert bench.spool.unfinished() == []


@pytest.mark.parametrize("cut_s", [5.0, 8.0])
def test_a_clip_that_a_power_cut_left_is_published_playable_and_marked(bench: Bench, cut_s: float) -> None:
    bench.play(until(scene(22), cut_s))
    assert bench.restart() == [1]
    statement = bench.statement(1)
    assert statement.state == "interrupted"
    begun = bench.statement(1, BEGUN)
    assert (begun.state, begun.triggers[0].kind) == ("recording", "motion")
    sealed = bench.sealed(1)
    assert statement.ciphertext_sha256 == hashlib.sha256(sealed).digest()
    assert frames(to_last_good_chunk(sealed, bench.household)) > 15
    assert [body.state for body in bench.told(ClipSealed)] == ["interrupted"]


def test_a_clip_cut_before_its_first_whole_chunk_is_removed(bench: Bench) -> None:
    clip, descriptor = bench.spool.begin()
    os.write(descriptor, b"age-encryption.org/v1\n")
    os.close(descriptor)
    assert bench.restart() == []
    assert bench.spool.unfinished() == []
    assert bench.spool.begin()[0] == clip + 1


def test_a_finished_clip_that_was_not_published_is_published_at_the_next_start(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(bench.spool, "publish", failing(5))
        bench.play(scene(22))
    assert bench.clips() == []
    assert bench.restart() == [1]
    assert len({body.ciphertext_sha256 for body in bench.told(ClipSealed)}) == 1


def test_a_disk_that_fails_in_the_middle_leaves_a_playable_clip_and_a_line(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.play(until(scene(22), 8.0))
    real = os.fdatasync
    times = iter([True])

    def fail_once(descriptor: int) -> None:
        if next(times, False):
            raise OSError(5, "Input/output error")
        real(descriptor)

    monkeypatch.setattr(os, "fdatasync", fail_once)
    bench.play(item for item in until(scene(80), 30) if item.at_us >= 8_000_000)
    assert bench.statement(1).state == "interrupted"
    assert [gap.reason for gap in bench.told(Gap)] == ["disk"]
    assert [condition.kind for condition in bench.recorder.conditions()] == ["disk"]
    bench.play(item for item in scene(80) if item.at_us >= 30_000_000)
    assert bench.recorder.conditions() == ()


def test_a_ring_on_a_disk_that_takes_nothing_more_still_leaves_a_word(household: Household) -> None:
    bench = Bench(household, "retention: {free_bytes: 1000000000000}")
    bench.play(scene(22))
    assert bench.clips() == [1]
    statement = bench.statement(1)
    assert (statement.state, statement.ciphertext_bytes) == ("unrecorded", 0)
    assert statement.thumbnail.startswith(b"\xff\xd8")
    assert [body.state for body in bench.told(ClipSealed)] == ["unrecorded"]
    assert bench.spool.open_clip(1) is None
    assert [condition.kind for condition in bench.recorder.conditions()] == ["disk"]


def test_old_clips_give_way_with_a_line_each(household: Household) -> None:
    bench = Bench(household, "retention: {free_bytes: 8000000, keep_at_least_hours: 0, keep_at_most_days: 1}")
    bench.play(until(scene(22), 19))
    household.clock.pass_s(1800)
    bench.play(item for item in scene(22) if item.at_us >= 19_000_000)
    household.clock.pass_s(10 * 86_400)
    later: list[Captured] = [Pressed(30_000_000)]
    bench.play(later)
    bench.recorder.stop()
    assert [body.clip for body in bench.told(ClipDeleted)] == [1]
    assert 1 not in bench.clips()


def test_a_lost_camera_finishes_the_clip_and_the_gap_is_told(bench: Bench) -> None:
    bench.play(until(scene(22), 8.0))
    bench.recorder.camera_lost()
    assert bench.statement(1).state == "sealed"
    household_clock = bench.household.clock
    household_clock.pass_s(60)
    bench.play(until(scene(22), 2.0))
    begins, ends = bench.told(Gap)
    assert (begins.reason, ends.reason) == ("camera", "camera")
    assert begins.at_utc == begins.from_utc == ends.from_utc, (
        "told at once: a power cut must not take it along"
    )
    assert (ends.at_utc - ends.from_utc).total_seconds() == 60


def test_dropped_pictures_are_told_as_an_overload(bench: Bench) -> None:
    bench.recorder.overloaded()
    bench.play(until(scene(22), 1.0))
    assert [gap.reason for gap in bench.told(Gap)] == ["overload"]


def test_a_ring_before_the_first_keyframe_still_leaves_a_word(bench: Bench) -> None:
    bench.play([Pressed(0)])
    assert bench.statement(1).state == "unrecorded"


def test_a_ring_after_the_disk_has_room_again_is_recorded_although_a_clip_could_not_begin_before(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr(bench.spool, "free_bytes", lambda: 0)
        bench.play(until(scene(22), 5.0))  # the visitor is there since 3.0 s, and no clip can begin
    assert bench.clips() == []
    bench.play(item for item in scene(22) if item.at_us >= 5_000_000)
    assert bench.clips() == [1]
    assert bench.statement(1).state == "sealed"
    assert bench.statement(1).triggers[0].kind == "ring"

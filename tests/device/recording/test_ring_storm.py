"""Whoever leans on the bell: each ring counts, and none of them costs anybody the recording or the day's list."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from device.camera.protocol import Luma, Pressed
from device.config import parse
from device.contract.settings import Settings
from device.disk.spool import EVENT, Spool
from device.ledger import Ledger
from device.recording.recorder import Recorder
from device.recording.running_clip import MOST_RINGS
from device.recording.words import Words
from device.trust.lines import EpochBegun, Line
from device.trust.signed import Context, verify
from device.trust.statement import MAX_EVENT_BYTES, Statement
from provisioning.house.history import History
from tests.support.film import VIDEO, scene
from tests.support.household import Household


def statement_of(household: Household, ledger: Ledger, event: bytes) -> Statement:
    """Return what the card reads in an event."""
    history = History(household.card.open)
    for raw in ledger.lines(0, 1 << 30)[0]:
        line = msgspec.json.decode(raw, type=Line)
        if isinstance(line.public, EpochBegun):
            history.learn_epoch(ledger.epoch_file(line.public.epoch) or b"")
    public = household.device.public_key().public_bytes_raw()
    return verify(public, Context.STATEMENT, history.open_event(event), Statement)


def test_whoever_leans_on_the_bell_is_counted_and_the_event_still_fits_into_an_answer(
    household: Household,
) -> None:
    """Eleven hundred rings in one clip, each told, made an event that ended the device whenever its day was listed."""
    ledger, spool = Ledger(household.state, household.device, household.clock), Spool(household.state)
    config = parse("retention: {free_bytes: 8000000}", "test")
    recorder = Recorder(config, VIDEO, spool, ledger, household.clock)
    rings = 0
    for item in scene(12):
        recorder.take(item)
        if isinstance(item, Luma) and item.at_us > 4_000_000:
            for _ in range(12):
                recorder.take(Pressed(item.at_us))
            rings += 12
    recorder.stop()
    (clip,) = spool.clips("2026-11-23")
    event = spool.sealed(clip, EVENT) or b""
    said = statement_of(household, ledger, event)
    told = [trigger for trigger in said.triggers if trigger.kind == "ring"]
    assert len(told) == MOST_RINGS
    # The visitor of the scene rings once.
    assert len(told) + said.more_rings == rings + 1 > 1_150
    assert len(event) <= MAX_EVENT_BYTES


def test_whoever_leans_on_the_bell_where_nothing_is_filmed_leaves_a_word_in_ten_seconds_and_each_ring_counts(
    household: Household,
) -> None:
    ledger, spool = Ledger(household.state, household.device, household.clock), Spool(household.state)
    config = parse("retention: {free_bytes: 8000000}", "test")
    recorder = Recorder(config, VIDEO, spool, ledger, household.clock, Settings(privacy=True))
    rings = 0
    for item in scene(12):
        recorder.take(item)
        if isinstance(item, Luma) and item.at_us > 1_000_000:
            recorder.take(Pressed(item.at_us))
            rings += 1
    recorder.stop()
    clips = spool.clips("2026-11-23")
    said = [statement_of(household, ledger, spool.sealed(clip, EVENT) or b"") for clip in clips]
    assert 2 <= len(clips) <= 3
    assert sum(1 + one.more_rings for one in said) == rings + 1 > 150, "the visitor of the scene rings once"
    assert said[0].more_rings == 0, "the first has its word at once"


@given(st.lists(st.integers(-3_000_000, 30_000_000), max_size=50))
def test_no_ring_is_lost_whatever_the_cameras_time_does(steps_us: list[int]) -> None:
    words, now_us, told = Words(), 0, 0
    for step_us in steps_us:
        now_us += step_us
        told += words.ring(now_us)
    assert told + words.rest() == len(steps_us)

"""The daily self-test goes the whole way, is no visit, keeps nothing on the card, and stands back for whatever is real."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from device.contract import commands, replies
from device.disk.spool import Spool
from device.health import self_test
from device.health.checkup import PIECE_BYTES, Checkup
from device.health.daily import AGAIN_S, CALM_S, FAILED_S, FIRST_S, LATE_US, Daily
from device.health.self_test import DIRECTORY, GaveUp, Made, SelfTestFailed, run
from device.recording.recorder import Recorder
from device.sealing.age_reader import open_bytes
from device.sealing.sframe import Opener
from device.trust.condition import Condition
from device.trust.report import (
    MAX_FINDINGS,
    MOST_SAID,
    REPORT_METADATA,
    SIZE_BYTES,
    Finding,
    Report,
    decode_report,
    encode_report,
    shortened,
)
from provisioning.house.house import House
from tests.support.door import Door
from tests.support.household import Household, TestReader

MADE = Made(b"sealed" * 10_000, hashlib.sha256(b"film").digest())


@pytest.fixture
def door(household: Household) -> Door:
    return Door(household)


@pytest.fixture
def phone(door: Door) -> TestReader:
    return door.join()


def tried(door: Door, breathe: Callable[[], bool] = lambda: False) -> Made:
    return run(door.household.state, door.ledger, door.household.clock, breathe)


def below(state: Path) -> dict[str, int]:
    return {str(path.relative_to(state)): path.stat().st_size for path in state.rglob("*") if path.is_file()}


def test_a_drawn_visitor_becomes_a_sealed_film_that_a_reader_opens_and_that_plays(
    door: Door, phone: TestReader
) -> None:
    made = tried(door)
    film = open_bytes(made.film, [phone.open])
    assert hashlib.sha256(film).digest() == made.sha256
    with av.open(io.BytesIO(film)) as container:
        pictures = list(container.decode(video=0))
    assert len(pictures) > 15
    assert (pictures[0].width, pictures[0].height) == (320, 180)


def test_it_is_no_visit_no_clip_and_no_line_and_nothing_of_it_stays_on_the_card(door: Door) -> None:
    lines, files, clips = len(door.ledger.chain), below(door.household.state), door.spool.next_clip
    made = tried(door)
    assert len(made.film) < self_test.MAX_FILM_BYTES
    assert len(door.ledger.chain) == lines
    assert below(door.household.state) == files
    assert (door.spool.days(), door.spool.next_clip) == ([], clips)


def test_what_a_power_cut_left_of_one_is_gone_after_the_next(door: Door) -> None:
    left = door.household.state / DIRECTORY / "spool" / "recording" / "000001"
    left.mkdir(parents=True)
    (left / "clip.mp4.age").write_bytes(b"half")
    tried(door)
    assert not (door.household.state / DIRECTORY).exists()


def test_it_gives_up_at_once_when_something_real_comes_and_cleans_up(door: Door) -> None:
    breaths = 0

    def breathe() -> bool:
        nonlocal breaths
        breaths += 1
        return breaths > 30

    with pytest.raises(GaveUp):
        tried(door, breathe)
    assert breaths == 31
    assert not (door.household.state / DIRECTORY).exists()


def test_a_decision_that_sees_nothing_fails_it(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Recorder, "_see", lambda *_: None)
    with pytest.raises(SelfTestFailed, match="a drawn visitor was not recorded"):
        tried(door)


def test_a_card_that_gives_back_other_bytes_fails_it(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    publish = Spool.publish

    def spoil(spool: Spool, clip: int, *rest: object, **more: object) -> None:
        path = spool.unfinished_path(clip)
        path.write_bytes(path.read_bytes()[:-1] + b"?")
        publish(spool, clip, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Spool, "publish", spoil)
    with pytest.raises(SelfTestFailed, match="another film than was written"):
        tried(door)


def daily(household: Household, came: Callable[[], Made], busy: list[bool]) -> Daily:
    return Daily(household.clock, lambda _: False, lambda _: came(), lambda: bool(busy))


def test_it_waits_while_something_is_recorded_and_runs_once_a_day_after_that(household: Household) -> None:
    ran: list[Made] = []

    def came() -> Made:
        ran.append(MADE)
        return MADE

    busy = [True]
    it = daily(household, came, busy)
    assert it.finding() == Finding(
        "self-test", "unknown", "it has not passed since the start, and is due soon"
    )
    assert it.attempt() == CALM_S
    assert ran == []
    busy.clear()
    assert it.attempt() == AGAIN_S
    assert ran == [MADE]
    assert it.finding() == Finding(
        "self-test",
        "ok",
        f"it last passed at {household.clock.utc():%Y-%m-%d %H:%M} UTC; no reader has opened it yet",
    )
    assert it.conditions() == ()


def test_its_pauses_are_those_of_the_attempts_after_a_first_one(household: Household) -> None:
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return len(waited) == 3

    Daily(household.clock, wait, lambda _: MADE, lambda: False).watch()
    assert waited == [FIRST_S, AGAIN_S, AGAIN_S]


def test_something_real_in_its_midst_has_it_give_up_without_a_word_against_the_door(
    household: Household,
) -> None:
    def came() -> Made:
        raise GaveUp

    it = daily(household, came, [])
    assert it.attempt() == CALM_S
    assert it.conditions() == ()
    assert it.finding().level == "unknown"


@pytest.mark.parametrize(
    ("error", "says", "do"),
    [
        (SelfTestFailed("a drawn visitor was not recorded", hint="see why"), "a drawn visitor was not recorded", "see why"),
        (OSError(28, "No space left"), "the card refused: No space left", "look at the lines on card and room"),
        (ZeroDivisionError(), "it stumbled: ZeroDivisionError", "look into the journal"),
    ],
)  # fmt: skip  # a table
def test_one_that_fails_is_a_sentence_in_journal_doctor_and_page_until_one_passes(
    household: Household, caplog: pytest.LogCaptureFixture, error: Exception, says: str, do: str
) -> None:
    failing = [error]

    def came() -> Made:
        for one in failing:
            raise one
        return MADE

    it = daily(household, came, [])
    assert it.attempt() == FAILED_S
    since_utc = household.clock.utc()
    assert f"self-test: it failed: {says}" in caplog.messages
    assert it.finding() == Finding(
        "self-test", "fault", f"it failed: {says}; it has not passed since the start", do
    )
    assert (it.told().level, it.told().do) == ("fault", do)
    household.clock.pass_s(FAILED_S)
    it.attempt()
    assert it.conditions() == (Condition("self_test", since_utc),), "since the first one"
    failing.clear()
    it.attempt()
    assert it.conditions() == ()
    assert it.finding().level == "ok"


def test_a_door_without_a_calm_minute_for_two_days_says_so(household: Household) -> None:
    it = daily(household, lambda: MADE, [True])
    household.clock.pass_s(LATE_US / 1e6 + 1)
    assert (it.finding().level, it.finding().do) == ("warning", "see why so much is recorded")


def test_a_reader_gets_the_film_in_pieces_and_its_word_that_it_opens_counts_for_this_film_alone(
    door: Door, phone: TestReader
) -> None:
    household = door.household
    it = daily(household, lambda: MADE, [])
    door.desk._service._checkup = Checkup(
        door.ledger, household.clock, lambda: (Finding("power", "ok", "well"),), it, lambda *_: None
    )
    assert door.ask(phone, commands.AskSelfTest(0)) == replies.SelfTestPiece(from_=0, piece=b"", more=False)
    it.attempt()
    pieces, more = [], True
    while more:
        piece = door.ask(phone, commands.AskSelfTest(sum(map(len, pieces))))
        assert isinstance(piece, replies.SelfTestPiece)
        assert len(piece.piece) <= PIECE_BYTES
        pieces.append(piece.piece)
        more = piece.more
    assert b"".join(pieces) == MADE.film
    assert not told(door, phone, None).film.opened  # type: ignore[union-attr]
    assert not told(door, phone, bytes(32)).film.opened  # type: ignore[union-attr]
    report = told(door, phone, MADE.sha256)
    assert report.film is not None
    assert report.film.opened
    assert [one.subject for one in report.findings] == ["self-test", "power"]
    assert report.findings[0].says.endswith("opened by a reader")


def told(door: Door, reader: TestReader, opened: bytes | None) -> Report:
    lines = len(door.ledger.chain)
    body = door.ask(reader, commands.AskHealth(opened))
    assert isinstance(body, replies.HealthBody)
    assert body.report is not None
    assert len(door.ledger.chain) == lines
    opener = Opener()
    for epoch, key in House(door.household.state, [reader.open]).history.epoch_keys.items():
        opener.add(epoch, key)
    return decode_report(opener.open(body.report, REPORT_METADATA))


def test_a_report_is_as_long_as_any_other_whatever_it_says(household: Household) -> None:
    now_utc = household.clock.utc()
    wordy = Finding("x" * 40, "warning", "“" * 400, "\x01" * 400)
    assert len(shortened(wordy).says) == len(shortened(wordy).do) == MOST_SAID
    for findings in ((), (shortened(wordy),) * MAX_FINDINGS):
        assert len(encode_report(Report(now_utc, findings, None))) == SIZE_BYTES
    short = Report(now_utc, (Finding("power", "ok", "it holds"),), None)
    assert decode_report(encode_report(short)) == short

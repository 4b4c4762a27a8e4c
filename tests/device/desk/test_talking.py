"""Speaking at the door: who may, for how long, and what of it is heard."""

import os
from datetime import timedelta

import pytest

from device.contract import commands, replies
from device.contract.settings import Settings
from device.desk.talking import IDLE_US, LATE_US, MAX_TALK_US
from device.desk.tickets import Channel
from device.door.voice import FRAME_BYTES, FRAME_US, MAX_FRAMES
from device.sealing.errors import NotARecipientError
from device.trust.lines import PrivateBody, TalkBegan, TalkEnded
from tests.support.door import HERE, Door, Says
from tests.support.household import TestReader
from tests.support.talker import Talker, moment

THERE = Channel(1, 2)
TALK = commands.Talk(recorded=False)


def heard(door: Door) -> list[bytes]:
    """Return what waits for the loudspeaker, and take it."""
    sounds = []
    voice = door.household.voice
    assert voice is not None
    while (sound := voice.take()) is not None:
        sounds.append(sound)
    return sounds


def talks_now(door: Door) -> bool:
    """Return whether the loudspeaker is somebody's."""
    return door.household.voice is not None and door.household.voice.is_on


def lines(door: Door) -> list[PrivateBody]:
    """Return the lines that tell of talks."""
    return [body for body in door.bodies() if isinstance(body, TalkBegan | TalkEnded)]


def refusal(body: replies.ReplyBody) -> replies.Refused:
    assert isinstance(body, replies.Refused), body
    return body


def test_the_line_is_written_before_the_first_sound_and_the_end_says_how_long(
    door: Door, phone: TestReader
) -> None:
    clock = door.household.clock
    talker = Talker(phone, door.ask(phone, TALK))
    assert [type(line) for line in lines(door)] == [TalkBegan], "before a moment of it came"
    for number in range(3):
        door.desk.hear(HERE, talker.frame(number))
        clock.pass_s(FRAME_US / 1e6)
    assert heard(door) == [moment(0), moment(1), moment(2)]
    clock.now_utc -= timedelta(hours=1)
    clock.pass_s(1)
    assert door.ask(phone, commands.TalkEnd(talker.key.kid)) == replies.Noted()
    began, ended = lines(door)
    assert isinstance(began, TalkBegan)
    assert (began.reader, began.recorded) == (phone.public.sign, False)
    assert isinstance(ended, TalkEnded)
    assert (ended.reader, ended.talked_s) == (phone.public.sign, 2)
    assert not talks_now(door)


def test_a_sentence_that_was_spoken_before_is_told_as_such(door: Door, phone: TestReader) -> None:
    door.ask(phone, commands.Talk(recorded=True))
    [began] = lines(door)
    assert isinstance(began, TalkBegan)
    assert began.recorded


def test_the_key_is_for_who_asked_alone_and_another_one_each_time(
    door: Door, phone: TestReader, tablet: TestReader
) -> None:
    body = door.ask(phone, TALK)
    with pytest.raises(NotARecipientError):
        Talker(tablet, body)
    first = Talker(phone, body)
    door.ask(phone, commands.TalkEnd(first.key.kid))
    second = Talker(phone, door.ask(phone, TALK))
    assert first.frame(0)[1:] != second.frame(0)[1:]
    door.desk.hear(HERE, first.frame(0))
    assert heard(door) == [], "what was sealed for the talk before is no sound of this one"
    door.desk.hear(HERE, second.frame(0))
    assert heard(door) == [moment(0)]


def test_one_talks_at_a_time_and_the_other_is_told(door: Door, phone: TestReader, tablet: TestReader) -> None:
    talker = Talker(phone, door.ask(phone, TALK))
    assert refusal(door.ask(tablet, TALK, THERE)).code == "busy"
    door.desk.hear(THERE, talker.frame(0))
    assert heard(door) == [], "the other's channel says nothing, whatever it carries"
    door.ask(phone, commands.TalkEnd(talker.key.kid))
    Talker(tablet, door.ask(tablet, TALK, THERE))
    assert talks_now(door)


@pytest.mark.parametrize(
    "harm", ["again", "behind", "other words", "short", "long", "another place", "noise"]
)
def test_what_is_not_the_next_moment_of_this_talk_is_not_heard(
    door: Door, phone: TestReader, harm: str
) -> None:
    talker = Talker(phone, door.ask(phone, TALK))
    for number in (0, 1, 3):
        door.desk.hear(HERE, talker.frame(number))
    assert heard(door) == [moment(0), moment(1), moment(3)]
    frame = talker.frame(4)
    wrong = {
        "again": talker.frame(3),
        "behind": talker.frame(2),
        "other words": frame[:-1] + bytes([frame[-1] ^ 1]),
        "short": talker.frame(4, bytes(FRAME_BYTES - 2)),
        "long": talker.frame(4, bytes(FRAME_BYTES + 2)),
        "another place": talker.frame(4, metadata=b"doorward/v1/live\n"),
        "noise": os.urandom(len(frame)),
    }
    for hostile in (wrong[harm], b"", b"\xff"):
        door.desk.hear(HERE, hostile)
    assert heard(door) == []
    door.desk.hear(HERE, frame)
    assert heard(door) == [moment(4)], "and the talk goes on"


def test_no_moment_is_heard_at_another_time_than_it_was_spoken(door: Door, phone: TestReader) -> None:
    """A server that holds words back shall not have them said to whoever stands there later."""
    clock = door.household.clock
    talker = Talker(phone, door.ask(phone, TALK))
    ahead = LATE_US // FRAME_US + 1
    door.desk.hear(HERE, talker.frame(ahead))
    assert heard(door) == [], "it was not spoken yet"
    clock.pass_s(LATE_US / 1e6)
    door.desk.hear(HERE, talker.frame(0))
    assert heard(door) == [moment(0)], "as late as a person would wait"
    clock.pass_s(2 * FRAME_US / 1e6)
    door.desk.hear(HERE, talker.frame(1))
    assert heard(door) == []
    door.desk.hear(HERE, talker.frame(2))
    assert heard(door) == [moment(2)]


def test_a_flood_is_no_lag_the_oldest_is_lost(door: Door, phone: TestReader) -> None:
    talker = Talker(phone, door.ask(phone, TALK))
    for number in range(40):
        door.desk.hear(HERE, talker.frame(number))
    assert heard(door) == [moment(number) for number in range(40 - MAX_FRAMES, 40)]


@pytest.mark.parametrize("talks", [True, False])
def test_it_ends_by_itself(door: Door, phone: TestReader, tablet: TestReader, talks: bool) -> None:
    clock = door.household.clock
    talker = Talker(phone, door.ask(phone, TALK))
    limit_us = MAX_TALK_US if talks else IDLE_US
    passed_us = 0
    while passed_us < limit_us:
        assert talks_now(door), passed_us
        if talks:
            door.desk.hear(HERE, talker.frame(passed_us // FRAME_US))
        clock.pass_s(0.5)
        passed_us += 500_000
        door.desk.pass_time()
    assert not talks_now(door)
    assert [type(line) for line in lines(door)] == [TalkBegan, TalkEnded]
    heard(door)
    door.desk.hear(HERE, talker.frame(limit_us // FRAME_US))
    assert heard(door) == []
    Talker(tablet, door.ask(tablet, TALK, THERE))


def test_the_end_of_a_talk_that_is_over_is_not_that_of_the_next(door: Door, phone: TestReader) -> None:
    """A page whose finger was quick asks for the second before it says that the first is over."""
    first = Talker(phone, door.ask(phone, TALK))
    second = Talker(phone, door.ask(phone, TALK))
    assert door.ask(phone, commands.TalkEnd(first.key.kid)) == replies.Noted()
    door.desk.hear(HERE, second.frame(0))
    assert heard(door) == [moment(0)]
    assert [type(line) for line in lines(door)] == [TalkBegan, TalkEnded, TalkBegan]


def test_it_ends_with_the_page(door: Door, phone: TestReader) -> None:
    door.ask(phone, TALK)
    door.desk.closed(HERE)
    assert [type(line) for line in lines(door)] == [TalkBegan, TalkEnded]
    assert not talks_now(door)


def test_whoever_is_removed_is_not_heard_from_that_line_on(
    door: Door, says: Says, phone: TestReader, tablet: TestReader
) -> None:
    talker = Talker(phone, door.ask(phone, TALK))
    door.change(tablet, says.removed(tablet, phone), THERE)
    door.desk.hear(HERE, talker.frame(0))
    assert heard(door) == []
    assert not talks_now(door)
    assert [type(line) for line in lines(door)] == [TalkBegan, TalkEnded]


def test_who_may_not_speak_is_told_so_and_falls_silent_at_once(
    door: Door, phone: TestReader, tablet: TestReader
) -> None:
    talker = Talker(phone, door.ask(phone, TALK))
    silent = Settings(silent=(phone.public.sign,))
    assert door.ask(tablet, commands.Set(silent), THERE) == replies.Noted()
    door.desk.hear(HERE, talker.frame(0))
    assert heard(door) == []
    assert not talks_now(door)
    body = refusal(door.ask(phone, TALK))
    assert (body.code, "household wants you not to speak" in body.sentence) == ("not_allowed", True)
    assert isinstance(door.ask(tablet, TALK, THERE), replies.TalkBegan)


def test_nobody_gives_back_to_themselves_what_others_took(
    door: Door, phone: TestReader, tablet: TestReader
) -> None:
    silent = Settings(silent=(phone.public.sign,))
    assert "for the others to say" in refusal(door.ask(phone, commands.Set(silent))).sentence
    door.ask(tablet, commands.Set(silent))
    assert "for the others to say" in refusal(door.ask(phone, commands.Set(Settings()))).sentence
    assert door.ask(tablet, commands.Set(Settings())) == replies.Noted()


def test_who_may_speak_is_set_by_itself_so_that_every_line_is_as_long(
    door: Door, phone: TestReader, tablet: TestReader
) -> None:
    both = Settings(privacy=True, silent=(phone.public.sign,))
    assert "set by itself" in refusal(door.ask(tablet, commands.Set(both))).sentence


def test_a_loudspeaker_that_fails_ends_the_talk_and_says_why(door: Door, phone: TestReader) -> None:
    door.ask(phone, TALK)
    assert door.household.voice is not None
    door.household.voice.trouble = "nobody was heard: no such card"
    door.desk.pass_time()
    assert [type(line) for line in lines(door)] == [TalkBegan, TalkEnded]
    body = refusal(door.ask(phone, TALK))
    assert (body.code, "no such card" in body.sentence) == ("not_ready", True)


def test_a_door_without_a_loudspeaker_says_so_and_hears_nothing(door: Door, phone: TestReader) -> None:
    door.household.voice = None
    door.restart()
    assert door.ask(phone, commands.Watch()) == replies.Watching(speaks=False, listens=False)
    body = refusal(door.ask(phone, TALK))
    assert (body.code, body.sentence) == ("not_allowed", "the door has no loudspeaker")
    door.desk.hear(HERE, b"whatever")
    door.desk.pass_time()


def test_a_door_with_one_says_so_to_whoever_follows(door: Door, phone: TestReader) -> None:
    assert door.ask(phone, commands.Watch()) == replies.Watching(speaks=True, listens=False)

"""The loudspeaker at work, on one whose room a test decides."""

from device.door.errors import DoorError
from device.door.protocol import Speaks
from device.door.speech import OVERDUE_US, POLL_US, RETRY_US, Speech
from device.door.voice import FRAME_BYTES, FRAME_US, MAX_FRAMES, Voice
from tests.support.mounted import Loudspeaker

SILENCE = bytes(FRAME_BYTES)


def moment(number: int) -> bytes:
    return (100 * (number + 1)).to_bytes(2, "little") * (FRAME_BYTES // 2)


class Door:
    """A voice, a loudspeaker, and what is between them; tried, as at a start."""

    def __init__(self, volume_percent: int = 100) -> None:
        self.voice, self.loudspeaker = Voice(), Loudspeaker()
        self.speech = Speech(self.voice, lambda: self.loudspeaker, volume_percent, 0)
        self.now_us = POLL_US
        self.attend()
        assert not self.speech.is_on
        self.loudspeaker.heard.clear()

    def attend(self, passed_us: int = 0) -> None:
        self.now_us += passed_us
        self.speech.attend(self.now_us)


def test_it_is_tried_with_silence_at_the_start() -> None:
    loudspeaker = Loudspeaker()
    speech = Speech(Voice(), lambda: loudspeaker, 100, 0)
    assert loudspeaker.heard == [SILENCE]
    assert speech.due_us == POLL_US
    speech.attend(POLL_US)
    assert (speech.due_us, speech.trouble, speech.is_on) == (None, "", False)


def test_a_talk_is_heard_from_its_beginning_to_its_end() -> None:
    door = Door()
    door.voice.begin()
    door.attend()
    assert door.loudspeaker.descriptor is not None
    for number in range(3):
        door.voice.add(moment(number))
        door.attend(FRAME_US)
    assert door.speech.is_on
    door.voice.add(moment(3))
    door.voice.end()
    door.attend(FRAME_US)
    assert door.loudspeaker.heard == [moment(number) for number in range(4)], "also what came with its end"
    assert door.loudspeaker.descriptor is None
    assert not door.speech.is_on


def test_where_there_is_no_room_it_waits_for_some_and_loses_the_oldest() -> None:
    door = Door()
    door.voice.begin()
    door.loudspeaker.room = 0
    for number in range(10):
        door.voice.add(moment(number))
        door.attend(FRAME_US)
    assert door.loudspeaker.heard == []
    assert door.speech.room == door.loudspeaker.descriptor
    door.loudspeaker.room = 100
    door.attend()
    kept = [0, *range(10 - MAX_FRAMES, 10)]
    assert door.loudspeaker.heard == [moment(number) for number in kept], "one was on its way already"
    assert door.speech.room is None


def test_half_the_volume_is_a_quarter_of_the_amplitude() -> None:
    door = Door(volume_percent=50)
    door.voice.begin()
    door.voice.add(moment(3))
    door.attend()
    assert door.loudspeaker.heard == [moment(0)]


def test_a_talk_that_begins_while_the_last_one_is_still_heard_begins_anew() -> None:
    door = Door()
    door.loudspeaker.ends_at_once = False
    door.voice.begin()
    door.attend()
    door.voice.end()
    door.attend()
    assert door.speech.is_on
    begun = door.loudspeaker.begun
    door.voice.begin()
    door.voice.add(moment(1))
    door.attend()
    assert (door.loudspeaker.begun, door.loudspeaker.said) == (begun + 1, moment(1))


def test_a_loudspeaker_that_never_ends_is_ended_and_told() -> None:
    door = Door()
    door.loudspeaker.ends_at_once = False
    door.voice.begin()
    door.attend()
    door.voice.end()
    door.attend()
    door.attend(OVERDUE_US)
    assert "never comes to an end" in door.speech.trouble
    assert not door.speech.is_on


def test_one_that_fails_in_the_middle_is_told_and_tried_again_in_time() -> None:
    door = Door()
    door.voice.begin()
    door.attend()
    door.loudspeaker.fault = DoorError("nobody was heard: no such card", hint="aplay -L")
    door.attend(FRAME_US)
    assert door.speech.trouble == "nobody was heard: no such card; aplay -L"
    door.voice.end()
    door.attend(RETRY_US)
    door.attend(POLL_US)
    assert door.speech.trouble, "it was tried, and failed again"
    door.loudspeaker.fault = None
    door.attend(RETRY_US)
    assert door.speech.trouble
    door.attend(POLL_US)
    assert not door.speech.trouble


def test_one_that_cannot_even_be_opened_is_opened_later() -> None:
    there: list[Loudspeaker] = []

    def opened() -> Speaks:
        if not there:
            raise DoorError("aplay is not installed", hint="install it")
        return there[0]

    voice = Voice()
    speech = Speech(voice, opened, 100, 0)
    assert speech.trouble == "aplay is not installed; install it"
    assert speech.due_us == RETRY_US
    voice.begin()
    speech.attend(FRAME_US)
    voice.end()
    there.append(Loudspeaker())
    speech.attend(RETRY_US)
    speech.attend(RETRY_US + POLL_US)
    assert not speech.trouble
    speech.close()
    assert there[0].closed


def test_a_backlog_that_stays_is_shed_and_one_that_passes_is_not() -> None:
    door = Door()
    door.voice.begin()
    door.attend()
    door.loudspeaker.room = 0
    for number in range(3):  # the way wavered: three come at once
        door.voice.add(moment(number))
    lag = []
    for number in range(3, 40):
        door.loudspeaker.room = 1
        door.voice.add(moment(number))
        door.attend(FRAME_US)
        lag.append(door.voice.waiting)
    assert lag[0] > 1
    assert lag[-1] <= 1, "one may wait"
    heard = [int.from_bytes(sound[:2], "little") // 100 - 1 for sound in door.loudspeaker.heard]
    assert heard == sorted(heard)
    assert len(heard) >= 36, "no more is left out than it takes"

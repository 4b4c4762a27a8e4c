"""The panel when somebody speaks: the chime on the same card gives way, and a loudspeaker that fails leaves the bell alone."""

from device.door.errors import DoorError
from tests.device.door.conftest import Door


def test_a_voice_is_heard_and_a_chime_on_the_same_card_gives_way(door: Door) -> None:
    door.clock.pass_s(1)
    door.attend()
    door.panel.rang()
    door.attend()
    assert door.speaker.playing
    door.voice.begin()
    door.voice.add(b"\1\0" * 640)
    door.attend()
    assert not door.speaker.playing
    assert door.loudspeaker.said == b"\1\0" * 640
    played = door.speaker.played
    door.clock.pass_s(10)
    door.panel.rang()
    door.attend()
    assert (door.speaker.played, door.relay.is_on) == (played, False), "the card is somebody's"
    door.voice.end()
    door.attend()
    door.clock.pass_s(10)
    door.panel.rang()
    door.attend()
    assert door.speaker.played == played + 1


def test_a_loudspeaker_that_fails_is_a_condition_and_the_bell_goes_on(door: Door) -> None:
    door.loudspeaker.fault = DoorError("nobody was heard: no such card")
    door.voice.begin()
    door.attend()
    assert door.kinds() == ["loudspeaker"]
    door.line.press(door.clock.monotonic_us())
    door.attend()
    assert len(door.pressed) == 1
    door.voice.end()
    door.loudspeaker.fault = None
    door.clock.pass_s(31)
    door.attend()
    door.clock.pass_s(1)
    door.attend()
    assert door.kinds() == []

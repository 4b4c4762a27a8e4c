"""Live pictures: sealed once for whoever watches, from a keyframe on, and never while nobody does or the door is private."""

import struct
from dataclasses import dataclass, field

import msgspec
import numpy as np
import pytest

from device.camera.encoder import Encoder
from device.camera.protocol import AccessUnit, VideoFormat
from device.contract import commands, replies
from device.contract.link import MAX_LIVE_BYTES
from device.desk.broadcast import (
    MAX_PICTURES,
    MAX_SOUNDS,
    METADATA,
    SOUND_METADATA,
    Broadcast,
    Pictures,
    Shown,
)
from device.desk.live import SOUND_KID
from device.desk.tickets import Channel
from device.hearing.sound import MOMENT_BYTES, MOMENT_US, Sound
from device.sealing.age_reader import open_bytes
from device.sealing.errors import NotARecipientError, SealBroken
from device.sealing.sframe import Opener
from device.sealing.sframe_header import decode_header
from tests.support.door import HERE, Door, Says
from tests.support.household import Household, TestReader

VIDEO = VideoFormat(320, 240, 25)
HEAD = struct.Struct(">BIQqIH")


@pytest.fixture
def door(household: Household) -> Door:
    return Door(household)


@pytest.fixture(scope="module")
def units() -> list[AccessUnit]:
    encoder = Encoder(VIDEO)
    return [
        encoder.encode(np.full((360, 320), 40 + i, dtype=np.uint8), 1_000_000 + i * VIDEO.frame_us)
        for i in range(60)
    ]


@dataclass
class Seen:
    """What a viewer makes of sealed pictures."""

    opener: Opener = field(default_factory=Opener)

    def learn(self, reader: TestReader, file: bytes) -> None:
        plain = msgspec.json.decode(open_bytes(file, [reader.open]), type=dict[str, object])
        kid, key = int(str(plain["kid"])), msgspec.convert(plain["key"], bytes, strict=False)
        self.opener.add(kid, key)
        self.opener.add(SOUND_KID + kid, key)

    def head(self, shown: Shown) -> tuple[int, ...]:
        return HEAD.unpack_from(self.opener.open(shown.data, METADATA))


def watch(door: Door, reader: TestReader, channel: Channel = HERE) -> Seen:
    body = door.ask(reader, commands.Live(), channel)
    assert isinstance(body, replies.LiveBegan)
    seen = Seen()
    seen.learn(reader, body.file)
    return seen


def test_nothing_is_made_while_nobody_watches(door: Door, units: list[AccessUnit]) -> None:
    broadcast = Broadcast(door.desk.live, VIDEO.frame_us, lambda: False)
    assert [broadcast.show(unit, unit.at_us) for unit in units] == [None] * len(units)


def test_nothing_is_shown_while_the_door_is_private(door: Door, units: list[AccessUnit]) -> None:
    watch(door, door.join())
    private = True
    broadcast = Broadcast(door.desk.live, VIDEO.frame_us, lambda: private)
    assert [broadcast.show(unit, unit.at_us) for unit in units[:25]] == [None] * 25
    private = False
    assert broadcast.show(units[26], 0) is None  # what follows a picture that nobody has cannot be decoded
    assert broadcast.show(units[50], 0) is not None


def test_a_stream_begins_at_a_keyframe_and_counts_every_picture(door: Door, units: list[AccessUnit]) -> None:
    seen = watch(door, door.join())
    broadcast = Broadcast(door.desk.live, VIDEO.frame_us, lambda: False)
    shown = [broadcast.show(unit, unit.at_us + 7_000) for unit in units[3:]]
    first = units[3:].index(next(unit for unit in units[3:] if unit.keyframe))
    assert shown[:first] == [None] * first
    heads = [seen.head(picture) for picture in shown[first:] if picture is not None]
    assert [head[2] for head in heads] == list(range(1, len(heads) + 1))
    assert {head[1] for head in heads} == {1}
    assert {head[4] for head in heads} == {7_000}
    assert [bool(head[0]) for head in heads] == [bool(head[5]) for head in heads]  # each keyframe brings init


def test_who_comes_or_goes_leaves_no_counter_used_twice(door: Door, units: list[AccessUnit]) -> None:
    phone, tablet = door.join(), door.join("Kitchen tablet")
    watch(door, phone)
    broadcast = Broadcast(door.desk.live, VIDEO.frame_us, lambda: False)
    used: set[tuple[int, int]] = set()
    for number, unit in enumerate(units):
        if number % 7 == 3:
            door.ask(tablet, commands.Live())
        if number % 7 == 6:
            door.ask(phone, commands.Live())
        shown = broadcast.show(unit, unit.at_us)
        if shown is not None:
            header = decode_header(shown.data)
            assert (header.kid, header.counter) not in used
            used.add((header.kid, header.counter))
    assert len(used) > 50


def test_a_picture_is_for_nobody_who_left(door: Door, units: list[AccessUnit]) -> None:
    phone = door.join()
    watch(door, phone)
    broadcast = Broadcast(door.desk.live, VIDEO.frame_us, lambda: False)
    assert broadcast.show(units[0], 0) is not None
    door.ask(phone, commands.LiveEnd())
    assert broadcast.show(units[1], 0) is None


def test_a_picture_that_is_too_large_is_left_out_with_what_follows(
    door: Door, units: list[AccessUnit]
) -> None:
    watch(door, door.join())
    broadcast = Broadcast(door.desk.live, VIDEO.frame_us, lambda: False)
    huge = AccessUnit(
        units[0].data + b"\0\0\0\1\6" + b"\1" * MAX_LIVE_BYTES, keyframe=True, at_us=units[0].at_us
    )
    assert broadcast.show(huge, 0) is None
    assert broadcast.show(units[1], 0) is None
    assert broadcast.show(units[25], 0) is not None


def test_a_clock_that_jumps_begins_another_stream(door: Door, units: list[AccessUnit]) -> None:
    seen = watch(door, door.join())
    broadcast = Broadcast(door.desk.live, VIDEO.frame_us, lambda: False)
    first, back = broadcast.show(units[25], 0), broadcast.show(units[0], 0)
    assert first is not None
    assert back is not None
    assert [seen.head(first)[1], seen.head(back)[1]] == [1, 2]


def test_pictures_that_nobody_takes_are_forgotten_up_to_a_keyframe(units: list[AccessUnit]) -> None:
    pictures = Pictures()
    for unit in [units[0], *units[1:2] * (MAX_PICTURES - 1), *units[1:5], units[50], units[51]]:
        pictures.add(unit)
    assert pictures.take() == [units[50], units[51]]
    assert pictures.take() == []


def moment(number: int) -> Sound:
    return Sound(bytes([number]) * MOMENT_BYTES, 1_000_000 + number * MOMENT_US)


def test_no_sound_leaves_while_nobody_watches_and_none_while_the_door_is_private(door: Door) -> None:
    private = False
    broadcast = Broadcast(door.desk.live, VIDEO.frame_us, lambda: private)
    assert broadcast.tell(moment(0)) is None
    phone = door.join()
    watch(door, phone)
    assert broadcast.tell(moment(1)) is not None
    private = True
    assert broadcast.tell(moment(2)) is None
    private = False
    door.ask(phone, commands.LiveEnd())
    assert broadcast.tell(moment(3)) is None


def test_sound_is_sealed_for_whoever_watches_beside_the_picture(door: Door) -> None:
    phone = door.join()
    seen = watch(door, phone)
    told = Broadcast(door.desk.live, VIDEO.frame_us, lambda: False).tell(moment(7))
    assert told is not None
    assert (told.keyframe, told.viewers) == (None, door.desk.live.viewers)
    plaintext = seen.opener.open(told.data, SOUND_METADATA)
    assert (struct.unpack_from(">q", plaintext)[0], plaintext[8:]) == (moment(7).at_us, moment(7).pcm)
    with pytest.raises(SealBroken):
        seen.opener.open(told.data, METADATA)


def test_pictures_and_sound_never_use_a_counter_twice_under_one_key(
    door: Door, units: list[AccessUnit]
) -> None:
    phone, tablet = door.join(), door.join("Kitchen tablet")
    watch(door, phone)
    broadcast = Broadcast(door.desk.live, VIDEO.frame_us, lambda: False)
    used: list[tuple[int, int]] = []
    for number, unit in enumerate(units):
        if number % 10 == 5:
            door.ask(tablet, commands.Live())
        for shown in (broadcast.show(unit, unit.at_us), broadcast.tell(moment(number % 250))):
            if shown is not None:
                header = decode_header(shown.data)
                used.append((header.kid, header.counter))
    assert len(used) == len(set(used)) > 100


def test_who_was_removed_hears_nothing_from_then_on(door: Door, household: Household) -> None:
    phone, tablet = door.join(), door.join("Kitchen tablet")
    watch(door, phone)
    there = Channel(1, 2)
    seen = watch(door, tablet, there)
    broadcast = Broadcast(door.desk.live, VIDEO.frame_us, lambda: False)
    assert door.change(phone, Says(household.door).removed(phone, tablet)) == "changed"
    told = broadcast.tell(moment(0))
    assert told is not None
    assert len(told.viewers) == 1
    with pytest.raises(NotARecipientError):
        seen.opener.open(told.data, SOUND_METADATA)


def test_sound_that_nobody_takes_gives_way_to_newer_and_to_other_settings() -> None:
    pictures = Pictures()
    for number in range(MAX_SOUNDS + 5):
        pictures.hear(moment(number))
    assert [sound.pcm[0] for sound in pictures.sounds()] == list(range(5, MAX_SOUNDS + 5))
    pictures.hear(moment(0))
    pictures.forget()
    assert pictures.sounds() == []

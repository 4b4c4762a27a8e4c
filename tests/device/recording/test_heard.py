"""A film with sound: real AAC beside a real picture, on its clock; without a microphone not a byte more than ever."""

import hashlib
import io
import os
from collections.abc import Callable
from struct import unpack_from
from typing import Any

import av
import numpy as np
import pytest

from device.camera.protocol import AccessUnit, Captured, Pressed, Turned
from device.config import parse
from device.contract.settings import Settings
from device.hearing.aac import AacEncoder
from device.hearing.errors import HearingError
from device.hearing.sound import MOMENT, MOMENT_US, PACKET, RATE, Sound
from device.recording.fmp4 import Fragmenter
from device.recording.recorder import Recorder
from device.sealing.age_reader import open_bytes
from tests.device.recording.conftest import Door
from tests.support.film import VIDEO, scene
from tests.support.household import Household

FRAME_US = 100_000


def tone(at_us: int, from_us: int) -> Sound:
    """Return a moment of silence, or of 440 Hz from a time on."""
    times = at_us + np.arange(MOMENT) * 1_000_000 // RATE
    wave = np.where(times >= from_us, 12_000 * np.sin(2 * np.pi * 440 * times / 1e6), 0)
    return Sound(wave.astype("<i2").tobytes(), at_us)


class Heard(Door):
    """A door whose microphone hears a tone from a time on."""

    def __init__(self, household: Household, from_us: int, *, has_microphone: bool = True) -> None:
        super().__init__(household, Settings())
        self.from_us = from_us
        config = parse("{retention: {free_bytes: 8000000}}", "test")
        encoder = AacEncoder if has_microphone else None
        self.recorder = Recorder(config, VIDEO, self.spool, self.ledger, household.clock, Settings(), encoder)

    def play_with_sound(self, items: Any, until_us: int = 10**12, begin_us: int = 0) -> None:
        heard_us = begin_us
        for item in items:
            while heard_us + MOMENT_US <= min(item.at_us, until_us):
                self.recorder.hear(tone(heard_us, self.from_us))
                heard_us += MOMENT_US
            self.recorder.take(item)
        self.recorder.stop()

    def film(self, clip: int = 1) -> bytes:
        opened = self.spool.open_clip(clip)
        assert opened is not None
        with os.fdopen(opened[0], "rb") as file:
            return open_bytes(file.read(), [self.household.card.open])


def sound_of(film: bytes) -> tuple[np.ndarray, Any]:
    """Return the samples of a film's sound, from its first picture on, and its stream."""
    with av.open(io.BytesIO(film)) as container:
        stream = container.streams.audio[0]
        parts = [(frame.pts, frame.to_ndarray()[0]) for frame in container.decode(stream)]
        assert [pts for pts, _ in parts] == [number * PACKET for number in range(len(parts))], (
            "without a hole"
        )
        return np.concatenate([part for _, part in parts]), stream.codec_context


def pressed_us() -> int:
    return next(item.at_us for item in scene(22) if isinstance(item, Pressed))


def test_what_is_said_at_the_ring_is_heard_at_the_ring(household: Household) -> None:
    door = Heard(household, pressed_us())
    door.play_with_sound(scene(22))
    statement = door.statement()
    assert statement.codec.endswith(",mp4a.40.2")
    samples, codec = sound_of(door.film())
    assert (codec.name, codec.profile, codec.sample_rate, codec.channels) == ("aac", "LC", RATE, 1)
    ring_ms = next(trigger.at_ms for trigger in statement.triggers if trigger.kind == "ring")
    loud = np.flatnonzero(np.abs(samples) > 0.1)
    assert abs(loud[0] * 1000 / RATE - ring_ms) < 50
    assert abs(len(samples) / RATE - statement.duration_ms / 1000) < 0.1
    assert ring_ms > 2_000, "what was heard before it is there too, and it is silence"


def test_whoever_begins_at_a_keyframe_finds_all_its_sound_behind_it(household: Household) -> None:
    door = Heard(household, 0)
    door.play_with_sound(scene(22))
    film, at, heard_s, keyframes = door.film(), 0, 0.0, 0
    while at < len(film):
        size, kind = unpack_from(">I4s", film, at)
        if kind == b"moof":
            moof = film[at : at + size]
            begin = unpack_from(">Q", moof, moof.index(b"tfdt") + 8)[0]
            if unpack_from(">I", moof, moof.index(b"tfhd") + 8)[0] == 2:
                heard_s = (begin + PACKET) / RATE
            elif not moof[moof.index(b"trun") + 24 :][1] & 1:
                keyframes += 1
                assert heard_s <= begin / 90_000, "what is heard with it would lie before it"
        at += size
    assert keyframes > 5
    assert heard_s > 5


def test_a_microphone_that_dies_keeps_no_picture_back(household: Household) -> None:
    door = Heard(household, 0)
    door.play_with_sound(scene(22), until_us=pressed_us())
    samples, _ = sound_of(door.film())
    assert abs(len(samples) / RATE - door.statement().duration_ms / 1000) < 0.1
    assert np.abs(samples[-4 * RATE :]).max() < 0.01
    assert np.abs(samples[: 2 * RATE]).max() > 0.1


def test_a_microphone_that_was_not_heard_makes_a_film_without_sound(household: Household) -> None:
    door = Heard(household, 0)
    door.play(scene(22))
    assert door.statement().codec == door.statement().codec.partition(",")[0]


def test_sound_of_another_clock_is_no_films(household: Household) -> None:
    door = Heard(household, 0)
    door.play_with_sound(scene(22), begin_us=-(10**12), until_us=-(10**12) + 10**6)
    assert "mp4a" not in door.statement().codec


def test_what_is_heard_in_private_is_in_no_film(household: Household) -> None:
    door = Heard(household, 0)
    private = Settings(privacy=True)
    items: list[Captured] = [Turned(private, 0), *(item for item in scene(5) if item.at_us < 4_000_000)]
    door.play_with_sound(items)
    assert door.recorder._recent.take(0, 10**9) == []


def test_turning_private_forgets_what_was_heard_before(household: Household) -> None:
    door = Heard(household, 0)
    door.play_with_sound([item for item in scene(5) if item.at_us < 2_000_000])
    assert door.recorder._recent.take(0, 10**9)
    door.recorder.take(Turned(Settings(privacy=True), 2_000_000))
    door.recorder.take(Turned(Settings(), 2_100_000))
    assert door.recorder._recent.take(0, 10**9) == []


def test_without_a_microphone_a_film_is_what_it_was_before_doors_could_hear() -> None:
    """Byte for byte: the hash is that of the version before."""
    sets = [
        bytes.fromhex("6742c01fda014016e9a808080a0000030002000003003d1e306540"),
        bytes.fromhex("68ce1f20"),
    ]
    film, fragmenter = b"", None
    for number in range(3):
        nals = [*(sets if number == 0 else []), b"\x65" + bytes(range(1, 50 + number))]
        unit = AccessUnit(b"".join(b"\0\0\1" + nal for nal in nals), number == 0, 5 + number * 66_666)
        if fragmenter is None:
            fragmenter = Fragmenter(unit, 66_666)
            film = fragmenter.init_segment()
        film += fragmenter.fragment(unit)
    assert (
        hashlib.sha256(film).hexdigest() == "5b769a3fd548765358e604ab8c8d29853af2806aeecd8eb1e56ac56447fe1f50"
    )


class Refusing(AacEncoder):
    """An encoder that gives up after a while."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 20

    def encode(self, pcm: bytes) -> list[bytes]:
        self.left -= 1
        if self.left < 0:
            raise HearingError("sound cannot be encoded: no")
        return super().encode(pcm)


def lacking() -> AacEncoder:
    raise HearingError("sound cannot be encoded: there is no such encoder")


@pytest.mark.parametrize("encoder", [Refusing, lacking])
def test_an_encoder_of_sound_that_fails_costs_the_sound_and_not_the_film(
    household: Household, encoder: Callable[[], AacEncoder], caplog: pytest.LogCaptureFixture
) -> None:
    door = Heard(household, 0)
    config = parse("{retention: {free_bytes: 8000000}}", "test")
    door.recorder = Recorder(config, VIDEO, door.spool, door.ledger, household.clock, Settings(), encoder)
    door.play_with_sound(scene(22))
    with av.open(io.BytesIO(door.film())) as film:
        pictures = sum(1 for _ in film.decode(video=0))
    assert pictures > 50
    assert "sound cannot be encoded" in caplog.text

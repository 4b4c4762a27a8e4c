"""The sounds: ours are what they say, and what is no sound is told in a sentence."""

import io
import wave

import numpy as np
import pytest

from device.door.errors import DoorError
from device.door.sounds import MAX_SOUND_S, RATE_HZ, SOUNDS, checked, length_s, made


def wav(samples: np.ndarray, rate_hz: int = 22_050, channels: int = 1, width: int = 2) -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(width)
        sound.setframerate(rate_hz)
        sound.writeframes(samples.tobytes())
    return written.getvalue()


def samples(data: bytes) -> np.ndarray:
    with wave.open(io.BytesIO(data)) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(float)


TONE = (8_000 * np.sin(np.arange(22_050) / 10)).astype("<i2")


@pytest.mark.parametrize("name", SOUNDS)
def test_our_sounds_are_loud_never_clipped_and_begin_and_end_in_silence(name: str) -> None:
    heard = samples(made(name, 100))
    assert 0.85 * 32_767 < np.abs(heard).max() < 32_767
    assert abs(heard[0]) < 100
    assert abs(heard[-1]) < 100
    assert 1 < length_s(made(name, 100)) < 4


def test_a_bell_sounds_its_tone() -> None:
    heard = samples(made("gong", 100))[:RATE_HZ]
    assert np.argmax(np.abs(np.fft.rfft(heard))) == pytest.approx(220, abs=1)


def test_half_the_volume_is_a_quarter_of_the_amplitude_and_none_is_silence() -> None:
    loud, soft, none = (np.abs(samples(made("bell", volume))).max() for volume in (100, 50, 0))
    assert soft == pytest.approx(loud / 4, rel=0.01)
    assert none == 0


def test_a_file_of_the_household_is_played_as_it_is() -> None:
    stereo = np.repeat(TONE, 2)
    assert np.array_equal(samples(checked("own.wav", wav(stereo, channels=2), 100)), stereo)
    assert length_s(checked("own.wav", wav(stereo, channels=2), 50)) == 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "no WAV file"),
        (b"ID3 a song", "no WAV file"),
        (wav(TONE)[:30], "no WAV file"),
        (wav(TONE.astype(np.uint8), width=1), "8 bits"),
        (wav(np.repeat(TONE, 3), channels=3), "3 channels"),
        (wav(TONE, rate_hz=96_000), "96,000 Hz"),
        (wav(TONE * 0), "nothing is to be heard"),
        (wav(TONE[:0]), "nothing is to be heard"),
        (wav(np.resize(TONE, int(22_050 * (MAX_SOUND_S + 2)))), "lasts 12 s"),
    ],
)
def test_what_is_no_sound_is_told(data: bytes, sentence: str) -> None:
    with pytest.raises(DoorError, match=sentence) as told:
        checked("/etc/doorward/own.wav", data, 100)
    assert str(told.value).startswith("/etc/doorward/own.wav: ")
    assert told.value.hint

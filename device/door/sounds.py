"""The sounds of the chime: a WAV file's bytes, computed here or read from a file, at the household's volume.

A bell is a few partials that begin together and die away, the higher the sooner. Nothing is played that was not looked at: what
is no sound, or none that every sound card takes, is a sentence at the start and no silence at the first ring.

Pure.
"""

import io
import wave
from typing import Final

import numpy as np
import numpy.typing as npt

from device.door.errors import DoorError

RATE_HZ: Final = 44_100
MAX_SOUND_BYTES: Final = 4_000_000
MAX_SOUND_S: Final = 10.0
_PARTIALS: Final = ((1.0, 1.0, 1.0), (2.0, 0.45, 1.6), (2.76, 0.25, 2.6), (5.4, 0.1, 4.5))
"""Of a struck bar: times the tone, share of its loudness, how much sooner it dies."""
SOUNDS: Final = {
    "two-tone": ((0.0, 659.26, 1.1), (0.62, 523.25, 1.6)),
    "bell": ((0.0, 880.0, 1.6), (0.18, 880.0, 1.6), (0.36, 880.0, 1.6)),
    "gong": ((0.0, 220.0, 2.8),),
}
"""For each: when a bar is struck (s), its tone (Hz), how long it is heard (s)."""

Samples = npt.NDArray[np.int16]


def made(name: str, volume_percent: int) -> bytes:
    """Return one of ``SOUNDS`` as a WAV file: mono, 16 bits."""
    strokes = SOUNDS[name]
    heard = np.zeros(round(max(begin + length for begin, _, length in strokes) * RATE_HZ))
    for begin, tone_hz, length in strokes:
        at = np.arange(round(length * RATE_HZ)) / RATE_HZ
        struck = sum(
            share * np.exp(-5 * sooner * at / length) * np.sin(2 * np.pi * tone_hz * times * at)
            for times, share, sooner in _PARTIALS
        )
        first = round(begin * RATE_HZ)
        heard[first : first + len(at)] += struck * np.minimum(1, at / 0.004)  # no click as it begins
    heard *= 0.9 / np.abs(heard).max()
    heard *= np.minimum(1, np.arange(len(heard))[::-1] / (0.05 * RATE_HZ))  # nor as it ends
    return _wav((heard * 32_767).astype(np.int16), 1, RATE_HZ, volume_percent)


def checked(name: str, data: bytes, volume_percent: int) -> bytes:
    """Return somebody's WAV file as it is played.

    Args:
        name: what errors call it.
        data: the whole file.
        volume_percent: of its own loudness.

    Raises:
        DoorError: it is no sound, or none that can be played; the sentence says why.
    """
    hint = "a WAV file of 16 bits, mono or stereo, 8,000 to 48,000 Hz; or one of: " + ", ".join(SOUNDS)
    try:
        with wave.open(io.BytesIO(data)) as sound:
            channels, width, rate_hz = sound.getnchannels(), sound.getsampwidth(), sound.getframerate()
            frames = sound.readframes(sound.getnframes())
    except (wave.Error, EOFError, ValueError) as error:
        raise DoorError(f"{name}: this is no WAV file: {error or 'it is cut off'}", hint=hint) from error
    if width != 2 or channels not in (1, 2) or not 8_000 <= rate_hz <= 48_000:
        raise DoorError(
            f"{name}: {8 * width} bits, {channels} channels, {rate_hz:,} Hz cannot be played", hint=hint
        )
    samples = np.frombuffer(frames[: len(frames) // (2 * channels) * 2 * channels], "<i2").astype(np.int16)
    if not samples.any():
        raise DoorError(f"{name}: nothing is to be heard in it", hint=hint)
    if (length_s := len(samples) / channels / rate_hz) > MAX_SOUND_S:
        raise DoorError(
            f"{name}: it lasts {length_s:.0f} s", hint=f"at most {MAX_SOUND_S:.0f} s: a chime is no concert"
        )
    return _wav(samples, channels, rate_hz, volume_percent)


def length_s(data: bytes) -> float:
    """Return how long a sound that was made or checked here is."""
    with wave.open(io.BytesIO(data)) as sound:
        frames, rate_hz = sound.getnframes(), sound.getframerate()
    return float(frames / rate_hz)


def _wav(samples: Samples, channels: int, rate_hz: int, volume_percent: int) -> bytes:
    """Return a WAV file; ears hear ratios, so half the volume is a quarter of the amplitude."""
    louder = (volume_percent / 100) ** 2
    written = io.BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(rate_hz)
        sound.writeframes((samples * louder).astype("<i2").tobytes())
    return written.getvalue()

"""Talk: from a sample at a reader's microphone to the same sample at the door's loudspeaker, with everything in between.

A real door, a real Chromium with a reader's keys, which holds the button, its own fake microphone that plays a file, and a sound
server (PulseAudio, of Debian) with a sink that plays nothing, which is the door's loudspeaker, by ALSA. The file is a chirp every
0.7 s; each is found by correlation twice: in what the page's microphone track gives, stamped as it comes, and in what the sink
plays, stamped by the quickest piece of the recording. So what the sink keeps is in it, and what a real microphone and a real
sound card add is not.

- p50, p95: delay of a chirp.
- heard: the share of chirps that were heard at the door.
"""

import argparse
import base64
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
import wave
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from playwright.sync_api import Page, sync_playwright

from bench.report import report
from provisioning.demo.demo import Options, Stage, staged
from tests.browser.conftest import ARGUMENTS, CHROMIUM, free_port, pair
from tests.support.belled import replace_device
from tests.support.sound_server import is_there, sound_server
from tests.support.voiced import LOUDSPEAKER

AIM_P95_MS: Final = 300
RATE_HZ: Final = 16_000
MICROPHONE_HZ: Final = 48_000
EVERY_S: Final = 0.7
TALKS: Final = 4
TALK_S: Final = 10
FAINT: Final = 0.25

Sound = np.ndarray[tuple[int], np.dtype[np.float64]]


# What the microphone track gives until it stops, in base64, its rate, and when its first sample was there, in ms since the epoch.
TRACK = """
  const { mediaDevices } = navigator;
  const open = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (how) => (window.heard = await open(how));
  window.recorded = async () => {
    const track = window.heard.getAudioTracks()[0].clone();
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    const pieces = [];
    let [count, begunMs, rate] = [0, Infinity, 0];
    window.stop = () => track.stop();
    for (let { value, done } = await reader.read(); !done; { value, done } = await reader.read()) {
      const nowMs = performance.timeOrigin + performance.now();
      const piece = new Float32Array(value.numberOfFrames);
      value.copyTo(piece, { planeIndex: 0, format: "f32-planar" });
      rate = value.sampleRate;
      count += piece.length;
      begunMs = Math.min(begunMs, nowMs - (count / rate) * 1000);
      pieces.push(...Int16Array.from(piece, (sample) => sample * 32767));
      value.close();
    }
    const bytes = new Uint8Array(Int16Array.from(pieces).buffer);
    let text = "";
    for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
    return [btoa(text), rate, begunMs];
  };
"""


def chirp(rate_hz: int) -> Sound:
    """Return a tenth of a second that rises as a word does."""
    at = np.arange(round(0.1 * rate_hz)) / rate_hz
    return 0.6 * np.sin(2 * np.pi * (400 * at + 12_000 * at**2)) * np.hanning(len(at))


class Ear:
    """Records a sink, with the time of each sample."""

    def __init__(self, server: str, sink: str) -> None:
        command = ["parec", f"--server={server}", f"--device={sink}.monitor", "--raw", "--format=s16le"]
        self._recording = subprocess.Popen(
            [*command, f"--rate={RATE_HZ}", "--channels=1", "--latency-msec=10"], stdout=subprocess.PIPE
        )
        self._pieces: list[bytes] = []
        self._ends: list[tuple[float, int]] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        total, pipe = 0, self._recording.stdout
        while pipe is not None and (piece := os.read(pipe.fileno(), 65_536)):
            total += len(piece)
            self._pieces.append(piece)
            self._ends.append((time.time(), total // 2))

    def close(self) -> tuple[Sound, float]:
        """Return what was heard, and when its first sample was, by the quickest piece."""
        self._recording.kill()
        self._recording.wait()
        self._thread.join()
        samples = np.frombuffer(b"".join(self._pieces), "<i2").astype(float) / 32_768
        return samples, min(at_s - count / RATE_HZ for at_s, count in self._ends)


def found(samples: Sound, rate_hz: int, begun_s: float) -> list[float]:
    """Return when each chirp was there: where samples are most like one, and more than faintly."""
    pattern = chirp(rate_hz)
    size = 1 << (len(samples) + len(pattern)).bit_length()
    spectrum = np.fft.rfft(samples, size) * np.conj(np.fft.rfft(pattern, size))
    like = np.abs(np.fft.irfft(spectrum, size)[: len(samples)])
    energy = np.convolve(samples**2, np.ones(len(pattern)))[len(pattern) - 1 :][: len(samples)]
    likeness = like / (np.sqrt(energy * np.sum(pattern**2)) + 1e-2)
    times, gap = [], round(0.4 * EVERY_S * rate_hz)
    while likeness[at := int(likeness.argmax())] > FAINT:
        times.append(begun_s + at / rate_hz)
        likeness[max(0, at - gap) : at + gap] = 0
    return sorted(times)


@contextmanager
def door(server: str) -> Iterator[Stage]:
    """Yield a running door whose loudspeaker is a sink."""
    device = f'plug:{{SLAVE={{type pulse server "{server}" device door}}}}'
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as place:
        replace_device(patch, "tests.support.voiced", {LOUDSPEAKER: device})
        with staged(Options("scene", False, Path(place) / "state", free_port())) as stage:
            yield stage


def talk(page: Page, server: str, talk_s: float) -> tuple[list[float], list[float]]:
    """Hold the button for so long, and return when chirps were said and when they were heard."""
    page.get_by_role("button", name="Hold to talk").focus()
    page.keyboard.down("Space")
    page.get_by_text("Speak now: you are heard at the door.").wait_for()
    ear = Ear(server, "door")
    page.evaluate("window.recording = window.recorded(); null")
    page.wait_for_timeout(1000 * talk_s)
    data, rate_hz, begun_ms = page.evaluate("(window.stop(), window.recording)")
    page.keyboard.up("Space")
    said = np.frombuffer(base64.b64decode(data), "<i2").astype(float) / 32_768
    samples, begun_s = ear.close()
    return found(said, round(rate_hz), begun_ms / 1000), found(samples, RATE_HZ, begun_s)


def melody(file: Path) -> None:
    """Write what the microphone hears: a chirp and silence, again and again."""
    one = chirp(MICROPHONE_HZ)
    sound = np.pad(one, (0, round(EVERY_S * MICROPHONE_HZ) - len(one)))
    with wave.open(str(file), "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(MICROPHONE_HZ)
        written.writeframes((sound * 32_767).astype("<i2").tobytes())


def delays(said: list[float], heard: list[float]) -> list[float]:
    """Return the milliseconds of each chirp that was heard before the next was said."""
    pairs = [[at - began for at in heard if 0 < at - began < EVERY_S] for began in said]
    return [1000 * min(pair) for pair in pairs if pair]


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--talks", type=int, default=TALKS)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if not is_there() or shutil.which("parec") is None:
        raise SystemExit(
            "error: there is no sound server\nhint: apt install pulseaudio pulseaudio-utils libasound2-plugins"
        )
    late: list[float] = []
    count = 0
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        melody(place / "melody.wav")
        server = stack.enter_context(sound_server(place, "door"))
        stage = stack.enter_context(door(server))
        playwright = stack.enter_context(sync_playwright())
        fake = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={place}/melody.wav"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *fake])
        page = browser.new_context(permissions=["microphone"]).new_page()
        page.add_init_script(TRACK)
        pair(page, stage, "Bench")
        page.get_by_role("button", name="Live", exact=True).click()
        page.locator(".live .sign.good").wait_for()
        talk(page, server, 2)  # the microphone is opened, and what listens to it gets used to the room
        for _ in range(arguments.talks):
            said, heard = talk(page, server, TALK_S)
            whole = said[:-2]  # the last may have been cut off
            count += len(whole)
            late += delays(whole, heard)
        browser.close()
    if len(late) < 2:
        raise SystemExit("error: hardly a chirp was heard at the door")
    figures = {
        "p50_ms": statistics.median(late),
        "p95_ms": statistics.quantiles(late, n=20)[-1],
        "heard_percent": 100 * len(late) / count,
    }
    report(
        f"microphone → loudspeaker, {count} chirps",
        {"doorward": figures},
        arguments.json,
        [f"aim: p95 within {AIM_P95_MS} ms"],
    )


if __name__ == "__main__":
    main()

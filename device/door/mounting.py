"""What doorward.yaml says under ``door``, opened: which button, which sound, which relay, which loudspeaker.

A part that cannot be opened is troubled and tried again. Only the light is not here: whoever watches needs it first.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from device.clock import Clock
from device.config import Config, Door
from device.contract.local import SelfTest, beside
from device.contract.settings import Settings
from device.disk.durable import read_file
from device.door.errors import DoorError
from device.door.line import Wiring, open_input, open_output
from device.door.loudspeaker import Loudspeaker
from device.door.panel import Panel
from device.door.player import Player
from device.door.protocol import InputLine, OutputLine, Plays
from device.door.push import Push
from device.door.sounder import Sounder
from device.door.sounds import MAX_SOUND_BYTES, SOUNDS, checked, length_s, made
from device.door.speech import Speech
from device.door.voice import Voice
from device.trust.condition import Condition

_NOT_READ: Final = "name a WAV file that the door's user may read"


def mount(
    config: Config,
    clock: Clock,
    settings: Callable[[], Settings],
    press: Callable[[int], None],
    met: Callable[[], tuple[Condition, ...]],
    voice: Voice | None,
    tested: Callable[[], SelfTest | None] = lambda: None,
) -> Panel:
    """Return the panel of a door; see ``Panel`` for what it takes. ``voice`` is what a loudspeaker plays, None without one."""
    now_us = clock.monotonic_us()
    push, sounder = push_of(config.door, now_us), sounder_of(config.door, now_us)
    speech = None if voice is None else speech_of(config.door, voice, now_us)
    panel = Panel(
        push, sounder, speech, beside(Path(config.link.socket)), clock, settings, press, met, tested
    )
    if voice is not None:
        voice.on_change(panel.wake)
    return panel


def push_of(door: Door, now_us: int) -> Push | None:
    """Return the button, if there is one."""
    if not door.button:
        return None
    wiring = Wiring(door.button_pull, door.button_pressed, door.button_debounce_ms)

    def open_line() -> InputLine:
        return open_input(door.button, wiring)

    return Push(open_line, now_us)


def sounder_of(door: Door, now_us: int) -> Sounder | None:
    """Return the chime, if there is one: a sound, a relay, or both."""

    def open_player() -> tuple[Plays, int]:
        sound = sound_of(door)
        return Player(sound, door.chime_device), round(length_s(sound) * 1e6)

    def open_relay() -> OutputLine:
        return open_output(door.relay, door.relay_on)

    if not door.chime and not door.relay:
        return None
    return Sounder(
        open_player if door.chime else None, open_relay if door.relay else None, door.relay_ms * 1000, now_us
    )


def speech_of(door: Door, voice: Voice, now_us: int) -> Speech:
    """Return the loudspeaker of a door that has one."""
    shares = bool(door.chime) and door.chime_device == door.loudspeaker
    volume_percent = door.loudspeaker_volume_percent
    return Speech(voice, lambda: Loudspeaker(door.loudspeaker), volume_percent, now_us, shares=shares)


def sound_of(door: Door) -> bytes:
    """Return the sound of the chime, as WAV, as loud as it is set.

    Raises:
        DoorError: it is a file that cannot be read, or is no such sound.
    """
    if door.chime in SOUNDS:
        return made(door.chime, door.chime_volume_percent)
    try:
        data = read_file(Path(door.chime), MAX_SOUND_BYTES)
    except OSError as error:
        raise DoorError(f"{door.chime}: cannot be read: {error.strerror}", hint=_NOT_READ) from error
    return checked(door.chime, data, door.chime_volume_percent)

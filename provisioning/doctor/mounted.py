"""What is mounted at a door, as it is seen without using it: device nodes, lines, sound cards.

Nothing is opened that the device may hold, since a second user of a camera or a line would take it away.
"""

import importlib.util
import os
import shutil
from pathlib import Path
from typing import Final

from device.config import Camera, Door
from device.door.errors import DoorError
from device.door.line import CONSUMER, holder
from device.door.mounting import sound_of
from device.door.player import PROGRAM
from device.health.parts import LEDS, Part
from device.health.sensors import ROOT, text_of
from device.hearing.microphone import PROGRAM as RECORDER

_CABLE: Final = "switch the Pi off and seat the camera's cable at both ends; then look again"
_ALSA: Final = "see which cards there are: aplay -l; a Pi 5 and a Zero have none of their own"


def camera_part(camera: Camera, root: Path = ROOT) -> Part:
    """Return the camera; ``root`` is where ``dev`` and ``sys`` lie."""
    source = camera.source
    kind, _, which = source.partition(":")
    if kind == "scene":
        return Part("camera", source, seen="the drawn doorstep, which is no camera: camera.source is scene")
    if kind == "replay":
        trouble = "" if Path(which).is_file() else f"{which} is not there"
        return Part("camera", source, trouble, "name a film in camera.source")
    if kind == "usb":
        nodes = sorted(path.name for path in root.glob("dev/video*"))
        wanted = f"video{which}"
        missing = not nodes or (which and wanted not in nodes)
        trouble = f"there is no camera {source}: {', '.join(nodes) or 'no /dev/video*'}" if missing else ""
        return Part(
            "camera",
            source,
            trouble,
            "plug it in anew, and see: ls /dev/video*",
            f"{source}, of {', '.join(nodes)}",
        )
    if importlib.util.find_spec("picamera2") is None:
        return Part("camera", source, "picamera2 is not installed", "sudo apt install python3-picamera2")
    sensors = sorted(
        {text_of(path) or "" for path in root.glob("sys/class/video4linux/v4l-subdev*/name")} - {""}
    )
    number = int(which or 0)
    # A sensor's name ends with its place on the bus; other parts have none.
    if number >= sum(" " in name for name in sensors):
        return Part("camera", source, f"the kernel knows no camera {source}", _CABLE)
    return Part("camera", source, seen=f"{source}: {', '.join(name for name in sensors if ' ' in name)}")


def button_part(door: Door, *, runs: bool) -> Part:
    """Return the button; ``runs`` says whether the device holds what it needs."""
    return Part("button", door.button, *_line(door.button, runs=runs))


def relay_part(door: Door, *, runs: bool) -> Part:
    """Return the relay, in the same way."""
    return Part("relay", door.relay, *_line(door.relay, runs=runs))


def light_part(door: Door) -> Part:
    """Return the light."""
    if not door.light:
        return Part("light", "")
    path = Path(door.light)
    trouble = "" if os.access(path, os.R_OK) else f"{path} is not there"
    return Part("light", door.light, trouble, LEDS)


def chime_part(door: Door, root: Path = ROOT) -> Part:
    """Return the chime that a sound card plays."""
    if not door.chime:
        return Part("chime", "")
    if lacking := _lacking(PROGRAM, root):
        return Part("chime", door.chime, *lacking)
    try:
        sound_of(door)
    except DoorError as error:
        return Part("chime", door.chime, str(error), error.hint)
    return Part("chime", door.chime, seen=f"{door.chime} on {door.chime_device}")


def loudspeaker_part(door: Door, root: Path = ROOT) -> Part:
    """Return the loudspeaker by which readers speak."""
    return _card_part("loudspeaker", door.loudspeaker, PROGRAM, root)


def microphone_part(door: Door, root: Path = ROOT) -> Part:
    """Return the microphone."""
    return _card_part("microphone", door.microphone, RECORDER, root)


def _card_part(name: str, device: str, program: str, root: Path) -> Part:
    return Part(name, device, *(_lacking(program, root) if device else ()))


def _lacking(program: str, root: Path) -> tuple[str, str] | tuple[()]:
    """Return what is missing for sound, and what to do; nothing if it is all there."""
    if shutil.which(program) is None:
        return f"{program} is not installed", "install it: apt install alsa-utils"
    cards = text_of(root / "proc/asound/cards")
    if not cards or "no soundcards" in cards:
        return "this computer has no sound card", _ALSA
    return ()


def _line(name: str, *, runs: bool) -> tuple[str, str, str]:
    """Return what is wrong with a line, what to do, and what was seen."""
    if not name:
        return "", "", ""
    try:
        who = holder(name)
    except DoorError as error:
        return str(error), error.hint, ""
    if who and who != CONSUMER:
        return f"{name}: another program holds this line: {who}", "end that program, or take another line", ""
    if runs and not who:
        return (
            f"{name}: the device runs and does not hold this line",
            "see why: journalctl -u doorward-device.service",
            "",
        )
    return "", "", f"{name}, held by the device" if who else f"{name} is free"

"""How what is mounted at a door is: by what the device says does not work, before what is seen without using it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from device.config import Config
from device.contract.local import Ail
from device.trust.report import Finding

_JOURNAL: Final = "see why: journalctl -u doorward-device.service"
_AILS: Final = {
    "camera": ("camera", "it gives no pictures", _JOURNAL),
    "blind": ("camera", "it sees nothing", "see whether something hangs before the lens"),
    "stuck": ("camera", "its picture does not change any more", "take the plug out and put it in again"),
    "disk": ("disk", "it does not take what is recorded", "see the lines on card and room"),
    "button": ("button", "it does not work", _JOURNAL),
    "chime": ("chime", "it does not sound", _JOURNAL),
    "loudspeaker": ("loudspeaker", "nobody can be heard by it", _JOURNAL),
    "microphone": ("microphone", "it hears nothing", _JOURNAL),
}
"""Kind of a condition → the part it belongs to, a sentence, what to do."""


LEDS: Final = "name another LED in door.light: ls /sys/class/leds"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is mounted, or not.

    Attributes:
        name: what it is, such as ``button``.
        what: what the configuration calls it; empty: none.
        trouble: a sentence on what is wrong with it; empty: nothing that is seen without using it.
        do: what helps.
        seen: what was found of it; empty if it says no more than ``what``.
    """

    name: str
    what: str
    trouble: str = ""
    do: str = ""
    seen: str = ""


def judge_part(part: Part, ails: Sequence[Ail]) -> Finding:
    """Return how a part is: by what the device says does not work, ``ails``, before what is seen from here."""
    for ail in ails:
        subject, says, do = _AILS.get(ail.kind, (ail.kind, f"it says: {ail.kind}", "see the journal"))
        if subject == part.name:
            since = f" since {ail.since_utc:%Y-%m-%d %H:%M} UTC" if ail.since_utc is not None else ""
            said, _, hint = ail.says.partition("; ")  # a trouble of the panel's, with its hint
            why = f": {said}" if said else ""
            return Finding(part.name, "fault", f"{says}{since}{why}", hint or part.do or do)
    if part.trouble:
        return Finding(part.name, "fault", part.trouble, part.do)
    if not part.what:
        return Finding(part.name, "ok", "none is set")
    return Finding(part.name, "ok", part.seen or part.what)


def judge_all(config: Config, ails: Sequence[Ail], light: str) -> Iterator[Finding]:
    """Yield how each part that a door is set to have is, by what the device says does not work; ``light`` is its trouble."""
    door = config.door
    for part in (
        Part("camera", config.camera.source, seen="it gives pictures"),
        Part("disk", config.state, seen="it takes what is recorded"),
        Part("button", door.button),
        Part("light", door.light, light, LEDS),
        Part("chime", door.chime or door.relay),
        Part("loudspeaker", door.loudspeaker),
        Part("microphone", door.microphone),
    ):
        if part.what or part.name in ("button", "chime"):
            yield judge_part(part, ails)

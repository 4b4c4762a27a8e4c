"""What the owner's computer asks of the Pi: one small text, which both ends read. Pure."""

import json
from dataclasses import asdict, dataclass
from typing import Final

FRESH: Final = ("packages", "release", "users", "door", "memory", "switch", "up", "ring", "tidy")
AGAIN: Final = ("packages", "release", "users", "door", "memory", "switch", "up", "tidy")
UPDATE: Final = ("packages", "release", "users", "memory", "switch", "up", "tidy")
SAME: Final = ("up",)
REMOVE: Final = ("remove",)


@dataclass(frozen=True, slots=True)
class Orders:
    """What is to be done.

    Attributes:
        run: names this run, so that nobody takes another one's end for its own.
        steps: in order.
        release: the name of the release.
        locked: archive of the packages that the release needs; not carried again if the release that runs has the same.
        own: archive of what is ours.
        need_bytes: room that the release takes on the card.
        packages: Debian packages that must be there.
        camera: ``camera.source`` of a new door.
        microphone: ``door.microphone`` of a new door; empty: it has no ears.
        name: the door's DNS name.
        born: SHA-256 of the new door's first line, in hex: which door it is.
        is_pi: whether kernel and swap are a Pi's.
        keep_state: when removing: whether the door itself stays.
        up_within_s: how long a release may take to come up.
    """

    run: str
    steps: tuple[str, ...]
    release: str = ""
    locked: str = ""
    own: str = ""
    need_bytes: int = 0
    packages: tuple[str, ...] = ()
    camera: str = ""
    microphone: str = ""
    name: str = ""
    born: str = ""
    is_pi: bool = False
    keep_state: bool = False
    up_within_s: float = 60.0

    def text(self) -> str:
        """Return them as ``read`` takes them."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> "Orders":
        """Return what ``text`` says."""
        told = json.loads(text)
        lists = {name: tuple(told[name]) for name in ("steps", "packages")}
        return cls(**{**told, **lists})


@dataclass(frozen=True, slots=True)
class Installed:
    """Which door lives on a Pi.

    Attributes:
        born: SHA-256 of its first line, in hex.
        name: its DNS name.
    """

    born: str
    name: str

    def text(self) -> str:
        """Return it as the look at the Pi reads it: a line each."""
        return f"born={self.born}\nname={self.name}\n"

    @classmethod
    def read(cls, text: str) -> "Installed":
        """Return what ``text`` says; empty where it says nothing."""
        told = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        return cls(told.get("born", ""), told.get("name", ""))

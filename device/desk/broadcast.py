"""What whoever watches live is shown: each picture's fragment, sealed once for all of them; and what is heard, beside it.

    access unit ──▶ fragment (as in a clip) ──▶ sealed under the live key ──▶ every viewer
    moment of sound ──▶ sealed under the same, with a KID of its own ───────▶ every viewer

Nothing is made nor sealed while nobody watches, nor while the door is private. A stream begins at a keyframe, with its init
segment; whoever comes later begins at the next one, for every keyframe brings it. What is too large, or does not fit what came
before, is left out, and so is all that follows up to a keyframe: a picture is missing, never a wrong one.

``Pictures`` is how they come from the camera's thread; the rest belongs to the link's.

Source: docs/FORMAT.md, "Live".
"""

import contextlib
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from device.camera.protocol import AccessUnit
from device.contract.link import MAX_LIVE_BYTES
from device.desk.live import Live
from device.desk.tickets import Channel
from device.hearing.sound import Sound
from device.recording.errors import StreamError
from device.recording.fmp4 import Fragmenter
from device.recording.stream_order import AHEAD_US

METADATA: Final = b"doorward/v1/live\n"
SOUND_METADATA: Final = b"doorward/v1/live sound\n"
MAX_PICTURES: Final = 64
"""About two seconds: a link that rests for longer goes on at a keyframe."""
MAX_SOUNDS: Final = 25
"""A second of them: what waits longer is late."""
UNKNOWN_US: Final = 0xFFFFFFFF
_HEAD: Final = struct.Struct(">BIQqIH")
_SOUND_HEAD: Final = struct.Struct(">q")
_SEAL_BYTES: Final = 33  # SFrame's header and tag at their longest


Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture, or one moment of sound, sealed.

    Attributes:
        keyframe: whoever has nothing yet, or lost something, can go on with it; None for sound, which stands by itself.
        data: SFrame.
        viewers: whom it is for.
    """

    keyframe: bool | None
    data: bytes
    viewers: tuple[Channel, ...]


class Pictures:
    """Access units from the camera's thread to the link's, and sound from the microphone's, bounded.

    ``add`` and ``forget`` are the camera's, ``hear`` the microphone's, the others the link's; each step on a deque is whole, so
    there is no lock. Whatever is dropped while the other takes, the next unit that is added is a keyframe.
    """

    def __init__(self) -> None:
        self._sounds: deque[Sound] = deque(maxlen=MAX_SOUNDS)
        self._units: deque[AccessUnit] = deque()
        self._is_late = False

    def add(self, unit: AccessUnit) -> None:
        """Add the newest; when nobody took the others, forget all up to a keyframe."""
        if len(self._units) >= MAX_PICTURES:
            self.forget()
        if self._is_late and not unit.keyframe:
            return
        self._is_late = False
        self._units.append(unit)

    def hear(self, sound: Sound) -> None:
        """Add the newest moment; when nobody took the others, the oldest goes."""
        self._sounds.append(sound)

    def forget(self) -> None:
        """Drop what waits, and what follows up to a keyframe: it is late, or seen under settings that count no longer."""
        self._units.clear()
        self._sounds.clear()
        self._is_late = True

    def take(self) -> list[AccessUnit]:
        """Return the units that came since the last time, oldest first."""
        return _emptied(self._units)

    def sounds(self) -> list[Sound]:
        """Return the moments that came since the last time, oldest first."""
        return _emptied(self._sounds)


class Broadcast:
    """Fragments and seals what is shown. One thread."""

    def __init__(self, live: Live, frame_us: int, is_private: Callable[[], bool]) -> None:
        """Begin; ``is_private`` says whether no picture may leave."""
        self._live = live
        self._frame_us = frame_us
        self._is_private = is_private
        self._fragments: Fragmenter | None = None
        self._last_us = 0
        self._stream = 0
        self._number = 0

    def all(self, pictures: Pictures, now_us: int) -> list[Shown]:
        """Return what the viewers get of everything that waits; see ``show`` and ``tell``."""
        shown = [self.show(unit, now_us) for unit in pictures.take()]
        shown += [self.tell(sound) for sound in pictures.sounds()]
        return [one for one in shown if one is not None]

    def show(self, unit: AccessUnit, now_us: int) -> Shown | None:
        """Return what the viewers get of a picture; None if there is none of it for anybody.

        Args:
            unit: the camera's next.
            now_us: monotonic time, of the camera's clock if it has the same.
        """
        sealer, viewers = self._live.sealer, self._live.viewers
        if sealer is None or not viewers or self._is_private():
            self._fragments = None
            return None
        if not 0 <= unit.at_us - self._last_us <= AHEAD_US:
            self._fragments = None
        made = self._made(unit)
        if made is None:
            return None
        init, fragment = made
        self._last_us = unit.at_us
        self._number += 1
        late_us = now_us - unit.at_us
        told_us = late_us if 0 <= late_us < UNKNOWN_US else UNKNOWN_US
        head = _HEAD.pack(unit.keyframe, self._stream, self._number, unit.at_us, told_us, len(init))
        plaintext = head + init + fragment
        if len(plaintext) > MAX_LIVE_BYTES - _SEAL_BYTES:
            self._fragments = None
            return None
        return Shown(unit.keyframe, sealer.seal(plaintext, METADATA), viewers)

    def tell(self, sound: Sound) -> Shown | None:
        """Return what the viewers get of a moment of sound; None if there is none of it for anybody."""
        sealer, viewers = self._live.sound_sealer, self._live.viewers
        if sealer is None or not viewers or self._is_private():
            return None
        sealed = sealer.seal(_SOUND_HEAD.pack(sound.at_us) + sound.pcm, SOUND_METADATA)
        return Shown(None, sealed, viewers)

    def _made(self, unit: AccessUnit) -> tuple[bytes, bytes] | None:
        """Return the init segment, before a keyframe's fragment alone, and the fragment."""
        if self._fragments is not None:
            try:
                fragment = self._fragments.fragment(unit)
                return self._fragments.init_segment() if unit.keyframe else b"", fragment
            except StreamError:
                self._fragments = None
        if not unit.keyframe:
            return None
        try:
            fragments = Fragmenter(unit, self._frame_us)
            init, fragment = fragments.init_segment(), fragments.fragment(unit)
        except StreamError:
            return None
        self._fragments = fragments
        self._stream += 1
        return init, fragment


def _emptied(waiting: deque[Item]) -> list[Item]:
    items = []
    with contextlib.suppress(IndexError):
        while True:
            items.append(waiting.popleft())
    return items

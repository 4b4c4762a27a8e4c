"""The self-test: a drawn visitor goes the whole way of a real one, and what came of it is read back from the card.

    drawn pictures → motion decides → x264 → pre-roll, fragments → sealed to the household → a spool of its own → read back

The very recorder does it, with a spool that lies beside the household's and a record that is thrown away: so it is no visit, no
clip and no line, nothing gives way to it, and nothing of it stays on the card. Its statement is signed with a key that is
forgotten, so that it can be taken for no clip's. What stays, in memory, is the sealed film, which the next reader opens: no
device can, as it holds no key that opens.

It is x264's way, also where the Pi's encoder works: a second stream there could take it from the door.
"""

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.camera.protocol import AccessUnit, Luma, VideoFormat
from device.clock import Clock
from device.config import Config, Recording, Retention
from device.disk.durable import erase, make_directory
from device.disk.spool import Spool
from device.errors import DeviceError
from device.ledger import Ledger
from device.recording.recorder import Recorder
from device.sight.luma import shrink
from device.trust.lines import ClipSealed, PrivateBody
from device.trust.roster import Roster
from device.trust.signed import Context, sign
from device.trust.statement import Statement

DIRECTORY: Final = "self-test"
VIDEO: Final = VideoFormat(320, 180, 5)
ENDS_US: Final = 8_000_000
"""The drawn visitor comes at 3 s, and is there until 12 s: forty pictures decide, and are film enough."""
MAX_FILM_BYTES: Final = 262_144
_CONFIG: Final = Config(
    recording=Recording(pre_roll_s=1, post_roll_s=1, max_clip_s=20, pre_roll_bytes=1_000_000),
    # A card as full as it may be is no fault of the way.
    retention=Retention(spool_bytes=50_000_000, free_bytes=8_000_000),
)


class SelfTestFailed(DeviceError, RuntimeError):
    """A part of the way does not do what it should."""


class GaveUp(Exception):
    """Something real came meanwhile, and it comes first."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a self-test made.

    Attributes:
        film: the age file.
        sha256: of the film, opened.
    """

    film: bytes
    sha256: bytes


class Aside:
    """A record that is thrown away: it takes every line and keeps none on the disk."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._key = Ed25519PrivateKey.generate()
        self.lines: list[PrivateBody] = []
        self.statement: Statement | None = None

    @property
    def roster(self) -> Roster:
        """Who belongs to the household now."""
        return self._ledger.roster

    def note(self, body: PrivateBody) -> None:
        """Take a line."""
        self.lines.append(body)

    def seal_statement(self, statement: Statement) -> bytes:
        """Take a statement, and return it under the epoch key, signed by nobody who counts."""
        self.statement = statement
        return self._ledger.seal(self.sign(Context.STATEMENT, statement), b"doorward/v1/self-test\n")

    def sign(self, context: Context, payload: msgspec.Struct) -> bytes:
        """Return a blob that is signed by nobody who counts."""
        return sign(self._key, context, payload)

    def still(self) -> AbstractContextManager[None]:
        """Wait for nobody."""
        return contextlib.nullcontext()


def run(state: Path, ledger: Ledger, clock: Clock, breathe: Callable[[], bool]) -> Made:
    """Return what a drawn visitor became.

    Args:
        state: the state directory; a directory of its own is made there, and gone at the end.
        ledger: whose household it is sealed to.
        clock: the device's.
        breathe: called before each picture; waits a moment, and returns whether something real needs the computer.

    Raises:
        SelfTestFailed: a part of the way does not do what it should.
        GaveUp: something real came.
        OSError: the disk failed.
    """
    place = state / DIRECTORY
    _clear(place)  # what a power cut left
    make_directory(place)
    try:
        aside, spool = Aside(ledger), Spool(place)
        recorder = Recorder(_CONFIG, VIDEO, spool, aside, clock)
        try:
            for luma, unit in _pictures(breathe):
                recorder.take(luma)
                recorder.take(unit)
        finally:
            recorder.stop()
        return _read_back(spool, aside)
    finally:
        _clear(place)


def _pictures(breathe: Callable[[], bool]) -> Iterator[tuple[Luma, AccessUnit]]:
    # Late, since a Pi whose own encoder works has no other use for them.
    from device.camera.encoder import Encoder
    from device.camera.scene import Scene

    scene, encoder = Scene(VIDEO, realtime=False), Encoder(VIDEO)
    for at_us in range(0, ENDS_US, VIDEO.frame_us):
        if breathe():
            raise GaveUp
        picture = scene.picture(at_us)
        yield Luma(shrink(picture), at_us), encoder.encode(picture, at_us)


def _read_back(spool: Spool, aside: Aside) -> Made:
    """Return the film as the card gives it back, if all that is said of it is so."""
    sealed = [line for line in aside.lines if isinstance(line, ClipSealed) and line.state == "sealed"]
    statement = aside.statement
    if not sealed or statement is None:
        raise SelfTestFailed(
            "a drawn visitor was not recorded", hint="see why: journalctl -u doorward-device.service"
        )
    [line] = sealed
    opened = spool.open_clip(line.clip)
    if opened is None or statement.plaintext_sha256 is None:
        raise SelfTestFailed("a drawn film is not where it was put", hint="put in another card")
    descriptor, size_bytes = opened
    with os.fdopen(descriptor, "rb") as file:
        # What is only in memory says nothing of the card.
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        film = file.read(MAX_FILM_BYTES + 1)
    if len(film) != size_bytes or hashlib.sha256(film).digest() != line.ciphertext_sha256:
        raise SelfTestFailed("the card gives back another film than was written", hint="put in another card")
    return Made(film, statement.plaintext_sha256)


def _clear(place: Path) -> None:
    if os.path.lexists(place):
        erase(place)

"""Is a clip genuine? Everything that docs/FORMAT.md asks for, in one pass over the file, for ``verify``, ``open`` and ``list``.

    ledger, event, header and the place of the keys at hand   → ``read_record``, without opening the film
    each chunk authenticates; the whole file has its hash     → ``check_film``

Source: docs/FORMAT.md, "Spool"; the table of verdicts is ``provisioning.house.verdict``.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from device.disk.spool import BEGUN, CLIP, EVENT
from device.sealing.age_reader import open_stream
from device.sealing.errors import NotARecipientError, SealBroken, SealError, Truncated
from device.sealing.header import Header, Identity, read_header
from device.sealing.stream import SEALED_CHUNK_BYTES
from device.trust.statement import Statement
from provisioning.house.facts import Facts
from provisioning.house.house import House
from provisioning.house.spoken import read_word
from provisioning.house.verdict import SOUND, Evidence, Film, Verdict, judge


class Sink(Protocol):
    """Takes a film, chunk by chunk."""

    def write(self, data: bytes, /) -> int:
        """Take a chunk."""


@dataclass(frozen=True, slots=True)
class Record:
    """A clip as the ledger, its event and its header tell it, before its film is opened.

    Attributes:
        verdict: one of ``provisioning.house.verdict``.
        reason: what does not hold; else what is special about it; else empty.
        statement: the device's, verified; None if there is none to show.
        signed: the same as the device signed it.
        has_own_film: its header is the one that the ledger saw, sealed to whom it should be: what opens behind it is the door's.
    """

    clip: int
    verdict: Verdict
    reason: str
    statement: Statement | None = None
    signed: bytes = b""
    has_own_film: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A clip as it is once its film was read.

    Attributes:
        record: what was known before.
        verdict, reason: as there.
        plaintext_bytes: how much opened, from the beginning on.
    """

    record: Record
    verdict: Verdict
    reason: str
    plaintext_bytes: int

    @property
    def is_sound(self) -> bool:
        """Whether nothing speaks against it."""
        return self.verdict in SOUND


def read_record(house: House, clip: int) -> Record:
    """Return what is known of a clip without opening its film; never raises for what the files hold."""
    if clip in house.twice:
        return Record(clip, "doubtful", "it lies in several directories, of which the door makes one")
    # Without a directory nothing is there: no path of ours lies in the one that a card was copied to.
    home = house.clips.get(clip, house.state / "absent")
    facts = house.facts.get(clip, Facts())
    event, begun = read_word(house, clip, home / EVENT), read_word(house, clip, home / BEGUN)
    film = _look_at_film(house, facts, home / CLIP)
    evidence = Evidence(
        facts=facts,
        event=event,
        begun=begun,
        film=film,
        may_run=clip in house.facts and house.facts.may_run(clip),
        sees_end=house.sees_from(facts.epoch or house.chain.epoch),
        belongs_at=house.belongs_at,
        is_afresh=house.is_running(clip) and clip > max(house.facts, default=0),
        has_keys=bool(house.identities),
    )
    verdict, reason = judge(evidence)
    shown = event.statement or begun.statement
    if event.statement is not None and event.statement.state == "interrupted" and begun.statement is not None:
        # A power cut leaves the end unknown: what was known at the beginning fills it in.
        shown = begun.statement
    return Record(
        clip, verdict, reason, shown, event.signed or begun.signed, has_own_film=film.is_begun_in(facts)
    )


def check_film(
    house: House,
    record: Record,
    sink: Sink | None = None,
    *,
    anyway: bool = False,
    progress: Callable[[int], object] = lambda _: None,
) -> Finding:
    """Return what reading the whole film finds; never raises for what the file holds.

    Args:
        house: the door, read with the identities that open.
        record: of the clip.
        sink: takes the plaintext, chunk by chunk, each authentic; None for none.
        anyway: open it even if something speaks against it before its first picture.
        progress: told how many more bytes were read.

    Raises:
        OSError: the sink could not be written.
    """
    refused = record.verdict not in SOUND and not record.has_own_film and not anyway
    try:
        home = house.clips.get(record.clip)
        file = None if refused or home is None else house.open(home / CLIP)
    except OSError:
        file = None
    if file is None or record.verdict == "unrecorded":
        return Finding(record, record.verdict, record.reason, 0)
    with file:
        is_ours = record.verdict != "locked" or anyway
        film = _read(_Hashing(file, progress), house.identities if is_ours else (), sink)
    if record.verdict not in SOUND:
        own = f"; {film.opened_bytes:,} bytes of it are the door's own" if record.has_own_film else ""
        return Finding(record, record.verdict, record.reason + own, film.opened_bytes)
    return _judge(house, record, film)


@dataclass(frozen=True, slots=True)
class _Read:
    """What one pass over a film gave."""

    ciphertext_sha256: bytes
    plaintext_sha256: bytes
    opened_bytes: int
    trouble: SealError | None


def _look_at_film(house: House, facts: Facts, path: Path) -> Film:
    try:
        file = house.open(path)
        if file is None:
            return Film("absent")
        with file:
            header = read_header(file)
            size_bytes = os.fstat(file.fileno()).st_size
            has_chunk = size_bytes - file.tell() >= SEALED_CHUNK_BYTES
    except OSError as error:
        return Film("damaged", f"cannot be read: {error.strerror}")
    except SealError as error:
        return Film("damaged", f"was changed: {error}")
    return Film("there", "", header.header_sha256, _doubt_of(house, header, facts), size_bytes, has_chunk)


def _doubt_of(house: House, header: Header, facts: Facts) -> str:
    """Return why a film is not sealed to the household of its first line, or nothing."""
    if facts.begun is None:
        return ""
    roster = house.roster_at(facts.begun.roster_seq)
    # The door's word for it is not enough: whom it left out nobody can seal to.
    if facts.begun.left_out != house.place.members(roster).left_out:
        return "it leaves out members of the household to whom it could have been sealed"
    return house.place.doubt(header, roster)


def _read(source: "_Hashing", identities: Sequence[Identity], sink: Sink | None) -> _Read:
    """Read a film to its end; without identities only its hash is taken."""
    opened_bytes, plaintext, trouble = 0, hashlib.sha256(), None
    try:
        for chunk in open_stream(source, identities) if identities else ():
            if sink is not None:
                sink.write(chunk)
            plaintext.update(chunk)
            opened_bytes += len(chunk)
        source.drain()
    except SealError as error:
        trouble = error
        source.drain()
    return _Read(source.digest, plaintext.digest(), opened_bytes, trouble)


def _judge(house: House, record: Record, film: _Read) -> Finding:
    facts, said = house.facts.get(record.clip, Facts()), record.statement
    found: tuple[Verdict, str] = record.verdict, record.reason
    promised = facts.sealed.ciphertext_sha256 if facts.sealed else None
    if promised is None and record.verdict == "recording" and said is not None:
        promised = said.ciphertext_sha256
    may_be_cut = record.verdict in ("interrupted", "recording")
    if promised is not None and film.ciphertext_sha256 != promised:
        found = "destroyed", "its film is not the one that was finished: it was changed or cut"
        if film.trouble is not None:
            found = (
                "destroyed",
                (f"{film.trouble}; {film.opened_bytes:,} bytes before that are the door's own"),
            )
    elif isinstance(film.trouble, NotARecipientError):
        found = "doubtful", str(film.trouble)
    elif film.trouble is not None and not (may_be_cut and isinstance(film.trouble, Truncated)):
        found = "destroyed", f"{film.trouble}; {film.opened_bytes:,} bytes before that are the door's own"
    elif record.verdict == "genuine" and said is not None and said.plaintext_sha256 != film.plaintext_sha256:
        found = "doubtful", "what it holds is not what the door's statement tells of"
    return Finding(record, *found, film.opened_bytes)


class _Hashing:
    """Reads a file and hashes what it reads."""

    def __init__(self, file: BinaryIO, progress: Callable[[int], object]) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()
        self._progress = progress

    def read(self, size: int, /) -> bytes:
        try:
            return self._seen(self._file.read(size))
        except OSError as error:
            raise SealBroken(f"the card gives no more of it: {error.strerror}") from error

    def readline(self, size: int, /) -> bytes:
        try:
            return self._seen(self._file.readline(size))
        except OSError as error:
            raise SealBroken(f"the card gives no more of it: {error.strerror}") from error

    def drain(self) -> None:
        """Read what is left."""
        while self.read(1 << 20):
            pass

    @property
    def digest(self) -> bytes:
        return self._sha256.digest()

    def _seen(self, data: bytes) -> bytes:
        self._sha256.update(data)
        self._progress(len(data))
        return data

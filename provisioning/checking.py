"""Is a clip genuine? Everything that docs/FORMAT.md asks for, in one pass over the file, for ``verify``, ``open`` and ``list``.

    the event opens, its statement is the device's and of this door and clip, and lists the masks that its digest stands for
    a "clip begun" line names the header's hash, and the header has one stanza a member of the household
    each chunk authenticates
    the whole file has the hash that the statement and the "clip sealed" line name

Source: docs/FORMAT.md, "Spool".
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Literal

from device.recording import masking
from device.sealing.age_reader import open_stream
from device.sealing.errors import NotARecipientError, SealError, Truncated
from device.sealing.fitness import unfit
from device.sealing.header import Identity, read_header
from device.spool import BEGUN, CLIP, EVENT
from device.trust.errors import TrustError
from device.trust.signed import Context, verify
from device.trust.statement import Statement
from provisioning.house import Facts, House

Verdict = Literal["genuine", "interrupted", "unrecorded", "recording", "locked", "doubtful"]
SOUND: Final = frozenset({"genuine", "interrupted", "unrecorded", "recording", "locked"})
_LOCKED: Final = "sealed before this key belonged to the household"


@dataclass(frozen=True, slots=True)
class Record:
    """A clip as its event and the ledger tell it, before its film is looked at.

    Attributes:
        verdict: ``locked`` if these identities joined later, ``doubtful`` if something does not hold.
        reason: what does not hold; else what is special about it; else empty.
        statement: the device's, verified; None if there is none to show.
        signed: the same as the device signed it.
    """

    clip: int
    verdict: Verdict
    reason: str
    statement: Statement | None = None
    signed: bytes = b""


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
    """Return what is known of a clip without its film; never raises for what the files hold."""
    home, facts = house.clips.get(clip), house.facts.get(clip, Facts())
    if home is None:
        return Record(
            clip, "doubtful", "the ledger knows it, the disk does not: it was removed without a line"
        )
    try:
        event = _statement(house, clip, home / EVENT)
        begun = _statement(house, clip, home / BEGUN)
    except NotARecipientError:
        return Record(clip, "locked", _LOCKED if house.identities else "no key was given")
    except (SealError, TrustError) as error:
        return Record(clip, "doubtful", f"its event does not hold: {error}")
    said, signed = event or begun or (None, b"")
    if said is None:
        if house.is_running(clip):
            return Record(clip, "recording", "it was beginning")
        return Record(clip, "doubtful", "it has no event")
    doubt = _doubt(said, facts, finished=event is not None)
    if doubt:
        return Record(clip, "doubtful", doubt, said, signed)
    if event is None:
        return Record(clip, "recording", "it is not finished: the next start finishes it", said, signed)
    if said.state == "interrupted" and begun is not None:
        # A power cut leaves the end unknown: what was known at the beginning fills it in.
        return Record(clip, "interrupted", "cut short, as the door says itself", begun[0], signed)
    verdicts: dict[str, Verdict] = {"interrupted": "interrupted", "unrecorded": "unrecorded"}
    return Record(clip, verdicts.get(said.state, "genuine"), "", said, signed)


def check_film(
    house: House,
    record: Record,
    sink: BinaryIO | None = None,
    *,
    anyway: bool = False,
    progress: Callable[[int], object] = lambda _: None,
) -> Finding:
    """Return what reading the whole film finds; never raises for what the file holds.

    Args:
        house: the door, read with the identities that open.
        record: of the clip.
        sink: takes the plaintext, chunk by chunk, each authentic; None for none.
        anyway: open it even if it is doubtful before its first picture.
        progress: told how many more bytes were read.

    Raises:
        OSError: the film could not be read, or the sink not written.
    """
    path = house.clips.get(record.clip, Path()) / CLIP
    if record.verdict == "unrecorded" or not path.is_file():
        if record.verdict in ("genuine", "interrupted"):
            return Finding(record, "doubtful", "its film is missing", 0)
        return Finding(record, record.verdict, record.reason, 0)
    with path.open("rb") as file:
        doubt = record.reason if record.verdict == "doubtful" else _doubt_before(house, record, file)
        if doubt and not anyway:
            return Finding(record, "doubtful", doubt, 0)
        file.seek(0)
        film = _read(_Hashing(file, progress), house.identities, sink)
    if doubt:
        return Finding(record, "doubtful", doubt, film.opened_bytes)
    return _judge(house, record, film)


@dataclass(frozen=True, slots=True)
class _Film:
    """What one pass over a film gave."""

    ciphertext_sha256: bytes
    plaintext_sha256: bytes
    opened_bytes: int
    trouble: SealError | None


def _read(source: "_Hashing", identities: Sequence[Identity], sink: BinaryIO | None) -> _Film:
    opened_bytes, plaintext, trouble = 0, hashlib.sha256(), None
    try:
        for chunk in open_stream(source, identities):
            if sink is not None:
                sink.write(chunk)
            plaintext.update(chunk)
            opened_bytes += len(chunk)
    except SealError as error:
        trouble = error
    while source.read(1 << 20):
        pass
    return _Film(source.digest, plaintext.digest(), opened_bytes, trouble)


def _doubt_before(house: House, record: Record, file: BinaryIO) -> str:
    """Return what speaks against a film before its first picture, from its header alone."""
    begun = house.facts.get(record.clip, Facts()).begun
    if begun is None:
        return ""
    try:
        header = read_header(file)
    except SealError as error:
        return str(error)
    if header.header_sha256 != begun.header_sha256:
        return "the ledger tells of another film under this number"
    roster = house.roster_at(begun.roster_seq)
    # The door's word for it is not enough: whom it left out nobody can seal to.
    left_out = tuple(key for key, recipient in roster.members if unfit(recipient))
    if begun.left_out != left_out:
        return "it leaves out members of the household to whom it could have been sealed"
    stanzas, members = len(header.stanzas), len(roster.members) - len(left_out)
    if stanzas != members:
        return f"it is sealed to {stanzas} keys, when the household had {members}"
    return ""


def _judge(house: House, record: Record, film: _Film) -> Finding:
    sealed, said = house.facts.get(record.clip, Facts()).sealed, record.statement
    verdict, reason, doubt = record.verdict, record.reason, ""
    if isinstance(film.trouble, NotARecipientError):
        verdict, reason = "locked", _LOCKED
    elif film.trouble is not None and not (
        verdict in ("interrupted", "recording") and isinstance(film.trouble, Truncated)
    ):
        doubt = f"{film.trouble}; {film.opened_bytes:,} bytes before that are the door's own"
    elif verdict == "genuine" and said is not None and said.plaintext_sha256 != film.plaintext_sha256:
        doubt = "what it holds is not what the door's statement tells of"
    if not doubt and sealed is not None and film.ciphertext_sha256 != sealed.ciphertext_sha256:
        doubt = "the file is not the one that the ledger tells of"
    return Finding(record, "doubtful" if doubt else verdict, doubt or reason, film.opened_bytes)


def _statement(house: House, clip: int, path: Path) -> tuple[Statement, bytes] | None:
    """Return a verified statement with the blob that carries it, or None if the file is not there."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    blob = house.history.open_event(data)
    roster = house.chain.roster
    said = verify(roster.device, Context.STATEMENT, blob, Statement)
    if (said.door, said.clip) != (roster.door, clip):
        raise TrustError(f"the statement is of another door or clip ({said.clip})")
    if not masking.fit(said):
        raise TrustError("the masks that the statement lists are not those that its digest stands for")
    return said, blob


def _doubt(said: Statement, facts: Facts, *, finished: bool) -> str:
    """Return why a verified statement and the ledger do not fit together, or nothing."""
    if said.state == "unrecorded":
        return "" if facts.sealed and facts.sealed.state == "unrecorded" else "the ledger does not know it"
    if facts.begun is None:
        return "the ledger does not know it: it may be forged"
    if facts.begun.header_sha256 != said.header_sha256:
        return "the ledger tells of another film under this number"
    if facts.stale:
        return "it is sealed for a household that was past when it began"
    if not finished:
        return ""
    if facts.sealed is None:
        return "the ledger does not know that it was finished"
    if facts.sealed.ciphertext_sha256 != said.ciphertext_sha256:
        return "the ledger tells of another end of this film"
    return ""


class _Hashing:
    """Reads a file and hashes what it reads."""

    def __init__(self, file: BinaryIO, progress: Callable[[int], object]) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()
        self._progress = progress

    def read(self, size: int, /) -> bytes:
        return self._seen(self._file.read(size))

    def readline(self, size: int, /) -> bytes:
        return self._seen(self._file.readline(size))

    @property
    def digest(self) -> bytes:
        return self._sha256.digest()

    def _seen(self, data: bytes) -> bytes:
        self._sha256.update(data)
        self._progress(len(data))
        return data

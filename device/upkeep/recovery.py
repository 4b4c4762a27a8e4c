"""What a start makes of clips that an earlier run left unfinished: playable, marked, on the ledger.

The file key is long gone, so the ciphertext stays as it is: age opens it up to the last whole chunk. What was known at
the clip's start is in ``begun``, sealed under an epoch key that the device may no longer have; it is kept beside the event.

    left behind                  becomes
    no whole header              removed: it never reached the ledger
    a header, no more            an ``unrecorded`` event: the ledger may tell of a beginning, and someone would miss it
    begun, or a whole chunk      an ``interrupted`` event; even before the first chunk, begun tells who rang and shows a picture
    an event, not yet published  published as it is, its line written again (of two lines the first counts)

The line comes before the event here: a start that is cut itself is finished by the next one, which can no longer tell
what the event says.
"""

import hashlib
import logging
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from device.clock import Clock
from device.disk.durable import open_file
from device.disk.spool import BEGUN, CLIP, EVENT, Spool
from device.ledger import Record
from device.sealing.errors import SealError
from device.sealing.header import read_header
from device.trust.lines import ClipSealed, utc
from device.trust.statement import Statement

_SEALED_CHUNK_BYTES: Final = 65_536 + 16
_Ended = Literal["sealed", "interrupted", "unrecorded"]

logger = logging.getLogger(__name__)


def recover(spool: Spool, ledger: Record, clock: Clock) -> list[int]:
    """Publish or remove every unfinished clip and return the numbers of those that were published, rising.

    One that cannot be finished stays for the next time: it holds up neither the others nor what is recorded next. Call it
    while no clip is running.

    Raises:
        OSError: the spool cannot be read.
    """
    try:
        spool.leaving.clear()
    except OSError as error:
        logger.error("cannot remove what gave way: %s", error)  # noqa: TRY400 - a sentence
    finished: list[int] = []
    for clip in spool.unfinished():
        try:
            if finish(clip, spool, ledger, utc(clock.utc())):
                finished.append(clip)
        except OSError as error:
            logger.error("cannot finish an interrupted clip: %s clip=%d", error, clip)  # noqa: TRY400 - a sentence
    return finished


def finish(clip: int, spool: Spool, ledger: Record, now_utc: datetime) -> bool:
    """Publish one unfinished clip that nobody writes any more; False means that it never began and was removed.

    Raises:
        OSError: it stays unfinished, for the next start.
    """
    files = spool.unfinished_files(clip)
    path = spool.unfinished_path(clip)
    if EVENT in files:
        _tell(ledger, now_utc, clip, "sealed" if CLIP in files else "unrecorded", path)
    elif CLIP not in files or (found := _read_beginning(path)) is None:
        spool.abandon(clip)
        return False
    elif BEGUN in files or found.has_chunk:
        film = _tell(ledger, now_utc, clip, "interrupted", path)
        statement = _statement(clip, ledger, now_utc, "interrupted", found.header_sha256, film)
        spool.write_event(clip, ledger.seal_statement(statement))
    else:
        film = _tell(ledger, now_utc, clip, "unrecorded", path)
        statement = _statement(clip, ledger, now_utc, "unrecorded", None, film)
        spool.write_event(clip, ledger.seal_statement(statement))
        path.unlink()
    spool.publish(clip, spool.begun_day(clip), keep_begun=True)
    return True


@dataclass(frozen=True, slots=True)
class _Beginning:
    """The header of an unfinished clip, and whether there is a picture behind it."""

    header_sha256: bytes
    has_chunk: bool


def _read_beginning(path: Path) -> _Beginning | None:
    """Return what a clip begins with, or None if not even its header is whole."""
    with os.fdopen(open_file(path), "rb") as file:
        try:
            header = read_header(file)
        except SealError:
            return None
        return _Beginning(
            header.header_sha256, os.fstat(file.fileno()).st_size - file.tell() >= _SEALED_CHUNK_BYTES
        )


def _tell(
    ledger: Record, now_utc: datetime, clip: int, state: _Ended, path: Path
) -> tuple[bytes | None, int]:
    """Write a clip's line and return what it says of the film: hash and size."""
    digest, size_bytes = (None, 0) if state == "unrecorded" else _digest(path)
    ledger.note(
        ClipSealed(
            at_utc=now_utc,
            clip=clip,
            ciphertext_sha256=digest,
            ciphertext_bytes=size_bytes,
            state=state,
        )
    )
    return digest, size_bytes


def _statement(
    clip: int,
    ledger: Record,
    now_utc: datetime,
    state: _Ended,
    header_sha256: bytes | None,
    film: tuple[bytes | None, int],
) -> Statement:
    return Statement(
        door=ledger.roster.door,
        clip=clip,
        state=state,
        begun_utc=now_utc,
        duration_ms=0,
        pre_roll_ms=0,
        triggers=(),
        width_px=0,
        height_px=0,
        fps=0,
        codec="",
        masks_sha256=None,
        roster_seq=ledger.roster.seq,
        header_sha256=header_sha256,
        ciphertext_sha256=film[0],
        ciphertext_bytes=film[1],
        plaintext_sha256=None,
        plaintext_bytes=0,
        thumbnail=b"",
    )


def _digest(path: Path) -> tuple[bytes, int]:
    """Return SHA-256 and size of a file, without holding it in memory."""
    with os.fdopen(open_file(path), "rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        return digest, file.tell()

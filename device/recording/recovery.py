"""What a start makes of clips that an earlier run left unfinished: playable, marked, on the ledger.

The file key is long gone, so the ciphertext stays as it is: age opens it up to the last whole chunk. What was known at
the clip's start is in ``begun``, sealed under an epoch key that the device may no longer have; it is kept beside the event.

    left behind                        becomes
    a header without one whole chunk   removed: there is no picture in it
    clip and begun                     an ``interrupted`` event
    an event, not yet published        published as it is, its line written again (two equal lines harm nothing)
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Final

from device.clock import Clock
from device.ledger import Ledger
from device.sealing.errors import SealError
from device.sealing.header import read_header
from device.spool import BEGUN, CLIP, EVENT, Spool
from device.trust.lines import ClipSealed, utc
from device.trust.statement import Statement

_SEALED_CHUNK_BYTES: Final = 65_536 + 16


def recover(spool: Spool, ledger: Ledger, clock: Clock) -> list[int]:
    """Publish or remove every unfinished clip and return the numbers of those that were published, rising.

    Call it before the first clip begins.

    Raises:
        OSError: the spool cannot be read or written.
    """
    return [clip for clip in spool.unfinished() if finish(clip, spool, ledger, utc(clock.utc()))]


def finish(clip: int, spool: Spool, ledger: Ledger, now_utc: datetime) -> bool:
    """Publish one unfinished clip that nobody writes any more; False means it held no picture and was removed.

    Raises:
        OSError: it stays unfinished, for the next start.
    """
    files = spool.unfinished_files(clip)
    if EVENT in files:
        interrupted = False
    elif CLIP in files and (header_sha256 := _header_of_playable(spool.unfinished_path(clip))) is not None:
        interrupted = True
        spool.write_event(
            clip, ledger.seal_statement(_statement(clip, spool, ledger, now_utc, header_sha256))
        )
    else:
        spool.abandon(clip)
        return False
    digest, size_bytes = _digest(spool.unfinished_path(clip)) if CLIP in files else (None, 0)
    ledger.note(
        ClipSealed(
            at_utc=now_utc,
            clip=clip,
            ciphertext_sha256=digest,
            ciphertext_bytes=size_bytes,
            state="interrupted" if interrupted else "sealed" if digest else "unrecorded",
        )
    )
    spool.publish(clip, spool.begun_day(clip), keep_begun=interrupted and BEGUN in files)
    return True


def _statement(clip: int, spool: Spool, ledger: Ledger, now_utc: datetime, header_sha256: bytes) -> Statement:
    digest, size_bytes = _digest(spool.unfinished_path(clip))
    return Statement(
        door=ledger.roster.door,
        clip=clip,
        state="interrupted",
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
        ciphertext_sha256=digest,
        ciphertext_bytes=size_bytes,
        plaintext_sha256=None,
        plaintext_bytes=0,
        thumbnail=b"",
    )


def _header_of_playable(path: Path) -> bytes | None:
    """Return the header's hash if at least one whole chunk follows it."""
    with path.open("rb") as file:
        try:
            header = read_header(file)
        except SealError:
            return None
        return header.header_sha256 if path.stat().st_size - file.tell() >= _SEALED_CHUNK_BYTES else None


def _digest(path: Path) -> tuple[bytes, int]:
    """Return SHA-256 and size of a file, without holding it in memory."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        return digest, file.tell()

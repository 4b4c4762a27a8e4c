"""A ring that could not be recorded still leaves a word: an event with a thumbnail, and a ledger line.

A full card must not turn a visitor into silence.
"""

from datetime import timedelta

from device.disk.spool import Spool
from device.ledger import Record
from device.recording.sealed_clip import Beginning
from device.trust.lines import ClipSealed, utc
from device.trust.statement import Statement, Trigger


def note_ring(spool: Spool, ledger: Record, beginning: Beginning, rings: int = 1) -> int:
    """Publish an ``unrecorded`` event for a ring, or for as many as came together, and return its number.

    Raises:
        OSError: not even that fits.
    """
    clip = spool.begin_without_clip()
    roster = ledger.roster
    statement = Statement(
        door=roster.door,
        clip=clip,
        state="unrecorded",
        begun_utc=utc(beginning.begun_utc),
        duration_ms=0,
        pre_roll_ms=0,
        triggers=(Trigger("ring", 0),),
        width_px=beginning.width_px,
        height_px=beginning.height_px,
        fps=beginning.fps,
        codec="",
        masks_sha256=beginning.masks_sha256,
        masks=beginning.masks,
        roster_seq=roster.seq,
        header_sha256=None,
        ciphertext_sha256=None,
        ciphertext_bytes=0,
        plaintext_sha256=None,
        plaintext_bytes=0,
        thumbnail=beginning.thumbnail,
        more_rings=rings - 1,
    )
    spool.write_event(clip, ledger.seal_statement(statement))
    at_utc = utc(beginning.begun_utc + timedelta(milliseconds=beginning.pre_roll_ms))
    ledger.note(
        ClipSealed(at_utc=at_utc, clip=clip, ciphertext_sha256=None, ciphertext_bytes=0, state="unrecorded")
    )
    spool.publish(clip, beginning.begun_utc.date())
    return clip

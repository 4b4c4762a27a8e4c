"""One clip on its way to the disk: sealed while it is recorded, on the ledger before it can be shown.

    header on the disk → ``clip_begun`` line → chunks, synced each second → event → ``clip_sealed`` line → published

Whatever step a power cut hits, ``device.upkeep.recovery`` finds a playable clip and says that it was cut.
"""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from device.disk.spool import Spool
from device.ledger import Record
from device.recording.masking import Masks
from device.sealing.age import AgeWriter
from device.trust.lines import ClipBegun, ClipSealed, utc
from device.trust.members import members
from device.trust.statement import State, Statement, Trigger, TriggerKind
from device.upkeep.recovery import finish

SYNC_EVERY_US: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known of a clip when it begins.

    Attributes:
        trigger: why it was made.
        begun_utc: wall time of its first frame.
        pre_roll_ms: from the first frame to the trigger.
        width_px, height_px, fps, codec: of its video.
        thumbnail: JPEG, or empty.
        zone, score_permille: where it moved, and how much.
        masks_sha256, masks: what was painted over, as ``masking`` tells it.
    """

    trigger: TriggerKind
    begun_utc: datetime
    pre_roll_ms: int
    width_px: int
    height_px: int
    fps: int
    codec: str
    thumbnail: bytes
    zone: str = ""
    score_permille: int = 0
    masks_sha256: bytes | None = None
    masks: Masks | None = ()

    @property
    def first_trigger(self) -> Trigger:
        """What began it."""
        return Trigger(self.trigger, self.pre_roll_ms, self.zone, self.score_permille)


@dataclass(frozen=True, slots=True)
class Ending:
    """What is known when it ends.

    Attributes:
        duration_ms: from the first frame to the end of the last.
        triggers: everything that happened in it.
        thumbnail: JPEG, or empty for the one from the beginning.
        at_utc: wall time.
        heat: what moved, or empty.
        more_rings: rings that are not among the triggers.
    """

    duration_ms: int
    triggers: tuple[Trigger, ...]
    thumbnail: bytes
    at_utc: datetime
    heat: bytes = b""
    more_rings: int = 0


class SealedClip:
    """A clip that is being written. One thread."""

    def __init__(self, spool: Spool, ledger: Record, beginning: Beginning) -> None:
        """Begin: when this returns, header and ledger line are durable.

        Raises:
            OSError: no clip; nothing of it is left in the spool (if the disk allows even that).
            SealError: nothing can be sealed to anybody on the roster.
        """
        self._spool = spool
        self._ledger = ledger
        self._beginning = beginning
        self._synced_us: int | None = None
        while not self._begin():
            pass  # somebody came or went meanwhile: a clip is for those who belong at its line
        try:
            spool.write_begun(self.clip, ledger.seal_statement(self._statement("recording")))
        except OSError:
            self._sink.close()
            finish(self.clip, spool, ledger, utc(beginning.begun_utc))
            raise

    def write(self, data: bytes, at_us: int) -> None:
        """Seal ``data``; at least every second of camera time what is sealed reaches the disk.

        Raises:
            OSError: the clip ends at its last whole chunk; call ``cut``.
        """
        self._writer.write(data)
        if self._synced_us is None or at_us - self._synced_us >= SYNC_EVERY_US:
            os.fdatasync(self._descriptor)
            self._synced_us = at_us

    def finish(self, ending: Ending) -> None:
        """Seal the end, write the event and the line, publish.

        Raises:
            OSError: the clip is whole up to its last chunk, and the next start publishes it.
        """
        with self._sink:
            self._writer.close()
            os.fdatasync(self._descriptor)
        self._publish(self._statement("sealed", ending), ending.at_utc)

    def cut(self, at_utc: datetime) -> None:
        """End a clip that could not be written on, as an interrupted one.

        Raises:
            OSError: it stays unfinished, for the next start.
        """
        self._writer.abandon()
        self._sink.close()
        finish(self.clip, self._spool, self._ledger, utc(at_utc))

    def _begin(self) -> bool:
        """Make header and ledger line durable for who belongs now; False if that changed, and nothing of it is left."""
        roster = self._ledger.roster
        self._roster_seq = roster.seq
        known = members(roster)
        self._left_out = known.left_out
        self.clip, self._descriptor = self._spool.begin()
        self._sink = os.fdopen(self._descriptor, "wb", buffering=0)
        is_current = False
        try:
            self._writer = AgeWriter(self._sink, known.recipients)
            os.fdatasync(self._descriptor)
            with self._ledger.still():
                if is_current := self._ledger.roster.seq == roster.seq:
                    self._begun_line()
        except OSError:
            self._sink.close()
            self._spool.abandon(self.clip)
            raise
        if not is_current:
            self._writer.abandon()
            self._sink.close()
            self._spool.abandon(self.clip)
        return is_current

    def _begun_line(self) -> None:
        self._ledger.note(
            ClipBegun(
                at_utc=utc(self._beginning.begun_utc + timedelta(milliseconds=self._beginning.pre_roll_ms)),
                clip=self.clip,
                trigger=self._beginning.trigger,
                header_sha256=self._writer.header_sha256,
                roster_seq=self._roster_seq,
                left_out=self._left_out,
            )
        )

    def _publish(self, statement: Statement, at_utc: datetime) -> None:
        self._spool.write_event(self.clip, self._ledger.seal_statement(statement))
        self._ledger.note(
            ClipSealed(
                at_utc=utc(at_utc),
                clip=self.clip,
                ciphertext_sha256=statement.ciphertext_sha256,
                ciphertext_bytes=statement.ciphertext_bytes,
                state="sealed",
            )
        )
        self._spool.publish(self.clip, self._beginning.begun_utc.date())

    def _statement(self, state: State, ending: Ending | None = None) -> Statement:
        whole = state == "sealed"
        beginning = self._beginning
        return Statement(
            door=self._ledger.roster.door,
            clip=self.clip,
            state=state,
            begun_utc=utc(beginning.begun_utc),
            duration_ms=ending.duration_ms if ending else 0,
            pre_roll_ms=beginning.pre_roll_ms,
            triggers=ending.triggers if ending else (beginning.first_trigger,),
            width_px=beginning.width_px,
            height_px=beginning.height_px,
            fps=beginning.fps,
            codec=beginning.codec,
            masks_sha256=beginning.masks_sha256,
            masks=beginning.masks,
            roster_seq=self._roster_seq,
            header_sha256=self._writer.header_sha256,
            ciphertext_sha256=self._writer.ciphertext_sha256 if whole else None,
            ciphertext_bytes=self._writer.ciphertext_bytes if ending else 0,
            plaintext_sha256=self._writer.plaintext_sha256 if whole else None,
            plaintext_bytes=self._writer.plaintext_bytes if whole else 0,
            thumbnail=(ending.thumbnail if ending else b"") or beginning.thumbnail,
            heat=ending.heat if ending else b"",
            more_rings=ending.more_rings if ending else 0,
        )

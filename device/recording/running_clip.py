"""The clip that is being recorded: its sealed file, its fragments, and what will be said of it at its end."""

from datetime import datetime

from device.camera.protocol import AccessUnit, Luma
from device.recording.fmp4 import Fragmenter
from device.recording.sealed_clip import Beginning, Ending, SealedClip
from device.recording.thumbnail import jpeg
from device.sight.heat import Heat
from device.sight.structure import Bytes2D
from device.trust.statement import Trigger, TriggerKind


class RunningClip:
    """One clip from its first fragment to its event. One thread."""

    def __init__(
        self, sealed: SealedClip, fragments: Fragmenter, beginning: Beginning, first_us: int
    ) -> None:
        self._sealed = sealed
        self._fragments = fragments
        self._first_us = first_us
        self._triggers = [beginning.first_trigger]
        self._best: tuple[float, Luma] | None = None
        self._heat = Heat()

    @property
    def clip(self) -> int:
        """Its number."""
        return self._sealed.clip

    def write(self, unit: AccessUnit) -> None:
        """Add one frame, and the init segment before the first.

        Raises:
            OSError: the clip ends at its last whole chunk; call ``cut``.
        """
        if unit.at_us == self._first_us:
            self._sealed.write(self._fragments.init_segment(), unit.at_us)
        self._sealed.write(self._fragments.fragment(unit), unit.at_us)

    def saw(self, luma: Luma, score: float, where: Bytes2D | None = None) -> None:
        """Offer a picture for the thumbnail, of which the one with the highest score is kept, and what moved in it."""
        self._heat.add(where)
        if self._best is None or score > self._best[0]:
            self._best = (score, luma)

    def note(self, kind: TriggerKind, at_us: int, zone: str, score_permille: int) -> None:
        """Add a trigger that came while the clip was running."""
        at_ms = max(0, (at_us - self._first_us) // 1000)
        self._triggers.append(Trigger(kind, at_ms, zone, score_permille))

    def finish(self, end_us: int, at_utc: datetime) -> None:
        """Seal the end and publish.

        Args:
            end_us: camera time of the first frame that is no longer in it.
            at_utc: wall time.

        Raises:
            OSError: its ciphertext is whole on the disk; the next start publishes it.
        """
        thumbnail = jpeg(self._best[1]) if self._best else b""
        duration_ms = max(0, (end_us - self._first_us) // 1000)
        heat = self._heat.picture()
        self._sealed.finish(
            Ending(duration_ms, tuple(self._triggers), thumbnail, at_utc, heat if any(heat) else b"")
        )

    def cut(self, at_utc: datetime) -> None:
        """Publish what is on the disk, as an interrupted clip.

        Raises:
            OSError: it stays unfinished, for the next start.
        """
        self._sealed.cut(at_utc)

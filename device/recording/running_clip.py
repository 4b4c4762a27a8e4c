"""The clip that is being recorded: its sealed file, its fragments, and what will be said of it at its end."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from device.camera.protocol import AccessUnit, Luma
from device.hearing.errors import HearingError
from device.hearing.sound import Sound
from device.recording.fmp4 import Fragmenter
from device.recording.sealed_clip import Beginning, Ending, SealedClip
from device.recording.soundtrack import Soundtrack
from device.recording.thumbnail import jpeg
from device.recording.trigger import Evidence, Place
from device.sight.observation import Motion
from device.trust.statement import Trigger

MOST_RINGS: Final = 32
"""Told one by one. Whoever leans on the bell is counted; a statement with each ring would fit into no answer."""

logger = logging.getLogger(__name__)


class RunningClip:
    """One clip from its first fragment to its event. One thread."""

    def __init__(
        self,
        sealed: SealedClip,
        fragments: Fragmenter,
        beginning: Beginning,
        first_us: int,
        evidence: Evidence,
        soundtrack: Soundtrack | None = None,
    ) -> None:
        """Begin; what ``evidence`` has gathered, and will, is this clip's, and so is a ``soundtrack``."""
        self._sealed = sealed
        self._fragments = fragments
        self._triggers = [beginning.first_trigger]
        self._rings = 1 if beginning.trigger == "ring" else 0
        self._evidence = evidence
        self._soundtrack = soundtrack
        self._zones = {beginning.zone} if beginning.trigger == "motion" else set()
        self.first_us = first_us

    @property
    def clip(self) -> int:
        """Its number."""
        return self._sealed.clip

    def write(self, unit: AccessUnit) -> None:
        """Add one frame, the init segment before the first, and what was heard up to it.

        Raises:
            StreamError: it cannot be part of this clip.
            OSError: the clip ends at its last whole chunk; call ``cut``.
        """
        if unit.at_us == self.first_us:
            self._sealed.write(self._fragments.init_segment(), unit.at_us)
        self._sealed.write(self._fragments.fragment(unit), unit.at_us)
        if self._soundtrack is not None:
            self._add(lambda track: track.packets(unit.at_us), unit.at_us)

    def hear(self, sound: Sound) -> None:
        """Take in one moment, if the clip has sound."""
        if self._soundtrack is not None:
            self._soundtrack.hear(sound)

    def saw(self, motion: Motion, luma: Luma) -> None:
        """Take in one picture, and what moved in it."""
        self._evidence.add(motion, luma)

    def moved(self, places: Sequence[Place], at_us: int) -> None:
        """Add a trigger for each zone in which nothing had moved in this clip: never more than there are zones."""
        for place in places:
            if place.zone not in self._zones:
                self._zones.add(place.zone)
                self._note(Trigger("motion", self._ms(at_us), place.zone, place.score_permille))

    def rang(self, at_us: int, picture: Luma | None) -> None:
        """Add a ring, whose picture is the clip's from now on."""
        self._rings += 1
        if self._rings <= MOST_RINGS:
            self._note(Trigger("ring", self._ms(at_us)))
        if picture is not None:
            self._evidence.show(picture, float("inf"))

    def finish(self, end_us: int, at_utc: datetime) -> None:
        """Seal the end and publish.

        Args:
            end_us: camera time of the first frame that is no longer in it.
            at_utc: wall time.

        Raises:
            OSError: its ciphertext is whole on the disk; the next start publishes it.
        """
        if self._soundtrack is not None:
            self._add(lambda track: track.end(end_us), end_us)
        picture = self._evidence.picture
        thumbnail = jpeg(picture) if picture is not None else b""
        heat = self._evidence.heat()
        more_rings = max(0, self._rings - MOST_RINGS)
        self._sealed.finish(
            Ending(self._ms(end_us), tuple(self._triggers), thumbnail, at_utc, heat, more_rings)
        )

    def cut(self, at_utc: datetime) -> None:
        """Publish what is on the disk, as an interrupted clip.

        Raises:
            OSError: it stays unfinished, for the next start.
        """
        self._sealed.cut(at_utc)

    def _add(self, packets: Callable[[Soundtrack], Sequence[bytes]], at_us: int) -> None:
        if self._soundtrack is None:
            return
        try:
            made = packets(self._soundtrack)
        except HearingError as error:
            # The picture goes on without it.
            logger.error("a clip's sound ends: %s", error)  # noqa: TRY400 - a sentence, not a trace
            self._soundtrack = None
            return
        for packet in made:
            self._sealed.write(self._fragments.sound(packet), at_us)

    def _note(self, trigger: Trigger) -> None:
        self._triggers.append(trigger)

    def _ms(self, at_us: int) -> int:
        return max(0, (at_us - self.first_us) // 1000)

"""Makes a clip of a trigger and the units that were kept from before it; or, for a ring without a film, leaves a word."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from device.camera.protocol import AccessUnit, VideoFormat
from device.clock import Clock
from device.contract.settings import Settings
from device.disk.spool import Spool
from device.hearing.errors import HearingError
from device.hearing.sound import Sound
from device.ledger import Record
from device.recording.errors import StreamError
from device.recording.fmp4 import Fragmenter
from device.recording.masking import told
from device.recording.policy import StartClip
from device.recording.running_clip import RunningClip
from device.recording.sealed_clip import Beginning, SealedClip
from device.recording.soundtrack import Encodes, Soundtrack
from device.recording.thumbnail import jpeg
from device.recording.trigger import Place, TriggerContext
from device.recording.unrecorded import note_ring
from device.trust.statement import TriggerKind
from device.upkeep.upkeep import Upkeep

logger = logging.getLogger(__name__)


class ClipMaker:
    """Makes clips under the household's settings. One thread."""

    def __init__(
        self,
        video: VideoFormat,
        spool: Spool,
        ledger: Record,
        clock: Clock,
        upkeep: Upkeep,
        encoder: Callable[[], Encodes] | None = None,
    ) -> None:
        """Begin; ``encoder`` begins a track of sound, None if there is no microphone."""
        self._encoder = encoder
        self._video = video
        self._spool = spool
        self._ledger = ledger
        self._clock = clock
        self._upkeep = upkeep
        self.turn(Settings())

    def turn(self, settings: Settings) -> None:
        """Make clips under other settings from now on."""
        self._privacy = settings.privacy
        self._masks, self._masks_sha256 = told(settings.masks)

    def make(
        self,
        start: StartClip,
        units: Sequence[AccessUnit],
        heard: Sequence[Sound],
        context: TriggerContext,
        now_us: int,
    ) -> RunningClip:
        """Return a clip whose header and ledger line are durable; nothing is written to it yet.

        Args:
            start: why and when it begins.
            units: what it begins with.
            heard: what there is of sound from its beginning on; it has a track if there is any.
            context: what moved.
            now_us: the camera's time, which is the wall clock's now.

        Raises:
            StreamError: there is no keyframe to begin with.
            OSError: no room, or the disk failed.
        """
        if not units:
            raise StreamError("the camera has not sent a keyframe yet")
        self._upkeep.make_room()
        first_us = units[0].at_us
        encoder = self._begun() if heard else None
        fragments = Fragmenter(units[0], self._video.frame_us, has_sound=encoder is not None)
        beginning = self._beginning(start.trigger, start.at_us, first_us, fragments.codec, context, now_us)
        sealed = SealedClip(self._spool, self._ledger, beginning)
        evidence = context.begin(start.trigger, first_us)
        soundtrack = None if encoder is None else Soundtrack(first_us, encoder, heard)
        return RunningClip(sealed, fragments, beginning, first_us, evidence, soundtrack)

    def _begun(self) -> Encodes | None:
        """Return what encodes sound; None without a microphone, and where it cannot: a film without sound is a film."""
        try:
            return None if self._encoder is None else self._encoder()
        except HearingError as error:
            logger.error("a clip without sound: %s", error)  # noqa: TRY400 - a sentence, not a trace
            return None

    def leave_word(self, at_us: int, context: TriggerContext, now_us: int, rings: int = 1) -> None:
        """Publish an event without a film for a ring, or several, if the disk allows that."""
        beginning = self._beginning("ring", at_us, at_us, "", context, now_us)
        self._upkeep.attempt(lambda: note_ring(self._spool, self._ledger, beginning, rings))

    def _beginning(
        self, kind: TriggerKind, at_us: int, first_us: int, codec: str, context: TriggerContext, now_us: int
    ) -> Beginning:
        place = context.place if kind == "motion" else Place()
        picture = None if self._privacy else context.picture(first_us)
        return Beginning(
            trigger=kind,
            begun_utc=self._clock.utc() - timedelta(microseconds=now_us - first_us),
            pre_roll_ms=max(0, (at_us - first_us) // 1000),
            width_px=self._video.width_px,
            height_px=self._video.height_px,
            fps=self._video.fps,
            codec=codec,
            thumbnail=jpeg(picture) if picture is not None else b"",
            zone=place.zone,
            score_permille=place.score_permille,
            masks_sha256=self._masks_sha256,
            masks=self._masks,
        )
